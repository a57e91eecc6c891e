/** How one RTP stream arrives, as its receiver reports it (RFC 3550 6.4.1; A.3 and A.8 say how it is counted). */
import { ntpMiddle32 } from '../rtcp/sender-report.js';
import { extendSequence } from '../rtp/sequence.js';
import type { RtpPacket } from './packet-order.js';

export interface ReceptionReport {
  readonly ssrc: number;
  /** Of the packets since the last report, in 1/256. */
  readonly fractionLost: number;
  /** In all; packets that came again beside the stream are still lost to it. */
  readonly packetsLost: number;
  /** Extended, of 32 bits. */
  readonly highestSequence: number;
  /** In ticks of the stream's clock. */
  readonly jitter: number;
  /** The middle of the newest sender report's NTP time, and how long ago it came, in 1/65536 s; 0 and 0: none came. */
  readonly lsr: number;
  readonly dlsr: number;
}

const jitterGain = 1 / 16;
const maxLost = 0x7f_ffff;

export class Reception {
  readonly #ssrc: number;
  #first = 0;
  #highest = -1;
  #received = 0;
  #before = { expected: 0, received: 0 };
  #jitter = 0;
  #transit: number | null = null;
  #report: { readonly lsr: number; readonly atMs: number } | null = null;

  constructor(ssrc: number) {
    this.#ssrc = ssrc;
  }

  saw({ sequence, rtpTs }: Pick<RtpPacket, 'sequence' | 'rtpTs'>, clockHz: number, nowMs: number): void {
    if (this.#received === 0) this.#first = sequence;
    this.#highest = Math.max(this.#highest, extendSequence(sequence, this.#received === 0 ? sequence : this.#highest));
    this.#received += 1;
    const transit = Math.round((nowMs * clockHz) / 1000) - rtpTs;
    const moved = this.#transit === null ? 0 : Math.abs((transit - this.#transit) | 0);
    this.#transit = transit;
    this.#jitter += (moved - this.#jitter) * jitterGain;
  }

  reported(ntpMs: number, nowMs: number): void {
    this.#report = { lsr: ntpMiddle32(ntpMs), atMs: nowMs };
  }

  /** What is to be reported now; null: nothing has come. */
  take(nowMs: number): ReceptionReport | null {
    if (this.#received === 0) return null;
    const expected = this.#highest - this.#first + 1;
    const due = expected - this.#before.expected;
    const lost = due - (this.#received - this.#before.received);
    this.#before = { expected, received: this.#received };
    return {
      ssrc: this.#ssrc,
      fractionLost: due <= 0 ? 0 : Math.min(255, Math.max(0, Math.floor((lost * 256) / due))),
      packetsLost: Math.min(maxLost, Math.max(0, expected - this.#received)),
      highestSequence: this.#highest >>> 0,
      jitter: Math.round(this.#jitter) >>> 0,
      lsr: this.#report?.lsr ?? 0,
      dlsr: this.#report === null ? 0 : Math.round((nowMs - this.#report.atMs) * 65.536) >>> 0,
    };
  }
}
