/**
 * What a WebRTC source sends, from the packets of both its streams to messages for the data path; and what to ask it for: packets
 * again (NACK), a keyframe (PLI). Pure: the caller has the sockets and the time.
 */
import { writeG711Tag, writeH264Tag, writeOpusConfigTag, writeOpusTag } from '../flv/write-tag.js';
import type { MediaMessage } from '../rtmp/media-message.js';
import { isLaterRtpTime } from '../rtp/rtp-time.js';
import { type AccessUnit, H264Frames } from './h264-frames.js';
import { createKeyframeAsks } from './keyframe-asks.js';
import { type Ordered, PacketOrder, type RtpPacket } from './packet-order.js';
import { Reception, type ReceptionReport } from './reception.js';
import { createReportHold, type Untimed } from './report-hold.js';
import { type ReceivedTrack, SenderClock } from './sender-clock.js';

/** What a payload type of the offer stands for. */
export type PayloadKind =
  | { readonly kind: 'video' }
  | { readonly kind: 'audio'; readonly codec: 'Opus' | 'PCMA' | 'PCMU' }
  /** Video sent again (RFC 4588). */
  | { readonly kind: 'rtx' };

export interface ReceivedPacket extends RtpPacket {
  readonly payloadType: number;
  readonly ssrc: number;
}

/** Numbers of packets of 16 bits. */
export interface PacketRequest {
  readonly ssrc: number;
  readonly sequences: readonly number[];
}

export interface ReceivedMediaOptions {
  readonly payloads: ReadonlyMap<number, PayloadKind>;
  /** The tracks that the answer promises. */
  readonly expected: ReadonlySet<ReceivedTrack>;
}

/** Packets wait so long for one before them, in ms: a round trip or two, and no longer than a viewer would notice a stop. */
const holdMs = { video: 500, audio: 250 } as const;
const clockHz = { Opus: 48_000, PCMA: 8000, PCMU: 8000 } as const;
const videoHz = 90_000;
/** A keyframe that is sent again comes with all behind it: what went on already is left out. More is a clock that was set back. */
const mostAgainTicks = 60 * videoHz;
const rtxHeadBytes = 2;

interface Stream {
  readonly ssrc: number;
  readonly order: PacketOrder;
  readonly reception: Reception;
}

export class ReceivedMedia {
  readonly #options: ReceivedMediaOptions;
  readonly #clock = new SenderClock();
  readonly #hold;
  readonly #keyframeAsks = createKeyframeAsks();
  readonly #streams = new Map<ReceivedTrack, Stream>();
  #frames = new H264Frames();
  #audioCodec: 'Opus' | 'PCMA' | 'PCMU' = 'Opus';
  #lastVideoTs: number | null = null;
  #messages: MediaMessage[] = [];
  #lost = 0;

  constructor(options: ReceivedMediaOptions) {
    this.#options = options;
    this.#hold = createReportHold(options.expected);
    const config: MediaMessage = { track: 'audio', timestampMs: 0, body: writeOpusConfigTag() };
    if (options.expected.has('audio')) this.#messages.push(config);
  }

  /** Packets that never came. */
  get lost(): number {
    return this.#lost + [...this.#streams.values()].reduce((sum, { order }) => sum + order.lost, 0);
  }

  packet({ payloadType, ssrc, ...packet }: ReceivedPacket, nowMs: number): void {
    const payload = this.#options.payloads.get(payloadType);
    if (payload === undefined) return;
    if (payload.kind === 'rtx') this.#again(packet, nowMs);
    else {
      const { kind } = payload;
      if (kind === 'audio') this.#audioCodec = payload.codec;
      const { order, reception } = this.#streamOf(kind, ssrc);
      reception.saw(packet, kind === 'audio' ? clockHz[payload.codec] : videoHz, nowMs);
      this.#take(kind, order.push(packet, nowMs), nowMs);
    }
  }

  /** A sender report. */
  report(track: ReceivedTrack, ntpMs: number, rtpTs: number, nowMs: number): void {
    this.#clock.reported(track, ntpMs, rtpTs);
    this.#hold.reported(track);
    this.#streams.get(track)?.reception.reported(ntpMs, nowMs);
    this.#flush(nowMs);
  }

  trackOf(ssrc: number): ReceivedTrack | null {
    for (const [track, stream] of this.#streams) if (stream.ssrc === ssrc) return track;
    return null;
  }

  /** Looks at the clock: some times a second. */
  tick(nowMs: number): void {
    for (const [track, { order }] of this.#streams) {
      if (order.isWaiting) this.#take(track, order.expire(nowMs), nowMs);
    }
    this.#flush(nowMs);
  }

  /** What goes on now. */
  drain(): readonly MediaMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  /** Packets to ask for again now. */
  asks(nowMs: number): readonly PacketRequest[] {
    return [...this.#streams.values()].flatMap(({ ssrc, order }) => {
      const sequences = order.isWaiting ? order.ask(nowMs) : [];
      return sequences.length === 0 ? [] : [{ ssrc, sequences }];
    });
  }

  /** How both streams arrive; counted again from then on. */
  reports(nowMs: number): readonly ReceptionReport[] {
    return [...this.#streams.values()].flatMap(({ reception }) => reception.take(nowMs) ?? []);
  }

  /** The stream to ask for a keyframe now; null: none. */
  wantsKeyframe(nowMs: number): number | null {
    const stream = this.#streams.get('video');
    if (stream === undefined) return null;
    return this.#keyframeAsks.isDue(this.#frames.needsKeyframe, nowMs) ? stream.ssrc : null;
  }

  #streamOf(track: ReceivedTrack, ssrc: number): Stream {
    const known = this.#streams.get(track);
    if (known?.ssrc === ssrc) return known;
    this.#lost += known?.order.lost ?? 0;
    const stream = { ssrc, order: new PacketOrder(holdMs[track]), reception: new Reception(ssrc) };
    this.#streams.set(track, stream);
    this.#clock.begin(track);
    if (track === 'video') {
      this.#frames = new H264Frames();
      this.#lastVideoTs = null;
    }
    return stream;
  }

  /** RFC 4588 4: the number that it had stands before the payload. */
  #again({ rtpTs, marker, payload }: RtpPacket, nowMs: number): void {
    const stream = this.#streams.get('video');
    if (stream === undefined || payload.length <= rtxHeadBytes) return;
    const [high = 0, low = 0] = payload;
    const packet = { sequence: high * 256 + low, rtpTs, marker, payload: payload.subarray(rtxHeadBytes) };
    this.#take('video', stream.order.push(packet, nowMs), nowMs);
  }

  #take(track: ReceivedTrack, ordered: readonly Ordered[], nowMs: number): void {
    for (const one of ordered) {
      if (track === 'audio') {
        if (one.kind === 'packet') this.#takeAudio(one.packet, nowMs);
      } else if (one.kind === 'lost') this.#frames.lost();
      else for (const unit of this.#frames.push(one.packet)) this.#takeVideo(unit, nowMs);
    }
  }

  #takeAudio({ rtpTs, payload }: RtpPacket, nowMs: number): void {
    if (payload.length === 0) return;
    const codec = this.#audioCodec;
    const body = codec === 'Opus' ? writeOpusTag(payload) : writeG711Tag(codec, payload);
    this.#give({ track: 'audio', rtpTs, clockHz: clockHz[codec], arrivedMs: nowMs, body }, nowMs);
  }

  #takeVideo({ rtpTs, nals, isKeyframe }: AccessUnit, nowMs: number): void {
    if (isKeyframe) this.#keyframeAsks.came(nowMs);
    const last = this.#lastVideoTs;
    const behindTicks = last === null ? 0 : (last - rtpTs) >>> 0;
    if (last !== null && !isLaterRtpTime(rtpTs, last) && behindTicks < mostAgainTicks) return;
    this.#lastVideoTs = rtpTs;
    this.#give(
      { track: 'video', rtpTs, clockHz: videoHz, arrivedMs: nowMs, body: writeH264Tag(nals, isKeyframe) },
      nowMs,
    );
  }

  #give(one: Untimed, nowMs: number): void {
    // Where its track begins is known from now on.
    this.#clock.stampMs(one.track, one.rtpTs, one.clockHz, one.arrivedMs);
    this.#hold.add(one);
    this.#flush(nowMs);
  }

  #flush(nowMs: number): void {
    for (const { track, rtpTs, clockHz: rateHz, arrivedMs, body } of this.#hold.release(nowMs)) {
      const stampMs = this.#clock.stampMs(track, rtpTs, rateHz, arrivedMs);
      this.#messages.push({ track, timestampMs: Math.round(stampMs) >>> 0, body });
    }
  }
}
