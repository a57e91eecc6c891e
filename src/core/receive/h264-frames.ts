/**
 * From the RTP packets of H.264, in order, to access units (RFC 6184 5.6 single units, 5.7.1 STAP-A, 5.8 FU-A). Not supported:
 * interleaved mode (STAP-B, MTAP, FU-B), which nobody offers.
 *
 * A picture that was coded upon a lost one shows false. So after a loss nothing goes on before the next keyframe, which is asked
 * for; a source without any, which refreshes bit by bit, goes on after a while all the same.
 */
import { nalType, nalTypes } from '../codec/h264-nal.js';
import type { RtpPacket } from './packet-order.js';

export interface AccessUnit {
  /** 32 bits, 90 kHz. */
  readonly rtpTs: number;
  /** None of them empty. */
  readonly nals: readonly Uint8Array[];
  readonly isKeyframe: boolean;
}

const packetTypes = { stapA: 24, fuA: 28 } as const;
const fuStart = 0x80;
const fuEnd = 0x40;
/** What a decoder may hold against us. */
const maxUnitBytes = 8_388_608;
const givesUpTicks = 5 * 90_000;

/** The unit that is being put together. */
interface Open {
  readonly rtpTs: number;
  nals: Uint8Array[];
  sizeBytes: number;
  isDamaged: boolean;
}

export class H264Frames {
  #open: Open | null = null;
  /** The first bytes and all that came of a fragmented NAL unit. */
  #fragments: Uint8Array[] | null = null;
  /** RTP time from which a keyframe is waited for; null: none is. */
  #waitsFrom: number | null = null;
  #isAfterLoss = false;
  #hasBegun = false;

  /** Nothing goes on until a keyframe comes: it should be asked for. */
  get needsKeyframe(): boolean {
    return !this.#hasBegun || this.#waitsFrom !== null || this.#isAfterLoss;
  }

  /** Packets before the next one were lost. */
  lost(): void {
    this.#isAfterLoss = true;
    this.#fragments = null;
    if (this.#open !== null) this.#open.isDamaged = true;
  }

  push({ rtpTs, marker, payload }: RtpPacket): readonly AccessUnit[] {
    const units: AccessUnit[] = [];
    if (this.#open !== null && this.#open.rtpTs !== rtpTs) this.#close(units);
    this.#open ??= { rtpTs, nals: [], sizeBytes: 0, isDamaged: this.#isAfterLoss };
    if (this.#isAfterLoss) this.#waitsFrom ??= rtpTs;
    this.#isAfterLoss = false;
    this.#unpack(this.#open, payload);
    if (marker) this.#close(units);
    return units;
  }

  #unpack(open: Open, payload: Uint8Array): void {
    const type = nalType(payload);
    if (type !== packetTypes.fuA) this.#fragments = null;
    if (type === packetTypes.fuA) this.#addFragment(open, payload);
    else if (type === packetTypes.stapA) this.#addAll(open, payload);
    else if (type > 0 && type < packetTypes.stapA) this.#add(open, payload);
    else open.isDamaged = true;
  }

  #add(open: Open, nal: Uint8Array): void {
    open.sizeBytes += nal.length;
    if (open.sizeBytes > maxUnitBytes) open.isDamaged = true;
    else open.nals.push(nal);
  }

  #addAll(open: Open, payload: Uint8Array): void {
    let at = 1;
    while (at + 2 < payload.length) {
      const sizeBytes = (payload[at] ?? 0) * 256 + (payload[at + 1] ?? 0);
      const end = at + 2 + sizeBytes;
      if (sizeBytes === 0 || end > payload.length) break;
      this.#add(open, payload.subarray(at + 2, end));
      at = end;
    }
    if (at !== payload.length) open.isDamaged = true;
  }

  #addFragment(open: Open, payload: Uint8Array): void {
    const [indicator = 0, header = 0] = payload;
    if ((header & fuStart) !== 0) this.#fragments = [Uint8Array.of((indicator & 0xe0) | (header & 0x1f))];
    if (this.#fragments === null) {
      open.isDamaged = true;
      return;
    }
    this.#fragments.push(payload.subarray(2));
    open.sizeBytes += payload.length;
    if (open.sizeBytes > maxUnitBytes) {
      open.isDamaged = true;
      this.#fragments = null;
      return;
    }
    if ((header & fuEnd) === 0) return;
    open.nals.push(Buffer.concat(this.#fragments));
    this.#fragments = null;
  }

  #close(units: AccessUnit[]): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    const { rtpTs, nals } = open;
    const isDamaged = open.isDamaged || this.#fragments !== null;
    this.#fragments = null;
    if (isDamaged) this.#waitsFrom ??= rtpTs;
    if (isDamaged || nals.length === 0) return;
    const isKeyframe = nals.some((nal) => nalType(nal) === nalTypes.idr);
    const waitedTicks = this.#waitsFrom === null ? 0 : (rtpTs - this.#waitsFrom) >>> 0;
    // Parameter sets and SEI may have a time of their own: they are needed in any case.
    const isPicture = nals.some((nal) => nalType(nal) >= nalTypes.nonIdr && nalType(nal) <= nalTypes.idr);
    if (isKeyframe || waitedTicks > givesUpTicks) this.#waitsFrom = null;
    if (isPicture && this.#waitsFrom !== null) return;
    if (isKeyframe) this.#hasBegun = true;
    units.push({ rtpTs, nals, isKeyframe });
  }
}
