/**
 * The fan-out by the add-on: one call serves a frame to many viewers, with one message per viewer and frame (UDP_SEGMENT).
 * What is rare stays in TypeScript: RTCP, and viewers that are not reached by UDP.
 */
import { randomInt } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import type { PacketLog } from '../../src/core/rtp/packet-log.js';
import type { Fanout, FanoutViewer, TrackCounts, TrackKind, UdpRoute } from './fanout.js';
import { createFanoutJs } from './fanout-js.js';
import type { NativeFanout, NativeFanoutClass } from './native-binding.js';
import { createRtcpChannel, type RtcpChannel } from './rtcp-channel.js';
import { maxFirstSequence } from './rtp-track.js';
import { deriveSessionKeys } from './srtp-keys.js';

const kindNumbers = { audio: 0, video: 1 } as const;
const trackKinds = ['audio', 'video'] as const;
const profileNumbers = { AEAD_AES_128_GCM: 0, AES_CM_128_HMAC_SHA1_80: 1 } as const;
/** Numbers of viewers that TypeScript serves begin here, above every slot. */
const scriptBase = 2 ** 24;
const maxPackets = 2 ** 40;

interface Member {
  readonly slot: number;
  readonly viewer: FanoutViewer;
  readonly rtcp: RtcpChannel;
}

export function createFanoutNative(Native: NativeFanoutClass, logs: Readonly<Record<TrackKind, PacketLog>>): Fanout {
  const native = new Native();
  const script = createFanoutJs(logs);
  const scripted = new Set<string>();
  const members = new Map<string, Member>();
  const bySlot = new Map<number, Member>();
  const sockets = new Map<string, number>();
  const attached: Record<TrackKind, PacketLog['memory'] | null> = { audio: null, video: null };
  const numbers = new Float64Array(3);
  let blocked = new Uint32Array(64);

  /** The log's memory moves when it grows. */
  const attach = (kind: TrackKind): PacketLog => {
    const log = logs[kind];
    if (attached[kind] !== log.memory) {
      const { arena, offsets, lengths, rtpTs, flags } = log.memory;
      native.attach(kindNumbers[kind], arena, offsets, lengths, rtpTs, flags);
      attached[kind] = log.memory;
    }
    return log;
  };

  const socketOf = ({ localAddress, localPort }: UdpRoute): number => {
    const key = `${localAddress} ${localPort}`;
    const known = sockets.get(key);
    if (known !== undefined) return known;
    const found = native.findSocket(addressBytes(localAddress), localPort);
    if (found >= 0) sockets.set(key, found);
    return found;
  };

  /** False when the viewer is not reached by a UDP socket of this process. */
  const reroute = (slot: number, route: UdpRoute | null): boolean => {
    const socket = route === null ? -1 : socketOf(route);
    if (route === null || socket < 0) return false;
    native.route(slot, socket, addressBytes(route.address), route.port);
    return true;
  };

  const addNative = (viewer: FanoutViewer): boolean => {
    const { profile, localKey, localSalt } = viewer.keys;
    const keys = deriveSessionKeys(profile, 'rtp', localKey, localSalt);
    const slot = native.add(profileNumbers[profile], keys.key.export(), keys.salt, keys.authKey);
    if (!reroute(slot, viewer.route())) {
      native.remove(slot);
      return false;
    }
    for (const kind of trackKinds) {
      const track = viewer[kind];
      if (track === null) continue;
      const first = randomInt(maxFirstSequence);
      native.track(slot, kindNumbers[kind], track.ssrc, track.payloadType, first, logs[kind].end);
    }
    const member = { slot, viewer, rtcp: createRtcpChannel(viewer.keys, viewer.send) };
    members.set(viewer.viewerId, member);
    bySlot.set(slot, member);
    if (blocked.length < members.size + 1) blocked = new Uint32Array(blocked.length * 2);
    return true;
  };

  const withSlot = <T>(viewerId: string, kind: TrackKind, otherwise: T, act: (slot: number, kind: number) => T): T => {
    const member = members.get(viewerId);
    return member === undefined || member.viewer[kind] === null ? otherwise : act(member.slot, kindNumbers[kind]);
  };

  return {
    kind: 'native',
    add(viewer) {
      if (addNative(viewer)) return;
      scripted.add(viewer.viewerId);
      script.add(viewer);
    },
    remove(viewerId) {
      const member = members.get(viewerId);
      members.delete(viewerId);
      if (member !== undefined) {
        bySlot.delete(member.slot);
        native.remove(member.slot);
      }
      if (scripted.delete(viewerId)) script.remove(viewerId);
    },
    rerouted(viewerId) {
      const member = members.get(viewerId);
      if (member !== undefined) reroute(member.slot, member.viewer.route());
    },
    cursor(viewerId, kind) {
      if (scripted.has(viewerId)) return script.cursor(viewerId, kind);
      return withSlot(viewerId, kind, null, (slot, track) => native.cursor(slot, track));
    },
    seek(viewerId, kind, packet) {
      if (scripted.has(viewerId)) script.seek(viewerId, kind, packet);
      else withSlot(viewerId, kind, undefined, (slot, track) => native.seek(slot, track, packet));
    },
    hold(viewerId, kind, held) {
      if (scripted.has(viewerId)) script.hold(viewerId, kind, held);
      else withSlot(viewerId, kind, undefined, (slot, track) => native.hold(slot, track, held ? 1 : 0));
    },
    serve(kind, from, budgetMs, onBlocked) {
      const { first, end } = attach(kind);
      if (from < scriptBase) {
        const budgetUs = Math.round(budgetMs * 1000);
        const next = native.serve(kindNumbers[kind], first, end, from, budgetUs, blocked);
        for (const slot of blocked.subarray(1, 1 + (blocked[0] ?? 0))) {
          const member = bySlot.get(slot);
          if (member !== undefined) onBlocked(member.viewer.viewerId);
        }
        if (next >= 0) return next;
      }
      if (scripted.size === 0) return null;
      const next = script.serve(kind, Math.max(0, from - scriptBase), budgetMs, onBlocked);
      return next === null ? null : next + scriptBase;
    },
    serveOne(viewerId, kind, most) {
      if (scripted.has(viewerId)) return script.serveOne(viewerId, kind, most);
      const { first, end } = attach(kind);
      return withSlot(viewerId, kind, true, (slot, track) =>
        native.serveOne(track, first, end, slot, Math.min(maxPackets, most)),
      );
    },
    resend(viewerId, kind, sequences) {
      if (scripted.has(viewerId)) return script.resend(viewerId, kind, sequences);
      const { first, end } = attach(kind);
      return withSlot(viewerId, kind, 0, (slot, track) =>
        native.resend(track, first, end, slot, Uint16Array.from(sequences)),
      );
    },
    sendRtcp: (viewerId, packet) => members.get(viewerId)?.rtcp.send(packet) ?? script.sendRtcp(viewerId, packet),
    openRtcp: (viewerId, packet) => members.get(viewerId)?.rtcp.open(packet) ?? script.openRtcp(viewerId, packet),
    counts(viewerId, kind) {
      if (scripted.has(viewerId)) return script.counts(viewerId, kind);
      return withSlot(viewerId, kind, nothing, (slot, track) => readCounts(native, slot, track, numbers));
    },
    close() {
      for (const viewerId of [...members.keys()]) this.remove(viewerId);
      for (const socket of sockets.values()) native.closeSocket(socket);
      sockets.clear();
    },
  };
}

const nothing: TrackCounts = { packets: 0, octets: 0, resent: 0 };

function readCounts(native: NativeFanout, slot: number, track: number, out: Float64Array): TrackCounts {
  native.counts(slot, track, out);
  const [packets = 0, octets = 0, resent = 0] = out;
  return { packets, octets, resent };
}

const addressBytes = (address: string): Uint8Array => Uint8Array.from(ipaddr.parse(address).toByteArray());
