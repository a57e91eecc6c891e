/**
 * Puts the packets of one RTP stream in order, and says which to ask for again (RFC 3550 A.1, generic NACK of RFC 4585 6.2.1).
 * Nothing is held while all come: only behind a gap packets wait, until it is filled or too old.
 */
import { extendSequence } from '../rtp/sequence.js';

export interface RtpPacket {
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, of the stream's clock. */
  readonly rtpTs: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
}

export type Ordered =
  | { readonly kind: 'packet'; readonly packet: RtpPacket }
  /** One packet or more will not come any more. */
  | { readonly kind: 'lost' };

/** Behind a longer gap the stream has begun again (RFC 3550 A.1, MAX_DROPOUT). */
const maxGap = 3000;
/** Asked for at once, as browsers do, and again after what an answer has taken lately and half as much, in ms. */
const retryMs = { first: 60, least: 20, most: 250 };
const repairGain = 1 / 4;
/** In one packet, so that it stays below what any network takes: 17 in 4 bytes at best (RFC 4585 6.2.1). */
const maxAsked = 200;

interface Missing {
  readonly sinceMs: number;
  askedMs: number | null;
  asks: number;
}

export class PacketOrder {
  /** How long packets wait for one before them, ms. */
  readonly #holdMs: number;
  readonly #waiting = new Map<number, RtpPacket>();
  readonly #missing = new Map<number, Missing>();
  /** Extended numbers. */
  #next: number | null = null;
  #highest = 0;
  #repairMs: number = retryMs.first / 1.5;
  #lost = 0;

  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  /** Packets that never came. */
  get lost(): number {
    return this.#lost;
  }

  get isWaiting(): boolean {
    return this.#missing.size > 0;
  }

  /** What goes on now, in order. One that came before, or too late, is left out. */
  push(packet: RtpPacket, nowMs: number): readonly Ordered[] {
    if (this.#next === null) this.#begin(packet);
    const number = extendSequence(packet.sequence, this.#highest);
    const given: Ordered[] = [];
    if (Math.abs(number - this.#highest) > maxGap) {
      given.push({ kind: 'lost' });
      this.#begin(packet);
    }
    this.#keep(extendSequence(packet.sequence, this.#highest), packet, nowMs);
    return [...given, ...this.#give(null)];
  }

  /**
   * What need not wait any longer. Not part of `push`: behind a stop of this thread the missing packet may be the next one that is
   * read.
   */
  expire(nowMs: number): readonly Ordered[] {
    return this.#give(nowMs);
  }

  /** The numbers to ask for again now, of 16 bits. */
  ask(nowMs: number): readonly number[] {
    const againMs = Math.max(retryMs.least, Math.min(retryMs.most, this.#repairMs * 1.5));
    const asked: number[] = [];
    for (const [number, missing] of this.#missing) {
      if (asked.length === maxAsked) break;
      if (missing.askedMs !== null && nowMs - missing.askedMs < againMs) continue;
      missing.askedMs = nowMs;
      missing.asks += 1;
      asked.push(number & 0xffff);
    }
    return asked;
  }

  #begin({ sequence }: RtpPacket): void {
    this.#waiting.clear();
    this.#missing.clear();
    this.#next = sequence;
    this.#highest = sequence - 1;
  }

  #keep(number: number, packet: RtpPacket, nowMs: number): void {
    if (number < (this.#next ?? number) || this.#waiting.has(number)) return;
    const missed = this.#missing.get(number);
    if (missed !== undefined) this.#repaired(number, missed, nowMs);
    for (let lost = this.#highest + 1; lost < number; lost += 1) {
      this.#missing.set(lost, { sinceMs: nowMs, askedMs: null, asks: 0 });
    }
    this.#highest = Math.max(this.#highest, number);
    this.#waiting.set(number, packet);
  }

  /** Which of several requests was answered is not known. */
  #repaired(number: number, { askedMs, asks }: Missing, nowMs: number): void {
    this.#missing.delete(number);
    if (askedMs !== null && asks === 1) this.#repairMs += (nowMs - askedMs - this.#repairMs) * repairGain;
  }

  /** Null: what is missing is waited for. */
  #give(nowMs: number | null): Ordered[] {
    const given: Ordered[] = [];
    for (let next = this.#next ?? 0; next <= this.#highest; next += 1) {
      const packet = this.#waiting.get(next);
      if (packet !== undefined) {
        this.#waiting.delete(next);
        given.push({ kind: 'packet', packet });
      } else {
        if (nowMs === null || nowMs - (this.#missing.get(next)?.sinceMs ?? nowMs) < this.#holdMs) break;
        this.#missing.delete(next);
        this.#lost += 1;
        if (given.at(-1)?.kind !== 'lost') given.push({ kind: 'lost' });
      }
      this.#next = next + 1;
    }
    return given;
  }
}
