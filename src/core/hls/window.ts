/**
 * A live stream as HLS has it: segments that begin with keyframes, each of parts (RFC 8216bis 4.4.4.9). Fragments come in; what is
 * older than the window goes out.
 */
import type { Fragment, InitSegment } from '../fragments/fragment.js';

export interface HlsPart {
  readonly data: Uint8Array;
  readonly durationMs: number;
  /** A player may begin with it. */
  readonly isIndependent: boolean;
}

export interface HlsSegment {
  /** Media sequence number. */
  readonly msn: number;
  /** Number of its init segment. */
  readonly init: number;
  /** It does not go on where the last one ended, or has another init segment. */
  readonly isDiscontinuity: boolean;
  /** UTC of its beginning, ms. */
  readonly startedAtMs: number;
  /** Of its beginning, on the media timeline. */
  readonly startMs: number;
  readonly parts: readonly HlsPart[];
  readonly durationMs: number;
  /** False: parts are added yet. */
  readonly isWhole: boolean;
  /** Of all parts, which lie in it; empty before it is whole. */
  readonly data: Uint8Array;
}

export interface HlsWindowLimits {
  /** A part is no longer than this, unless a single frame is. */
  readonly partMs: number;
  /** A segment ends with the first keyframe after this, or without one where none comes for too many bytes. */
  readonly segmentMs: number;
  /** How far a player may go back. */
  readonly windowMs: number;
  readonly maxBytes: number;
}

interface OpenPart {
  readonly fragments: Uint8Array[];
  bytes: number;
  durationMs: number;
  readonly isIndependent: boolean;
}

interface OpenSegment {
  readonly msn: number;
  readonly init: number;
  readonly isDiscontinuity: boolean;
  readonly startedAtMs: number;
  readonly startMs: number;
  parts: HlsPart[];
  durationMs: number;
  isWhole: boolean;
  data: Uint8Array;
  bytes: number;
}

/** More than this between two fragments is a hole. */
const holeMs = 500;
/** At least so many whole segments stay: players begin some segments back. */
const leastSegments = 4;
/** A segment that grows without a keyframe is cut at this, or at its share of `maxBytes` where that is more. */
const segmentBytes = 8_388_608;
const nothing = new Uint8Array(0);

export class HlsWindow {
  readonly #limits: HlsWindowLimits;
  /** By their number; the last one is the newest. */
  readonly #inits = new Map<number, InitSegment>();
  #lastInit = -1;
  #segments: OpenSegment[] = [];
  #part: OpenPart | null = null;
  #nextMsn = 0;
  #endMs: number | null = null;
  #isCut = false;
  /** Of all segments that ended. */
  #longestMs = 0;
  #longestPartMs = 0;
  #discontinuities = 0;

  constructor(limits: HlsWindowLimits) {
    this.#limits = limits;
  }

  /** Oldest first; the last one may grow yet. */
  get segments(): readonly HlsSegment[] {
    return this.#segments;
  }

  get init(): InitSegment | null {
    return this.initOf(this.#lastInit);
  }

  /** EXT-X-TARGETDURATION, seconds. */
  get targetS(): number {
    return Math.max(Math.ceil(this.#limits.segmentMs / 1000), Math.round(this.#longestMs / 1000), 1);
  }

  /** PART-TARGET. */
  get partTargetMs(): number {
    return Math.max(this.#limits.partMs, this.#longestPartMs);
  }

  /** EXT-X-DISCONTINUITY-SEQUENCE. */
  get discontinuitySequence(): number {
    return this.#discontinuities;
  }

  /** Of the list, from its beginning to its end. */
  get lengthMs(): number {
    return this.#segments.reduce((total, { durationMs }) => total + durationMs, 0);
  }

  /** How far back a player may go: the oldest segment may be gone before it comes. */
  get depthMs(): number {
    const [oldest, ...others] = this.#segments;
    return this.lengthMs - (others.length > 0 ? (oldest?.durationMs ?? 0) : 0);
  }

  /** Where the media ends that has come, on its timeline; null: none has. */
  get endMs(): number | null {
    return this.#endMs;
  }

  /** Of the segment that needs most, as far as it has come; 0: none is known. */
  get peakBps(): number {
    const rates = this.#segments.map(({ bytes, durationMs }) => (durationMs === 0 ? 0 : (bytes * 8000) / durationMs));
    return Math.ceil(Math.max(0, ...rates));
  }

  /** Each segment begins with a keyframe. */
  get isIndependent(): boolean {
    return this.#segments.every(({ parts }) => parts[0]?.isIndependent !== false);
  }

  initOf(number: number): InitSegment | null {
    return this.#inits.get(number) ?? null;
  }

  /** True when a part is whole by it: who waits for one may look. */
  addInit(init: InitSegment): boolean {
    const hadPart = this.#endSegment();
    this.#lastInit += 1;
    this.#inits.set(this.#lastInit, init);
    this.#isCut = true;
    return hadPart;
  }

  /** `nowMs`: UTC. True when a part is whole by it. */
  add(fragment: Fragment, nowMs: number): boolean {
    const { track, isKeyframe, startMs, durationMs } = fragment;
    const init = this.init;
    if (init === null) return false;
    const hasVideo = init.timescales.video !== undefined;
    /** The track by which time is counted. */
    const isLead = hasVideo ? track === 'video' : true;
    const isStart = hasVideo ? isKeyframe : true;
    let isWhole = false;
    if (isLead && this.#endMs !== null && Math.abs(startMs - this.#endMs) > holeMs) this.#isCut = true;
    const isSplit = this.#openBytes() > Math.max(segmentBytes, this.#limits.maxBytes / leastSegments);
    // Audio alone, while no picture comes by which time is counted.
    if (isSplit && !isLead) return this.#endPart();
    if (isLead && (isSplit || (isStart && this.#mustCut()))) isWhole = this.#endSegment();
    if (this.#segments.at(-1)?.isWhole !== false) {
      if (!isLead || !(isStart || isSplit)) return isWhole;
      this.#begin(nowMs - durationMs, startMs);
    }
    const isLong = (this.#part?.durationMs ?? 0) + durationMs > this.#limits.partMs;
    if (isLead && this.#part !== null && isLong) isWhole = this.#endPart() || isWhole;
    this.#part ??= { fragments: [], bytes: 0, durationMs: 0, isIndependent: isStart };
    this.#part.fragments.push(fragment.data);
    this.#part.bytes += fragment.data.length;
    if (isLead) {
      this.#part.durationMs += durationMs;
      this.#endMs = startMs + durationMs;
    }
    return isWhole;
  }

  /** Of the segment that grows. */
  #openBytes(): number {
    const last = this.#segments.at(-1);
    return (last?.isWhole === false ? last.bytes : 0) + (this.#part?.bytes ?? 0);
  }

  #mustCut(): boolean {
    const last = this.#segments.at(-1);
    if (last === undefined || last.isWhole) return false;
    return this.#isCut || last.durationMs + (this.#part?.durationMs ?? 0) >= this.#limits.segmentMs;
  }

  #begin(startedAtMs: number, startMs: number): void {
    const isFirst = this.#segments.length === 0 && this.#nextMsn === 0;
    this.#segments.push({
      msn: this.#nextMsn,
      init: this.#lastInit,
      isDiscontinuity: this.#isCut && !isFirst,
      startedAtMs,
      startMs,
      parts: [],
      durationMs: 0,
      isWhole: false,
      data: nothing,
      bytes: 0,
    });
    this.#nextMsn += 1;
    this.#isCut = false;
  }

  #endPart(): boolean {
    const part = this.#part;
    const segment = this.#segments.at(-1);
    this.#part = null;
    if (part === null || segment === undefined || part.durationMs === 0) return false;
    const { durationMs, isIndependent, bytes } = part;
    segment.parts.push({ data: Buffer.concat(part.fragments), durationMs, isIndependent });
    segment.durationMs += durationMs;
    segment.bytes += bytes;
    this.#longestPartMs = Math.max(this.#longestPartMs, part.durationMs);
    return true;
  }

  #endSegment(): boolean {
    const isWhole = this.#endPart();
    const segment = this.#segments.at(-1);
    if (segment === undefined || segment.isWhole) return isWhole;
    const data = Buffer.concat(segment.parts.map((part) => part.data));
    let at = 0;
    segment.isWhole = true;
    segment.data = data;
    segment.parts = segment.parts.map((part) => {
      const from = at;
      at += part.data.length;
      return { ...part, data: data.subarray(from, at) };
    });
    this.#longestMs = Math.max(this.#longestMs, segment.durationMs);
    this.#trim();
    return true;
  }

  #trim(): void {
    const { windowMs, maxBytes } = this.#limits;
    const total = (count: (segment: OpenSegment) => number): number =>
      this.#segments.reduce((sum, segment) => sum + count(segment), 0);
    while (
      this.#segments.length > leastSegments &&
      (total(({ durationMs }) => durationMs) - (this.#segments[0]?.durationMs ?? 0) > windowMs ||
        total(({ bytes }) => bytes) > maxBytes)
    ) {
      const gone = this.#segments.shift();
      if (gone?.isDiscontinuity === true) this.#discontinuities += 1;
    }
    const oldest = this.#segments[0]?.init ?? 0;
    for (const number of this.#inits.keys()) if (number < oldest) this.#inits.delete(number);
  }
}
