/** The fan-out in TypeScript: node:crypto and one datagram a call. It runs everywhere and is never fast. */
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import { createSrtpSender } from '../../src/core/srtp/srtp.js';
import { noDatagrams } from './datagram-counts.js';
import type { CreateFanout, FanoutTrack, FanoutViewer, TrackCounts, TrackKind, ViewerState } from './fanout.js';
import { createRtcpChannel, type RtcpChannel } from './rtcp-channel.js';
import { createRtpTrack, type RtpTrack } from './rtp-track.js';
import { createTransportLog, type TransportLog } from './transport-log.js';

const nothing: TrackCounts = { packets: 0, octets: 0, resent: 0 };

interface Member {
  readonly viewerId: string;
  readonly tracks: Readonly<Record<TrackKind, RtpTrack | null>>;
  readonly rtcp: RtcpChannel;
  /** Null: packets have no transport-wide numbers, and the next one is kept for when they have. */
  readonly transport: TransportLog | null;
  readonly transportNext: number;
}

function createMember(
  viewer: FanoutViewer,
  histories: Readonly<Record<TrackKind, PacketReader>>,
  send: FanoutViewer['send'],
  state: ViewerState | null,
): Member {
  const { keys } = viewer;
  const srtp = createSrtpSender(keys.profile, keys.localKey, keys.localSalt);
  const transportNext = state?.transportNext ?? 0;
  const transport = viewer.transport === null ? null : createTransportLog(viewer.transport.id, transportNext);
  const output = { srtp, send, transport };
  const trackOf = (kind: TrackKind, track: FanoutTrack | null): RtpTrack | null =>
    track === null ? null : createRtpTrack(histories[kind], track, output, state?.tracks[kind] ?? null);
  return {
    viewerId: viewer.viewerId,
    transport,
    transportNext,
    tracks: { audio: trackOf('audio', viewer.audio), video: trackOf('video', viewer.video) },
    rtcp: state?.rtcp ?? createRtcpChannel(keys, viewer.send),
  };
}

/** Sends what the history has of the track below packet `end`; false when a datagram was not taken. */
function serveTrack(track: RtpTrack, history: PacketReader, end: number): boolean {
  // What was evicted cannot be sent: the distributor moves such a cursor to a keyframe.
  while (track.cursor < end && history.holds(track.cursor)) {
    if (!track.sendNext()) return false;
  }
  return true;
}

export const createFanoutJs: CreateFanout = (histories) => {
  const members: Member[] = [];
  const byId = new Map<string, Member>();
  const datagrams = { ...noDatagrams };
  const counted =
    (send: FanoutViewer['send']): FanoutViewer['send'] =>
    (datagram) => {
      const isTaken = send(datagram);
      datagrams[isTaken ? 'taken' : 'blocked'] += 1;
      datagrams.systemCalls += isTaken ? 1 : 0;
      return isTaken;
    };
  const trackOf = (viewerId: string, kind: TrackKind): RtpTrack | null => byId.get(viewerId)?.tracks[kind] ?? null;

  return {
    kind: 'js',
    datagrams,
    add(viewer, state) {
      const member = createMember(viewer, histories, counted(viewer.send), state ?? null);
      members.push(member);
      byId.set(viewer.viewerId, member);
    },
    remove(viewerId) {
      byId.delete(viewerId);
      const at = members.findIndex((member) => member.viewerId === viewerId);
      if (at >= 0) members.splice(at, 1);
    },
    take(viewerId) {
      const member = byId.get(viewerId);
      if (member === undefined) return null;
      this.remove(viewerId);
      const { rtcp, tracks } = member;
      const transportNext = member.transport?.next ?? member.transportNext;
      return {
        rtcp,
        transportNext,
        tracks: { audio: tracks.audio?.state ?? null, video: tracks.video?.state ?? null },
      };
    },
    // Each datagram asks its viewer's transport for the way.
    rerouted() {},
    cursor: (viewerId, kind) => trackOf(viewerId, kind)?.cursor ?? null,
    seek: (viewerId, kind, packet) => trackOf(viewerId, kind)?.seek(packet),
    hold(viewerId, kind, held) {
      const track = trackOf(viewerId, kind);
      if (track !== null) track.held = held;
    },
    serve(kind, from, end, budgetMs, onBlocked) {
      const endNs = process.hrtime.bigint() + BigInt(Math.round(budgetMs * 1e6));
      for (let at = from; at < members.length; at += 1) {
        const member = members[at];
        const track = member?.tracks[kind];
        if (member === undefined || track === null || track === undefined || track.held) continue;
        if (!serveTrack(track, histories[kind], end)) onBlocked(member.viewerId);
        if (process.hrtime.bigint() >= endNs) return at + 1 < members.length ? at + 1 : null;
      }
      return null;
    },
    serveOne(viewerId, kind, maxPackets) {
      const track = trackOf(viewerId, kind);
      return track === null || serveTrack(track, histories[kind], track.cursor + maxPackets);
    },
    resend: (viewerId, kind, sequences) => trackOf(viewerId, kind)?.resend(sequences) ?? 0,
    lookUpSent: (viewerId, first, count) => byId.get(viewerId)?.transport?.lookUp(first, count) ?? [],
    sendRtcp: (viewerId, packet) => byId.get(viewerId)?.rtcp.send(packet) ?? false,
    openRtcp: (viewerId, packet) => byId.get(viewerId)?.rtcp.open(packet) ?? null,
    counts: (viewerId, kind) => trackOf(viewerId, kind)?.counts ?? nothing,
    close() {
      members.length = 0;
      byId.clear();
    },
  };
};
