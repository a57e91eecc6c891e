/** The viewers that the add-on serves: their slots, sockets and ways, and what the add-on does not know of them. */
import { randomInt } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { LookUpSent } from '../../src/core/bandwidth/feedback-adapter.js';
import { maxFirstSequence } from '../../src/core/rtp/header.js';
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import { deriveSessionKeys } from '../../src/core/srtp/srtp-keys.js';
import type { UdpRoute } from '../transport/route.js';
import type { FanoutViewer, TrackCounts, TrackKind, TrackState, ViewerState } from './fanout.js';
import type { NativeFanout } from './native-binding.js';
import { createRtcpChannel, type RtcpChannel } from './rtcp-channel.js';

export const kindNumbers = { audio: 0, video: 1 } as const;
const profileNumbers = { AEAD_AES_128_GCM: 0, AES_CM_128_HMAC_SHA1_80: 1 } as const;

/** The add-on counts from where it took the viewer over. */
interface Start {
  readonly extended: number;
  readonly rtxExtended: number | null;
  readonly counts: TrackCounts;
}

interface Member {
  readonly slot: number;
  readonly viewer: FanoutViewer;
  readonly rtcp: RtcpChannel;
  readonly starts: Record<TrackKind, Start | null>;
  readonly held: Record<TrackKind, boolean>;
  /** The next transport-wide number when it was added. */
  readonly transportNext: number;
}

export interface NativeMembers {
  readonly size: number;
  /** False when the viewer is not reached by a UDP socket of this process. */
  add(viewer: FanoutViewer, state?: ViewerState): boolean;
  take(viewerId: string): ViewerState | null;
  viewer(viewerId: string): FanoutViewer | undefined;
  rtcp(viewerId: string): RtcpChannel | undefined;
  /** False when the viewer is not here, or is not reached by UDP any more. */
  reroute(viewerId: string): boolean;
  withTrack<T>(viewerId: string, kind: TrackKind, otherwise: T, act: (slot: number, kind: number) => T): T;
  hold(viewerId: string, kind: TrackKind, held: boolean): void;
  counts(viewerId: string, kind: TrackKind): TrackCounts | null;
  lookUpSent(viewerId: string, ...numbers: Parameters<LookUpSent>): ReturnType<LookUpSent>;
  told(slot: number, tell: (viewerId: string) => void): void;
  close(): void;
}

const nothingAsked = new Float64Array(0);
const none: TrackCounts = { packets: 0, octets: 0, resent: 0 };

export function createNativeMembers(
  native: NativeFanout,
  histories: Readonly<Record<TrackKind, PacketReader>>,
): NativeMembers {
  const members = new Map<string, Member>();
  const bySlot = new Map<number, string>();
  const sockets = new Map<string, number>();
  const numbers = new Float64Array(4);

  const socketOf = ({ localAddress, localPort }: UdpRoute): number => {
    const key = `${localAddress} ${localPort}`;
    const known = sockets.get(key);
    if (known !== undefined) return known;
    const found = native.findSocket(addressBytes(localAddress), localPort);
    if (found >= 0) sockets.set(key, found);
    return found;
  };

  const setRoute = (slot: number, route: UdpRoute | null): boolean => {
    const socket = route === null ? -1 : socketOf(route);
    if (route === null || socket < 0) return false;
    native.route(slot, socket, addressBytes(route.address), route.port);
    return true;
  };

  const startTrack = (slot: number, viewer: FanoutViewer, kind: TrackKind, state: TrackState | null): Start | null => {
    const track = viewer[kind];
    if (track === null) return null;
    const extended = state?.extended ?? randomInt(maxFirstSequence);
    const cursor = state?.cursor ?? histories[kind].end;
    native.track(slot, kindNumbers[kind], track.ssrc, track.payloadType, extended, cursor);
    const rtxExtended = track.rtx === null ? null : (state?.rtxExtended ?? randomInt(maxFirstSequence));
    if (track.rtx !== null && rtxExtended !== null) {
      native.rtx(slot, kindNumbers[kind], track.rtx.ssrc, track.rtx.payloadType, rtxExtended);
    }
    if (state?.held === true) native.hold(slot, kindNumbers[kind], 1);
    return { extended, rtxExtended, counts: state?.counts ?? none };
  };

  const sinceStart = (slot: number, kind: TrackKind): TrackCounts => {
    native.counts(slot, kindNumbers[kind], numbers);
    const [packets = 0, octets = 0, resent = 0] = numbers;
    return { packets, octets, resent };
  };

  const countsOf = ({ slot, starts }: Member, kind: TrackKind): TrackCounts => {
    const { packets, octets, resent } = sinceStart(slot, kind);
    const before = starts[kind]?.counts ?? none;
    return { packets: before.packets + packets, octets: before.octets + octets, resent: before.resent + resent };
  };

  const stateOf = (member: Member, kind: TrackKind): TrackState | null => {
    const start = member.starts[kind];
    if (start === null) return null;
    const cursor = native.cursor(member.slot, kindNumbers[kind]);
    const extended = start.extended + sinceStart(member.slot, kind).packets;
    const rtxExtended = start.rtxExtended === null ? null : (numbers[3] ?? 0);
    return { cursor, extended, rtxExtended, held: member.held[kind], counts: countsOf(member, kind) };
  };

  return {
    get size() {
      return members.size;
    },
    add(viewer, state) {
      const { profile, localKey, localSalt } = viewer.keys;
      const keys = deriveSessionKeys(profile, 'rtp', localKey, localSalt);
      const slot = native.add(profileNumbers[profile], keys.key.export(), keys.salt, keys.authKey);
      if (!setRoute(slot, viewer.route())) {
        native.remove(slot);
        return false;
      }
      const start = (kind: TrackKind) => startTrack(slot, viewer, kind, state?.tracks[kind] ?? null);
      const transportNext = state?.transportNext ?? 0;
      if (viewer.transport !== null) native.transport(slot, viewer.transport.id, transportNext);
      members.set(viewer.viewerId, {
        slot,
        viewer,
        transportNext,
        rtcp: state?.rtcp ?? createRtcpChannel(viewer.keys, viewer.send),
        starts: { audio: start('audio'), video: start('video') },
        held: { audio: state?.tracks.audio?.held ?? false, video: state?.tracks.video?.held ?? false },
      });
      bySlot.set(slot, viewer.viewerId);
      return true;
    },
    take(viewerId) {
      const member = members.get(viewerId);
      if (member === undefined) return null;
      const tracks = { audio: stateOf(member, 'audio'), video: stateOf(member, 'video') };
      const transportNext = Math.max(member.transportNext, native.sent(member.slot, 0, nothingAsked));
      members.delete(viewerId);
      bySlot.delete(member.slot);
      native.remove(member.slot);
      return { rtcp: member.rtcp, transportNext, tracks };
    },
    viewer: (viewerId) => members.get(viewerId)?.viewer,
    rtcp: (viewerId) => members.get(viewerId)?.rtcp,
    reroute(viewerId) {
      const member = members.get(viewerId);
      return member !== undefined && setRoute(member.slot, member.viewer.route());
    },
    withTrack(viewerId, kind, otherwise, act) {
      const member = members.get(viewerId);
      return member === undefined || member.starts[kind] === null ? otherwise : act(member.slot, kindNumbers[kind]);
    },
    hold(viewerId, kind, held) {
      const member = members.get(viewerId);
      if (member === undefined) return;
      member.held[kind] = held;
      native.hold(member.slot, kindNumbers[kind], held ? 1 : 0);
    },
    counts(viewerId, kind) {
      const member = members.get(viewerId);
      return member === undefined ? null : countsOf(member, kind);
    },
    lookUpSent(viewerId, first, count) {
      const member = members.get(viewerId);
      if (member === undefined) return [];
      const told = new Float64Array(2 * count);
      native.sent(member.slot, first, told);
      return Array.from({ length: count }, (_, n) => {
        const [sentMs = 0, bytes = 0] = told.subarray(2 * n, 2 * n + 2);
        return bytes === 0 ? null : { sentMs, bytes };
      });
    },
    told(slot, tell) {
      const viewerId = bySlot.get(slot);
      if (viewerId !== undefined) tell(viewerId);
    },
    close() {
      for (const { slot } of members.values()) native.remove(slot);
      members.clear();
      bySlot.clear();
      for (const socket of sockets.values()) native.closeSocket(socket);
      sockets.clear();
    },
  };
}

const addressBytes = (address: string): Uint8Array => Uint8Array.from(ipaddr.parse(address).toByteArray());
