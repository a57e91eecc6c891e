/** Who is sent the packets of one stream, on one app: players by the MSE provider of WCS's SDK (docs/wcs.md 3.10). */
import type { TemplatedApp } from 'uWebSockets.js';
import { clockPacket, type MediaPacket, type PacketSetup, stamp } from '../core/wcs/media-packet.js';
import { startOf } from '../core/wcs/recent-packets.js';
import type { ErrorCode } from '../errors.js';
import { Followers } from './followers.js';
import type { PacketPlayer, PacketStream } from './packet-streams.js';
import type { MediaSocket } from './sockets.js';

/** Who plays by one socket. */
export interface PacketFollower {
  readonly socket: MediaSocket;
  /** Once, when it is sent the first packets. */
  readonly onBegun: () => void;
  /** The stream is over. */
  readonly onOver: (reason: ErrorCode | null) => void;
}

export interface PacketAudience {
  add(follower: PacketFollower): void;
  remove(socket: MediaSocket): void;
}

/** What may wait for a slow player: a GOP and more. */
const maxWaitingBytes = 8_388_608;
/** Of the packets' own time. */
const lookEveryMs = 250;
/** The player begins again, and stops, where stamps of video jump by more than 5 s. */
const maxStepMs = 4000;

export function createPacketAudience(app: TemplatedApp, stream: PacketStream, onEmpty: () => void): PacketAudience {
  const topic = `packets/${stream.id}`;
  const followers = new Followers<MediaSocket>(topic);
  const playing = new Map<MediaSocket, PacketFollower>();
  /** Of those that fell behind: the timestamp of the last video that was sent to them. */
  const stoppedMs = new Map<MediaSocket, number>();
  /** Of the last video that was sent to all. */
  let videoMs: number | null = null;
  let lookedMs = 0;
  let changed: PacketSetup | null = null;

  const begin = (socket: MediaSocket): boolean => {
    const firstMs = stream.recent.packets[0]?.atMs ?? Number.NEGATIVE_INFINITY;
    const fromMs = stoppedMs.get(socket) ?? null;
    // Where it was left out nothing is to begin again: it waits for the next keyframe.
    const start = fromMs === null || firstMs > fromMs ? startOf(stream.recent) : null;
    if (start === null) return false;
    const steps = fromMs === null ? [] : clockSteps(fromMs, firstMs);
    if (![...steps, start].every((bytes) => socket.sendMedia(bytes))) return false;
    stoppedMs.delete(socket);
    if (fromMs === null) playing.get(socket)?.onBegun();
    return true;
  };

  /** Memory is bounded for each socket; none is looked at for each packet. */
  const look = (atMs: number): void => {
    if (atMs - lookedMs < lookEveryMs) return;
    lookedMs = atMs;
    for (const socket of followers.all) {
      const isSlow = socket.getBufferedAmount() > maxWaitingBytes;
      if (isSlow && followers.fellBehind(socket)) stoppedMs.set(socket, videoMs ?? atMs);
    }
  };

  const publish = (bytes: Uint8Array): void => void app.publish(topic, bytes, true);

  const send = (packet: MediaPacket): void => {
    const { track, isKeyframe, atMs, data } = packet;
    if (track === 'video') {
      for (const step of clockSteps(videoMs ?? atMs, atMs)) publish(step);
      videoMs = atMs;
    }
    const isStart = isKeyframe || stream.recent.setup?.video === null;
    if (isStart && changed !== null) {
      for (const setup of stampedSetup(changed, atMs)) publish(setup);
      changed = null;
    }
    publish(data);
    look(atMs);
    if (followers.hasWaiting) followers.beginWaiting(begin);
  };

  const player: PacketPlayer = {
    onMessage(message) {
      if (message.kind === 'setup') changed = message;
      else send(message);
    },
    onOver(reason) {
      for (const { onOver } of [...playing.values()]) onOver(reason);
    },
  };
  stream.join(player);

  return {
    add(follower) {
      playing.set(follower.socket, follower);
      videoMs ??= stream.recent.packets.filter(({ track }) => track === 'video').at(-1)?.atMs ?? null;
      followers.add(follower.socket, begin);
    },
    remove(socket) {
      if (!playing.delete(socket)) return;
      followers.remove(socket);
      stoppedMs.delete(socket);
      if (followers.size > 0) return;
      stream.leave(player);
      onEmpty();
    },
  };
}

/** What stands between two stamps of video that are too far apart. */
function clockSteps(fromMs: number, toMs: number): readonly Uint8Array[] {
  const count = Math.max(0, Math.ceil((toMs - fromMs) / maxStepMs) - 1);
  return Array.from({ length: count }, (_, n) => clockPacket(fromMs + (n + 1) * maxStepMs));
}

function stampedSetup({ video, audio }: PacketSetup, atMs: number): readonly Uint8Array[] {
  const setups = [video, audio].flatMap((setup) => (setup === null ? [] : [setup]));
  for (const setup of setups) stamp(setup, atMs);
  return setups;
}
