/**
 * The fan-out by the add-on: one call serves a frame to many viewers, with one message per viewer and frame (UDP_SEGMENT).
 * What is rare stays in TypeScript: RTCP, and viewers that are not reached by UDP.
 */
import type { PacketReader } from '../../src/core/rtp/packet-reader.js';
import { sumDatagrams } from './datagram-counts.js';
import type { Fanout, FanoutViewer, TrackCounts, TrackKind, ViewerState } from './fanout.js';
import { createFanoutJs } from './fanout-js.js';
import type { NativeFanoutClass } from './native-binding.js';
import { createNativeMembers, kindNumbers } from './native-members.js';

/** Numbers of viewers that TypeScript serves begin here, above every slot. */
const scriptBase = 2 ** 24;
const maxPackets = 2 ** 40;
const nothing: TrackCounts = { packets: 0, octets: 0, resent: 0 };

export function createFanoutNative(
  Native: NativeFanoutClass,
  histories: Readonly<Record<TrackKind, PacketReader>>,
): Fanout {
  const native = new Native();
  const script = createFanoutJs(histories);
  const scripted = new Map<string, FanoutViewer>();
  const members = createNativeMembers(native, histories);
  const attached: Record<TrackKind, PacketReader['memory'] | null> = { audio: null, video: null };
  let blocked = new Uint32Array(64);
  const totals = new Float64Array(6);

  /** The history's memory moves when it grows. */
  const attach = (kind: TrackKind): PacketReader => {
    const history = histories[kind];
    if (attached[kind] !== history.memory) {
      const { arena, offsets, lengths, rtpTs, flags, shared } = history.memory;
      native.attach(kindNumbers[kind], arena, offsets, lengths, rtpTs, flags, shared);
      attached[kind] = history.memory;
    }
    return history;
  };

  const add = (viewer: FanoutViewer, state?: ViewerState): void => {
    if (members.add(viewer, state)) {
      if (blocked.length <= members.size) blocked = new Uint32Array(blocked.length * 2);
      return;
    }
    scripted.set(viewer.viewerId, viewer);
    script.add(viewer, state);
  };

  const take = (viewerId: string): ViewerState | null => {
    if (scripted.delete(viewerId)) return script.take(viewerId);
    return members.take(viewerId);
  };

  return {
    kind: 'native',
    add,
    take,
    remove: (viewerId) => void take(viewerId),
    rerouted(viewerId) {
      if (members.reroute(viewerId)) return;
      const viewer = members.viewer(viewerId) ?? scripted.get(viewerId);
      const state = viewer === undefined ? null : take(viewerId);
      if (viewer !== undefined && state !== null) add(viewer, state);
    },
    cursor(viewerId, kind) {
      if (scripted.has(viewerId)) return script.cursor(viewerId, kind);
      return members.withTrack(viewerId, kind, null, (slot, track) => native.cursor(slot, track));
    },
    seek(viewerId, kind, packet) {
      if (scripted.has(viewerId)) script.seek(viewerId, kind, packet);
      else members.withTrack(viewerId, kind, undefined, (slot, track) => native.seek(slot, track, packet));
    },
    hold(viewerId, kind, held) {
      if (scripted.has(viewerId)) script.hold(viewerId, kind, held);
      else members.hold(viewerId, kind, held);
    },
    serve(kind, from, end, budgetMs, onBlocked) {
      const history = attach(kind);
      if (from < scriptBase) {
        const budgetUs = Math.round(budgetMs * 1000);
        const next = native.serve(
          kindNumbers[kind],
          history.first,
          Math.max(history.first, Math.min(end, history.end)),
          from,
          budgetUs,
          blocked,
        );
        for (const slot of blocked.subarray(1, 1 + (blocked[0] ?? 0))) members.told(slot, onBlocked);
        if (next >= 0) return next;
      }
      if (scripted.size === 0) return null;
      const next = script.serve(kind, Math.max(0, from - scriptBase), end, budgetMs, onBlocked);
      return next === null ? null : next + scriptBase;
    },
    serveOne(viewerId, kind, most) {
      if (scripted.has(viewerId)) return script.serveOne(viewerId, kind, most);
      const { first, end } = attach(kind);
      return members.withTrack(viewerId, kind, true, (slot, track) =>
        native.serveOne(track, first, end, slot, Math.min(maxPackets, most)),
      );
    },
    resend(viewerId, kind, sequences) {
      if (scripted.has(viewerId)) return script.resend(viewerId, kind, sequences);
      const { first, end } = attach(kind);
      return members.withTrack(viewerId, kind, 0, (slot, track) =>
        native.resend(track, first, end, slot, Uint16Array.from(sequences)),
      );
    },
    lookUpSent(viewerId, first, count) {
      if (scripted.has(viewerId)) return script.lookUpSent(viewerId, first, count);
      return members.lookUpSent(viewerId, first, count);
    },
    sendRtcp: (viewerId, packet) => members.rtcp(viewerId)?.send(packet) ?? script.sendRtcp(viewerId, packet),
    openRtcp(viewerId, packet) {
      const channel = members.rtcp(viewerId);
      return channel === undefined ? script.openRtcp(viewerId, packet) : channel.open(packet);
    },
    counts(viewerId, kind) {
      if (scripted.has(viewerId)) return script.counts(viewerId, kind);
      return members.counts(viewerId, kind) ?? nothing;
    },
    get datagrams() {
      native.totals(totals);
      const [systemCalls = 0, taken = 0, blocked = 0, tooLong = 0, dropped = 0, segmentsRefused = 0] = totals;
      return sumDatagrams([{ systemCalls, taken, blocked, tooLong, dropped, segmentsRefused }, script.datagrams]);
    },
    close() {
      members.close();
      script.close();
      scripted.clear();
    },
  };
}
