/**
 * One viewer's subscription to a stream's packets: where it stands in the histories, what it is sent next, what it reports.
 * A new one gets the cached GOP as a paced burst of unchanged packets and lands at the live edge (docs/browsers.md, Joining in
 * mid-GOP), its audio at once.
 */
import { writeBye } from '../../src/core/rtcp/bye.js';
import { ntpMiddle32 } from '../../src/core/rtcp/sender-report.js';
import { isLaterRtpTime } from '../../src/core/rtp/rtp-time.js';
import type { ViewerStats } from '../stats.js';
import type { Distribution } from './distribution.js';
import { createGopRepeats } from './gop-repeats.js';
import type { Pacer } from './pacer.js';
import { readRtcp } from './read-rtcp.js';
import type { SessionNumbers } from './session-numbers.js';
import type { Subscriber, SubscriberOptions, SubscriberState, SubscriberTrack, TrackKind } from './subscriber.js';
import {
  beginAgain,
  duePackets,
  goOn,
  headStart,
  type Pacing,
  resumeAt,
  startPacing,
  type VideoPlace,
} from './video-place.js';
import { createViewerFeedback, type ViewerFeedback } from './viewer-feedback.js';

const trackKinds = ['audio', 'video'] as const;
const videoClockHz = 90_000;

export type SubscriptionOptions = Omit<SubscriberOptions, 'onBlocked'>;

export type SubscriptionStats = Omit<ViewerStats, 'viewerId' | 'connected' | 'audioCodec' | 'videoEncoding'>;

/** Where a viewer stood with another distributor of the stream. */
export interface LeftSubscription extends SubscriberState {
  /** It was sent these histories: its video needs no keyframe to go on. */
  readonly goesOn: boolean;
  /** RTP time of the newest video that it was sent; null: none, or not known. */
  readonly videoRtpTs: number | null;
}

interface Burst {
  /** In place of this one, which was not sent in time. */
  readonly unsent?: Pacing;
  /** It takes so many times as long as others. */
  readonly slower?: number;
  /** As startPacing. */
  readonly ahead?: number;
}

export interface SubscriptionOwner {
  readonly distribution: Distribution;
  readonly pacer: Pick<Pacer<Subscription>, 'add' | 'remove'>;
  remove(subscription: Subscription): void;
}

export class Subscription {
  readonly #owner: SubscriptionOwner;
  readonly #distribution: Distribution;
  readonly #feedback: ViewerFeedback;
  readonly #numbers: SessionNumbers;
  readonly #repeats = createGopRepeats();
  #subscriber: Subscriber;
  #place: VideoPlace;
  #framesSkipped = 0;
  /** Of video that it was sent before it came here, until it is sent later one. */
  #afterRtpTs: number | null;
  #packetsReported = 0;

  /** `state`: its video continues where it stood, or at a keyframe of this distributor that is later than what it was sent. */
  constructor(owner: SubscriptionOwner, options: SubscriptionOptions, state: LeftSubscription | null) {
    const { fanout, videoHistory, audioClockHz, catchUp } = owner.distribution;
    this.#owner = owner;
    this.#afterRtpTs = state?.videoRtpTs ?? null;
    this.#distribution = owner.distribution;
    this.#numbers = options.numbers;
    this.#subscriber = fanout.add(
      { ...options, onBlocked: (track) => this.#onBlocked(track) },
      state === null || state.goesOn ? (state ?? undefined) : elsewhere(state, videoHistory.end),
    );
    const { audio, video, twcc } = options;
    this.#feedback = createViewerFeedback(
      {
        audio: audio && { ssrc: audio.ssrc, clockRateHz: audioClockHz },
        video: video && { ssrc: video.ssrc, clockRateHz: videoClockHz },
      },
      {
        resend: (kind, sequences) => this.#subscriber[kind]?.resend(sequences) ?? 0,
        keyframe: () => this.#sendGopAgain(),
      },
      twcc && { limits: twcc.limits, lookUpSent: (first, count) => this.#subscriber.lookUpSent(first, count) },
    );
    this.#place = { kind: 'waiting', from: catchUp === 'gop' ? 0 : videoHistory.end };
    this.#sendReports();
    const { video: track } = this.#subscriber;
    if (track === null) return;
    if (state?.goesOn === true) this.#sendFrom(track, resumeAt(videoHistory, track.cursor));
    else this.#setPlace(track, this.#place);
    this.videoPublished();
  }

  /** A viewer that waits for a keyframe starts with it. */
  videoPublished(): void {
    const { video } = this.#subscriber;
    const { gopStart } = this.#distribution.videoHistory;
    if (this.#place.kind !== 'waiting' || video === null || gopStart === null) return;
    if (gopStart < this.#place.from || !this.#isNews(gopStart)) return;
    this.#afterRtpTs = null;
    this.#sendFrom(video, gopStart, { ahead: headStart });
  }

  /** Called by the pacer. False while the sockets' queue is full: then it is full for all viewers. */
  pace(): boolean {
    const { video } = this.#subscriber;
    const { hasRoom, videoHistory } = this.#distribution;
    if (video === null) return true;
    if (this.#place.kind === 'pacing') this.#sendDue(video, this.#place);
    else if (hasRoom()) this.#sendFrom(video, resumeAt(videoHistory, video.cursor));
    return this.#place.kind !== 'blocked';
  }

  /** Once in a report interval: sends sender reports (RFC 3550 6.4.1), and renews what the viewer may ask for. */
  report(): void {
    const packets = this.#packetsSent();
    this.#feedback.startInterval(packets - this.#packetsReported);
    this.#packetsReported = packets;
    this.#sendReports();
    this.#rescue();
  }

  /** `packet`: authentic RTCP that came `ageMs` ago. */
  receiveRtcp(packet: Uint8Array, ageMs: number): void {
    const { nowMs, wallMs } = this.#distribution;
    this.#feedback.take(readRtcp(packet), nowMs(), ntpMiddle32(wallMs() - ageMs));
  }

  /** The route of its options gives another path now. */
  rerouted(): void {
    this.#subscriber = this.#subscriber.rerouted();
  }

  /** Leaves without BYE, and returns where it stands. */
  take(): LeftSubscription {
    const videoRtpTs = this.#sentRtpTs();
    this.#owner.remove(this);
    const { tracks } = this.#subscriber.take();
    return { tracks, videoRtpTs, goesOn: false };
  }

  /** Says BYE (RFC 3550 6.6). */
  leave(): void {
    const ssrcs = trackKinds.flatMap((kind) => this.#subscriber[kind]?.ssrc ?? []);
    if (ssrcs.length > 0) this.#subscriber.sendRtcp(writeBye(ssrcs));
    this.take();
  }

  /** The viewer's bandwidth estimate in bit/s; null while it has none. */
  get estimateBps(): number | null {
    return this.#feedback.estimateBps;
  }

  /** It goes on asking for keyframes, and loses no packets. */
  get cannotDecode(): boolean {
    return this.#feedback.cannotDecode(this.#distribution.nowMs());
  }

  get stats(): SubscriptionStats {
    const counts = trackKinds.flatMap((kind) => this.#subscriber[kind]?.counts ?? []);
    const sum = (of: 'packets' | 'octets' | 'resent'): number => counts.reduce((total, count) => total + count[of], 0);
    return {
      packetsSent: sum('packets'),
      bytesSent: sum('octets'),
      videoBytesSent: this.#subscriber.video?.counts.octets ?? 0,
      packetsResent: sum('resent'),
      framesSkipped: this.#framesSkipped,
      keyRequests: this.#feedback.keyRequests,
      packetsNacked: this.#feedback.nacked,
      cannotDecode: this.cannotDecode,
      ...this.#feedback.reception,
      ...this.#feedback.estimateStats,
    };
  }

  #setPlace(video: SubscriberTrack, place: VideoPlace): void {
    this.#place = place;
    this.#numbers.isInStep = this.#distribution.isSourceVideo && place.kind !== 'waiting';
    video.hold(place.kind !== 'live');
    if (place.kind === 'pacing' || place.kind === 'blocked') this.#owner.pacer.add(this);
    else this.#owner.pacer.remove(this);
  }

  /** From packet `from`, as a burst; null: from the next keyframe. */
  #sendFrom(video: SubscriberTrack, from: number | null, burst: Burst = {}): void {
    const { unsent = null, slower = 1, ahead = 0 } = burst;
    const { videoHistory, joinPaceMs, nowMs } = this.#distribution;
    if (from === null) {
      this.#setPlace(video, { kind: 'waiting', from: 0 });
      return;
    }
    for (let packet = Math.max(video.cursor, videoHistory.first); packet < from; packet += 1) {
      if (videoHistory.marker(packet)) this.#framesSkipped += 1;
    }
    video.seek(from);
    const pacing =
      unsent === null
        ? startPacing(videoHistory, from, joinPaceMs * slower, nowMs(), ahead)
        : beginAgain(unsent, videoHistory, from, joinPaceMs, nowMs());
    this.#setPlace(video, pacing);
    this.#sendDue(video, pacing);
  }

  #sendDue(video: SubscriberTrack, pacing: Pacing): void {
    const { videoHistory, joinPaceMs, nowMs } = this.#distribution;
    const before = video.cursor;
    if (before < videoHistory.first) {
      this.#sendFrom(video, resumeAt(videoHistory, before), { unsent: pacing });
      return;
    }
    const isTaken = video.serve(duePackets(pacing, videoHistory.end - before, nowMs()));
    const { cursor } = video;
    const next = goOn(pacing, cursor - before, videoHistory, cursor, joinPaceMs, nowMs());
    if (!isTaken) this.#setPlace(video, { kind: 'blocked' });
    else if (next.kind === 'live') this.#setPlace(video, next);
    else this.#place = next;
  }

  /** The viewer asks for a keyframe: the GOP is sent again from its start. A burst that is being sent is not restarted. */
  #sendGopAgain(): void {
    const { videoHistory, catchUp } = this.#distribution;
    const { video } = this.#subscriber;
    const { gopStart } = videoHistory;
    if (this.#place.kind !== 'live' || video === null || gopStart === null || catchUp !== 'gop') return;
    const slower = this.#repeats.next(gopStart, videoHistory.end - gopStart);
    if (slower !== null) this.#sendFrom(video, gopStart, { slower });
  }

  #onBlocked(kind: TrackKind): void {
    const { audio, video } = this.#subscriber;
    // Audio that was not taken is stale when there is room again.
    if (kind === 'audio') audio?.seek(this.#distribution.audioHistory.end);
    else if (video !== null) this.#setPlace(video, { kind: 'blocked' });
  }

  /** For a thread that stood still for so long that packets left a history before they were sent. */
  #rescue(): void {
    const { audio, video } = this.#subscriber;
    const { audioHistory, videoHistory } = this.#distribution;
    if (video !== null && this.#place.kind === 'live' && video.cursor < videoHistory.first) {
      this.#sendFrom(video, resumeAt(videoHistory, video.cursor));
    }
    if (audio !== null && audio.cursor < audioHistory.first) audio.seek(audioHistory.end);
  }

  /** RTP time never runs back, also where another encoding goes on. */
  #isNews(gopStart: number): boolean {
    const { videoHistory } = this.#distribution;
    return this.#afterRtpTs === null || isLaterRtpTime(videoHistory.rtpTs(gopStart), this.#afterRtpTs);
  }

  #sentRtpTs(): number | null {
    const { videoHistory } = this.#distribution;
    const newest = (this.#subscriber.video?.cursor ?? 0) - 1;
    return newest >= videoHistory.first && newest < videoHistory.end ? videoHistory.rtpTs(newest) : this.#afterRtpTs;
  }

  #packetsSent(): number {
    const { audio, video } = this.#subscriber;
    return (audio?.counts.packets ?? 0) + (video?.counts.packets ?? 0);
  }

  #sendReports(): void {
    const { wallMs, rtpTimeAt, writeReport } = this.#distribution;
    const atMs = wallMs();
    for (const kind of trackKinds) {
      const track = this.#subscriber[kind];
      const rtpTs = track === null ? null : rtpTimeAt(kind, atMs);
      if (track === null || rtpTs === null) continue;
      const { packets, octets } = track.counts;
      this.#subscriber.sendRtcp(writeReport(atMs, { ssrc: track.ssrc, rtpTs, packets, octets }));
    }
  }
}

/** A cursor into another video history means nothing in this one. */
function elsewhere({ tracks }: SubscriberState, cursor: number): SubscriberState {
  const { audio, video } = tracks;
  return { tracks: { audio, video: video === null ? null : { cursor, held: video.held, since: null } } };
}
