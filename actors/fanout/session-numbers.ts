/**
 * The numbers of one viewer's session that a thread which takes it over must know: which SRTP and SRTCP indices were used (none
 * may be used twice, RFC 3711 9.1), and what sender reports count. In shared memory, written before a packet goes out, so that
 * they are true whenever its thread dies. 64-bit floats: exact up to 2^53, and both JavaScript and C write them in one move.
 */
import { randomInt } from 'node:crypto';
import { maxFirstSequence } from '../../src/core/rtp/header.js';
import { sourceIndexWords } from '../../src/core/srtp/source-indices.js';

/** The words of one track. The add-on writes them too (native/fanout.h). */
export const trackWord = {
  /** Extended sequence number of the next packet; -1: none was sent. */
  extended: 0,
  /** The same of the RTX stream. */
  rtxExtended: 1,
  packets: 2,
  octets: 3,
  resent: 4,
  /** Packet n of the history has extended sequence number n + shift, from number `moved` on; -1: none was sent. */
  moved: 5,
  shift: 6,
} as const;

export interface TrackCounts {
  readonly packets: number;
  /** Payload only, as sender reports count (RFC 3550 6.4.1). */
  readonly octets: number;
  readonly resent: number;
}

/** Since which extended sequence number the track was sent one packet of its history after the other; null: it was sent nothing. */
export function sinceOf(numbers: Float64Array): number | null {
  const [next = -1, since = -1] = [numbers[trackWord.extended], numbers[trackWord.moved]];
  return next < 0 || since < 0 ? null : since;
}

/** From extended sequence number `from` on, packet n of the history has number n + shift. */
export function noteMove(numbers: Float64Array, from: number, shift: number): void {
  // In this order: a thread that goes on from here finds what was, or what is.
  numbers[trackWord.moved] = from;
  numbers[trackWord.shift] = shift;
}

/** Where a stream of packets goes on, or, at random, begins (RFC 3550 5.1). */
export function nextOf(numbers: Float64Array, word: typeof trackWord.extended | typeof trackWord.rtxExtended): number {
  const known = numbers[word] ?? -1;
  return known >= 0 ? known : randomInt(maxFirstSequence);
}

export function countsOf(numbers: Float64Array): TrackCounts {
  return {
    packets: numbers[trackWord.packets] ?? 0,
    octets: numbers[trackWord.octets] ?? 0,
    resent: numbers[trackWord.resent] ?? 0,
  };
}

const trackWords = Object.keys(trackWord).length;
const firstOf = { audio: 0, video: trackWords } as const;
/** The SRTCP index that was used last. */
const rtcpWord = 2 * trackWords;
/** The next transport-wide number. */
const twccWord = rtcpWord + 1;
/** 1 while the video's packets go on from where it stands in the history of the source's own encoding, else 0. */
const inStepWord = twccWord + 1;
const sourcesAt = inStepWord + 1;

export class SessionNumbers {
  readonly block: SharedArrayBuffer;
  readonly words: Float64Array;

  /** `block`: of a session that goes on; null: a new one. */
  constructor(block: SharedArrayBuffer | null = null) {
    const size = (sourcesAt + sourceIndexWords) * Float64Array.BYTES_PER_ELEMENT;
    this.block = block ?? new SharedArrayBuffer(size);
    this.words = new Float64Array(this.block);
    if (block !== null) return;
    for (const first of Object.values(firstOf)) {
      this.words[first + trackWord.extended] = -1;
      this.words[first + trackWord.rtxExtended] = -1;
      this.words[first + trackWord.moved] = -1;
    }
    this.rtcpSources.fill(-1);
  }

  /** Of both tracks. */
  get counts(): TrackCounts {
    const [audio, video] = [countsOf(this.track('audio')), countsOf(this.track('video'))];
    return {
      packets: audio.packets + video.packets,
      octets: audio.octets + video.octets,
      resent: audio.resent + video.resent,
    };
  }

  track(kind: keyof typeof firstOf): Float64Array {
    const first = firstOf[kind];
    return this.words.subarray(first, first + trackWords);
  }

  /** The highest SRTCP index of each source of the viewer (core/srtp/source-indices.ts). */
  get rtcpSources(): Float64Array {
    return this.words.subarray(sourcesAt);
  }

  get rtcpIndex(): number {
    return this.words[rtcpWord] ?? 0;
  }

  set rtcpIndex(index: number) {
    this.words[rtcpWord] = index;
  }

  /** The video's packets go on from where it stands in the history of the source's own encoding. */
  get isInStep(): boolean {
    return this.words[inStepWord] === 1;
  }

  set isInStep(inStep: boolean) {
    this.words[inStepWord] = inStep ? 1 : 0;
  }

  get twccNext(): number {
    return this.words[twccWord] ?? 0;
  }

  set twccNext(next: number) {
    this.words[twccWord] = next;
  }
}
