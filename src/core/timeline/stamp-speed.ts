/**
 * Finds clocks of a source that run at another speed than time, steadily, and gives their stamps as a clock would that does not.
 *
 * Stamps alone do not tell it, nor does arrival: a source may also send more or less than a second of media in one. The samples of
 * the audio do. Where they come as time goes on and the stamps do not agree, the clock is wrong; where stamps and samples agree, the
 * source has another pace than time, and nothing can be mended. Without audio whose length is known arrival decides alone,
 * and needs more of it: pictures are shown as they come then, which is all that can be done with either.
 */
import { type LagChange, LagHistory } from './lag-history.js';
import type { SourceTrack } from './stamp-fit.js';
import { StampScale } from './stamp-scale.js';

/** So far must stamps and time be apart: those of the audio from its own samples, and others, where arrival has its part in it. */
const apartMs = { bySamples: 250, byArrival: 1000 } as const;
/** Less is no fault: clocks differ, and what follows keeps up with it. */
const leastShare = 0.02;
/** Beyond these it is no clock that runs, but one that stands, jumps, or counts in other units (source-clock.ts). */
const limits = { least: 1 / 8, most: 50 } as const;
/** A speed this near to it is that of time. */
const realTimeShare = 0.005;
/** How far the one measure may be off for the other to count: samples against arrival, a track's speed against the other's. */
const doubt = { samples: 1 / 4, sameClock: 1 / 3 } as const;
/** Windows over which a clock is looked at: what is fast is found soon, else when it is far enough apart. */
const spans = [2, 4, 8, 16, 48] as const;
/** Windows for which a source must have another pace: one that catches up with itself is faster for a while. */
const paceSpans = { slow: 8, fast: 12 } as const;
const paceShare = 0.1;
/** Of a source that is faster than time samples are earlier than ever, again and again. */
const earlyMs = 1000;
/** What stamps and time are apart by then is taken back in about so long; the clock's own speed is learnt ten times slower. */
const settleMs = 5000;
const learning = 0.05;
/** Beyond it samples do not last as long as they should. */
const mostSamplesOffMs = 300;
/** More is not taken back any faster; much more is a jump of the stamps, or a stall. */
const mostErrorMs = 200;
const jumpMs = 1000;
/** Audio left out: so much longer than what came before it is the step of its stamps, and of the time. */
const hole = { times: 5, ms: 100 } as const;

type Tracks<T> = Readonly<Record<SourceTrack, T>>;

const noLag: { readonly lagMs: number; readonly atMs: number } = { lagMs: Number.POSITIVE_INFINITY, atMs: 0 };
const realTime: Tracks<number> = { audio: 1, video: 1 };
const names = ['audio', 'video'] as const;
const otherOf = { audio: 'video', video: 'audio' } as const;

export class StampSpeed {
  #scales: Tracks<StampScale> = { audio: new StampScale(), video: new StampScale() };
  #speeds: Tracks<number> = realTime;
  readonly #history = new LagHistory();
  /** Of the audio in this session, and of its newest frame; null: its frames do not say. */
  #playedMs = 0;
  #lengthMs: number | null = null;
  #lastAudio: { readonly stampMs: number; readonly playedMs: number; readonly atMs: number } | null = null;
  #pace: number | null = null;
  /** How far the samples were behind time at the least, and when. */
  #least = noLag;

  /** Of the stamps as they come; 1: real time. */
  get speeds(): Tracks<number> {
    return this.#speeds;
  }

  /** Seconds of media that the source sends in a second, where they are another number for a while; else null. */
  get pace(): number | null {
    return this.#pace;
  }

  /** A frame of audio came that plays for so long; null: its length is not known. Before its stamp is mended. */
  played(durationMs: number | null): void {
    this.#lengthMs = durationMs ?? this.#lengthMs;
    this.#playedMs += this.#lengthMs ?? 0;
  }

  /** The stamp of a frame, in real time. */
  mend(track: SourceTrack, stampMs: number, nowMs: number): number {
    if (track === 'audio') this.#heard(stampMs, nowMs);
    if (this.#history.goOn(nowMs)) this.#look(nowMs);
    const mendedMs = this.#scales[track].mend(stampMs);
    this.#history.observe(track, nowMs - mendedMs);
    if (track === 'audio' && this.#lengthMs !== null) this.#history.heard(mendedMs, this.#playedMs);
    return mendedMs;
  }

  /** Another connection's stamps follow. */
  newSession(): void {
    this.#scales = { audio: new StampScale(), video: new StampScale() };
    this.#speeds = realTime;
    this.#history.begin();
    this.#playedMs = 0;
    this.#lengthMs = null;
    this.#lastAudio = null;
    this.#pace = null;
    this.#least = noLag;
  }

  #heard(stampMs: number, nowMs: number): void {
    if (this.#lengthMs === null) return;
    const last = this.#lastAudio;
    this.#lastAudio = { stampMs, playedMs: this.#playedMs, atMs: nowMs };
    const mostMs = last === null ? 0 : (this.#playedMs - last.playedMs) * hole.times + hole.ms;
    if (last !== null && stampMs - last.stampMs > mostMs && nowMs - last.atMs > mostMs) {
      this.#history.begin();
      this.#least = noLag;
    }
    const lagMs = nowMs - this.#playedMs;
    if (lagMs < this.#least.lagMs) this.#least = { lagMs, atMs: nowMs };
    this.#history.observe('samples', lagMs);
  }

  #look(nowMs: number): void {
    this.#pace = this.#paceNow(nowMs);
    const found = this.#find();
    if (found === null) this.#hold();
    else {
      this.#retime(found, found);
      this.#history.begin();
    }
  }

  /** The speeds of clocks that have turned out to be wrong; null: of none. */
  #find(): Partial<Tracks<number>> | null {
    for (const span of spans) {
      const faster = { audio: this.#faster('audio', span), video: this.#faster('video', span) };
      const leading = faster.audio === null ? 'video' : 'audio';
      const speed = this.#times(leading, faster[leading]);
      if (speed === null) continue;
      const other = otherOf[leading];
      const isSame = this.#isSameClock(other, span, faster[leading] ?? 1);
      // Whether both are of one clock has to be clear: else they would be put apart.
      if (!isSame && faster[other] === null && this.#isDoubtful(other, span, faster[leading] ?? 1)) continue;
      const others = isSame ? speed : this.#times(other, faster[other]);
      return others === null ? { [leading]: speed } : { [leading]: speed, [other]: others };
    }
    return null;
  }

  /** How many times faster than time the stamps are, as mended so far; null: as fast, or not steadily so. */
  #faster(track: SourceTrack, span: number): number | null {
    const change = this.#history.change(track, span);
    if (change === null) return null;
    const { driftMs, isDriftSteady, samplesMs, hasSamples } = change;
    const isOwn = track === 'audio' && hasSamples;
    const isApart = Math.abs(driftMs) >= (isOwn ? apartMs.bySamples : apartMs.byArrival);
    const isDoubtful = Math.abs(samplesMs) > Math.abs(driftMs) * doubt.samples;
    if (!isApart || isDoubtful || !isDriftSteady) return null;
    const faster = fasterBy(change);
    return Math.abs(faster - 1) >= leastShare ? faster : null;
  }

  #times(track: SourceTrack, faster: number | null): number | null {
    if (faster === null) return null;
    const speed = this.#scales[track].speed * faster;
    if (speed < limits.least || speed > limits.most) return null;
    return Math.abs(speed - 1) < realTimeShare ? 1 : speed;
  }

  /** It runs neither as time does nor as the other one. */
  #isDoubtful(track: SourceTrack, span: number, faster: number): boolean {
    const change = this.#history.change(track, span);
    return change !== null && Math.abs(fasterBy(change) - 1) > Math.abs(faster - 1) * doubt.sameClock;
  }

  #isSameClock(track: SourceTrack, span: number, faster: number): boolean {
    const change = this.#history.change(track, span);
    const { audio, video } = this.#scales;
    if (change === null || audio.speed !== video.speed) return false;
    return Math.abs(fasterBy(change) - faster) <= Math.abs(faster - 1) * doubt.sameClock;
  }

  /** Speeds are known but for some thousandths: what those leave is taken back, so that it never adds up. */
  #hold(): void {
    const { audio, video } = this.#scales;
    const isOneClock = audio.base === video.base;
    for (const track of names) {
      const { base } = this.#scales[track];
      const since = this.#history.sinceFirst(track);
      if (base === 1 || since === null || (isOneClock && track === 'video')) continue;
      // Samples know nothing of the network, but some sources send more of them, or fewer, than there is time.
      const areSamplesRight = Math.abs(since.samplesMs) <= mostSamplesOffMs;
      const errorMs = areSamplesRight ? since.driftMs : since.driftMs + since.samplesMs;
      if (Math.abs(errorMs) > jumpMs) {
        this.#history.begin();
        return;
      }
      const share = Math.max(-mostErrorMs, Math.min(mostErrorMs, errorMs)) / settleMs;
      const [learnt, now] = [base * (1 - share * learning), base * (1 - share)];
      if (isOneClock) this.#retime({ audio: now, video: now }, { audio: learnt, video: learnt });
      else this.#retime({ [track]: now }, { [track]: learnt });
    }
  }

  #retime(speeds: Partial<Tracks<number>>, bases: Partial<Tracks<number>>): void {
    const { audio, video } = this.#scales;
    // One clock for both: they go on from the same stamp, as far from each other as they are.
    const isOneClock = speeds.audio === speeds.video && audio.isLike(video);
    const fromMs = isOneClock ? Math.max(audio.lastMs, video.lastMs) : null;
    for (const track of names) {
      const speed = speeds[track];
      if (speed !== undefined) this.#scales[track].use(speed, bases[track] ?? speed, fromMs);
    }
    this.#speeds = { audio: audio.base, video: video.base };
  }

  #paceNow(nowMs: number): number | null {
    const slow = this.#paceOver(paceSpans.slow);
    if (slow !== null && slow < 1) return slow;
    // What comes late is only catching up.
    const isEarly = nowMs - this.#least.atMs < earlyMs;
    const fast = isEarly ? this.#paceOver(paceSpans.fast) : null;
    return fast !== null && fast > 1 ? fast : null;
  }

  #paceOver(span: number): number | null {
    const change = this.#history.change('audio', span);
    if (change === null || !change.hasSamples) return null;
    const { samplesMs, areSamplesSteady, driftMs, passedMs } = change;
    const isAgreed = Math.abs(driftMs) <= Math.abs(samplesMs) * doubt.samples;
    const isOther = Math.abs(samplesMs) >= passedMs * paceShare && areSamplesSteady;
    return isAgreed && isOther ? 1 - samplesMs / passedMs : null;
  }
}

const fasterBy = ({ driftMs, passedMs, samplesMs, bySamples }: LagChange): number =>
  bySamples ?? 1 - driftMs / (passedMs - samplesMs);
