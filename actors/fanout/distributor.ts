/**
 * Brings a stream's packets to its viewers: who gets what when. A new viewer gets the cached GOP as a
 * paced burst of unchanged packets and lands at the live edge (BROWSERS.md, Joining in mid-GOP), its audio at once.
 * Viewers at the live edge are served in slices (slices.ts).
 */
import type { LookUpSent } from '../../src/core/bandwidth/feedback-adapter.js';
import { writeBye } from '../../src/core/rtcp/bye.js';
import { ntpMiddle32, writeSenderReport } from '../../src/core/rtcp/sender-report.js';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import type { DatagramCounts, ViewerStats } from '../stats.js';
import type { Fanout, FanoutViewer, TrackKind, ViewerState } from './fanout.js';
import { createPacer } from './pacer.js';
import { readRtcp } from './rtcp-channel.js';
import { createSlices } from './slices.js';
import { duePackets, goOn, resumeAt, startPacing, type VideoPlace } from './video-place.js';
import { createViewerFeedback, type ViewerFeedback } from './viewer-feedback.js';

const reportIntervalMs = 1000;
/** The reports of an interval are spread over it: those of 1,000 viewers at once are 30 ms of work. */
const reportTicks = 20;
const videoClockHz = 90_000;
const trackKinds = ['audio', 'video'] as const;

export interface DistributorOptions {
  readonly fanout: Fanout;
  readonly audioHistory: PacketReader;
  /** RTP clock of the audio; default 48 kHz. */
  readonly audioClockHz?: number;
  readonly videoHistory: PacketReader;
  readonly joinPaceMs: number;
  /** Whether a new viewer gets the cached GOP, or waits for the next keyframe. */
  readonly catchUp: 'gop' | 'keyframe-only';
  readonly cname: string;
  readonly nowMs: () => number;
  /** UTC in ms, steady: a step of the machine's clock must not show in sender reports. */
  readonly wallMs: () => number;
  /** The track's RTP time at that moment of UTC; null while nothing is known of it. One clock for both tracks. */
  readonly rtpTimeAt: (track: TrackKind, wallMs: number) => number | null;
  /** True when the sockets have room again. */
  readonly hasRoom: () => boolean;
}

export interface Distributor {
  /** `state`: where another distributor of the same stream left off; its picture goes on at a keyframe of this one. */
  join(viewer: FanoutViewer, state: ViewerState | null): void;
  /** Says BYE. */
  leave(viewerId: string): void;
  /** Forgets the viewer without a word, and tells how far it has come. */
  take(viewerId: string): ViewerState | null;
  /** The least that any viewer can take; null: nobody tells. */
  lowestEstimateBps(): number | null;
  /** The viewer's route has changed. */
  rerouted(viewerId: string): void;
  /** New packets stand in the history of this track. */
  published(track: TrackKind): void;
  /** A protected RTCP packet of the viewer. */
  receiveRtcp(viewerId: string, packet: Uint8Array): void;
  /** Null for an unknown viewer. */
  stats(viewerId: string): Omit<ViewerStats, 'viewerId' | 'connected' | 'audioCodec'> | null;
  /** Still there after `close`. */
  readonly datagrams: DatagramCounts;
  close(): void;
}

interface Member {
  readonly viewer: FanoutViewer;
  readonly feedback: ViewerFeedback;
  place: VideoPlace;
  /** Sent because the viewer asked for a keyframe: the packets of one GOP. */
  again: { readonly gopStart: number; readonly packets: number };
  framesSkipped: number;
  packetsReported: number;
}

export function createDistributor(options: DistributorOptions): Distributor {
  const { fanout, audioHistory, videoHistory, nowMs, audioClockHz = 48_000 } = options;
  const clockRateHz = { audio: audioClockHz, video: videoClockHz };
  const members = new Map<string, Member>();

  const setPlace = (member: Member, place: VideoPlace): void => {
    member.place = place;
    fanout.hold(member.viewer.viewerId, 'video', place.kind !== 'live');
    if (place.kind === 'pacing' || place.kind === 'blocked') pacer.add(member);
    else pacer.remove(member);
  };

  /** From packet `from`, as a burst; null: from the next keyframe. */
  const sendFrom = (member: Member, from: number | null): void => {
    const { viewerId } = member.viewer;
    if (from === null) {
      setPlace(member, { kind: 'waiting', from: 0 });
      return;
    }
    const cursor = fanout.cursor(viewerId, 'video') ?? from;
    for (let n = Math.max(cursor, videoHistory.first); n < from; n += 1)
      if (videoHistory.marker(n)) member.framesSkipped += 1;
    fanout.seek(viewerId, 'video', from);
    setPlace(member, startPacing(videoHistory, from, options.joinPaceMs, nowMs()));
    paceOne(member);
  };

  /** What waits for a keyframe begins with it. */
  const begin = (member: Member): void => {
    const { gopStart } = videoHistory;
    if (member.place.kind !== 'waiting' || member.viewer.video === null || gopStart === null) return;
    if (gopStart >= member.place.from) sendFrom(member, gopStart);
  };

  /**
   * The viewer asks for a keyframe: it gets the GOP anew. Of one group it gets no more in this way than
   * twice what there is of it, however often it asks; one that is on its way is not begun again.
   */
  const sendAgain = (member: Member): void => {
    const { gopStart } = videoHistory;
    if (member.place.kind !== 'live' || gopStart === null || options.catchUp !== 'gop') return;
    const packets = videoHistory.end - gopStart;
    const before = member.again.gopStart === gopStart ? member.again.packets : 0;
    if (before > packets) return;
    member.again = { gopStart, packets: before + packets };
    sendFrom(member, gopStart);
  };

  const paceOne = (member: Member): void => {
    const { viewerId } = member.viewer;
    if (member.place.kind !== 'pacing') return;
    const before = fanout.cursor(viewerId, 'video') ?? 0;
    if (before < videoHistory.first) {
      sendFrom(member, resumeAt(videoHistory, before));
      return;
    }
    const { place } = member;
    const taken = fanout.serveOne(viewerId, 'video', duePackets(place, videoHistory.end - before, nowMs()));
    const cursor = fanout.cursor(viewerId, 'video') ?? before;
    const next = goOn(place, cursor - before, videoHistory, cursor, options.joinPaceMs, nowMs());
    if (!taken) setPlace(member, { kind: 'blocked' });
    else if (next.kind === 'live') setPlace(member, next);
    else member.place = next;
  };

  const pacer = createPacer<Member>(nowMs, (member) => {
    if (member.place.kind !== 'blocked') paceOne(member);
    else if (options.hasRoom())
      sendFrom(member, resumeAt(videoHistory, fanout.cursor(member.viewer.viewerId, 'video') ?? 0));
    // A queue that is full is so for all of them: asking for each would be work for nothing.
    return member.place.kind !== 'blocked';
  });

  const onBlocked = (viewerId: string, track: TrackKind): void => {
    const member = members.get(viewerId);
    // Audio that was not taken is stale when there is room again.
    if (track === 'audio') fanout.seek(viewerId, 'audio', audioHistory.end);
    else if (member !== undefined) setPlace(member, { kind: 'blocked' });
  };
  const slices = createSlices({ fanout, audioHistory, videoHistory, nowMs, onBlocked });

  const report = (member: Member): void => {
    const wallMs = options.wallMs();
    for (const kind of trackKinds) {
      const track = member.viewer[kind];
      const rtpTs = track === null ? null : options.rtpTimeAt(kind, wallMs);
      if (track === null || rtpTs === null) continue;
      const { packets, octets } = fanout.counts(member.viewer.viewerId, kind);
      const { cname } = options;
      fanout.sendRtcp(
        member.viewer.viewerId,
        writeSenderReport({ ssrc: track.ssrc, wallMs, rtpTs, packets, octets, cname }),
      );
    }
  };

  /** This thread stood still for so long that packets left the history which a viewer had not been served. */
  const rescue = (member: Member): void => {
    const { viewerId } = member.viewer;
    const video = fanout.cursor(viewerId, 'video') ?? videoHistory.end;
    if (member.place.kind === 'live' && video < videoHistory.first) sendFrom(member, resumeAt(videoHistory, video));
    const audio = fanout.cursor(viewerId, 'audio') ?? audioHistory.end;
    if (audio < audioHistory.first) fanout.seek(viewerId, 'audio', audioHistory.end);
  };

  const sentPackets = (member: Member): number =>
    trackKinds.reduce((sum, kind) => sum + fanout.counts(member.viewer.viewerId, kind).packets, 0);

  const reportOne = (member: Member): void => {
    const packets = sentPackets(member);
    member.feedback.startInterval(packets - member.packetsReported);
    member.packetsReported = packets;
    report(member);
    rescue(member);
  };

  let reportsDue = 0;
  const reporter = setInterval(() => {
    reportsDue += members.size / reportTicks;
    for (const [viewerId, member] of members) {
      if (reportsDue < 1) break;
      reportsDue -= 1;
      // To the end: the next tick begins with the one behind.
      members.delete(viewerId);
      members.set(viewerId, member);
      reportOne(member);
    }
  }, reportIntervalMs / reportTicks);

  const feedbackOf = (viewer: FanoutViewer, keyframe: () => void): ViewerFeedback => {
    const track = (kind: TrackKind) => {
      const sent = viewer[kind];
      return sent === null ? null : { ssrc: sent.ssrc, clockRateHz: clockRateHz[kind] };
    };
    const { viewerId, transport } = viewer;
    const lookUpSent: LookUpSent = (first, count) => fanout.lookUpSent(viewerId, first, count);
    return createViewerFeedback(
      { audio: track('audio'), video: track('video') },
      { resend: (kind, sequences) => fanout.resend(viewerId, kind, sequences), keyframe },
      transport === null ? null : { ...transport, lookUpSent },
    );
  };

  const forget = (viewerId: string): Member | undefined => {
    const member = members.get(viewerId);
    members.delete(viewerId);
    if (member !== undefined) pacer.remove(member);
    return member;
  };

  return {
    join(viewer, state) {
      fanout.add(viewer, state === null ? undefined : elsewhere(state, videoHistory.end));
      const feedback = feedbackOf(viewer, () => sendAgain(member));
      const member: Member = {
        viewer,
        feedback,
        framesSkipped: 0,
        packetsReported: 0,
        place: { kind: 'waiting', from: options.catchUp === 'gop' ? 0 : videoHistory.end },
        again: { gopStart: 0, packets: 0 },
      };
      members.set(viewer.viewerId, member);
      report(member);
      if (viewer.video !== null) setPlace(member, member.place);
      begin(member);
    },
    take(viewerId) {
      forget(viewerId);
      return fanout.take(viewerId);
    },
    lowestEstimateBps() {
      const estimates = [...members.values()].flatMap(({ feedback }) => feedback.estimateBps ?? []);
      return estimates.length === 0 ? null : Math.min(...estimates);
    },
    leave(viewerId) {
      const member = forget(viewerId);
      if (member === undefined) return;
      const ssrcs = trackKinds.flatMap((kind) => member.viewer[kind]?.ssrc ?? []);
      if (ssrcs.length > 0) fanout.sendRtcp(viewerId, writeBye(ssrcs));
      fanout.remove(viewerId);
    },
    rerouted: (viewerId) => fanout.rerouted(viewerId),
    published(track) {
      if (track === 'video') for (const member of members.values()) begin(member);
      slices.published();
    },
    receiveRtcp(viewerId, packet) {
      const member = members.get(viewerId);
      if (member === undefined || !member.feedback.admits()) return;
      const opened = fanout.openRtcp(viewerId, packet);
      const items = opened === null ? [] : readRtcp(opened);
      member.feedback.take(items, nowMs(), ntpMiddle32(options.wallMs()));
    },
    stats(viewerId) {
      const member = members.get(viewerId);
      if (member === undefined) return null;
      const counts = trackKinds.map((kind) => fanout.counts(viewerId, kind));
      const sum = (of: 'packets' | 'octets' | 'resent'): number =>
        counts.reduce((total, count) => total + count[of], 0);
      return {
        packetsSent: sum('packets'),
        bytesSent: sum('octets'),
        packetsResent: sum('resent'),
        framesSkipped: member.framesSkipped,
        ...member.feedback.reception,
        ...member.feedback.estimateStats,
      };
    },
    get datagrams() {
      return fanout.datagrams;
    },
    close() {
      clearInterval(reporter);
      pacer.close();
      slices.close();
      for (const viewerId of [...members.keys()]) this.leave(viewerId);
      fanout.close();
    },
  };
}

/** The numbers of packets in another picture's history mean nothing in this one. */
function elsewhere({ tracks, ...others }: ViewerState, cursor: number): ViewerState {
  return { ...others, tracks: { ...tracks, video: tracks.video === null ? null : { ...tracks.video, cursor } } };
}
