/**
 * RTMP out: the stream as its source sent it, to RTMP players, B-frames and the source's own audio included. Who falls behind goes on
 * at the next place to begin.
 */
import type { LinkCall } from '../../src/core/rtmp/link-calls.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import { packForPlayers } from '../../src/core/rtmp/play-server.js';
import { createPlayerGroup, type MessageRole } from '../../src/core/rtmp/player-group.js';
import { SluiceError } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import { nativeThreads } from '../../src/threads/native/native-threads.js';
import type { ActorSettings } from '../settings.js';
import { createPlayer, type Player } from './player.js';

export interface RtmpPlayersOptions {
  readonly settings: ActorSettings['rtmpOut'];
  /** Of the media that a player begins with. */
  readonly maxGroupBytes: number;
  readonly nowMs: () => number;
  readonly log: Logger;
  /** The first one comes, before it is sent anything, or the last one is gone. */
  readonly onWatched: (isWatched: boolean) => void;
  readonly onCount: (players: number) => void;
  /** How much later than at its owner the stream is here, 0 where it is pulled here; null: not known yet. */
  readonly delayMs: () => number | null;
}

export interface RtmpPlayers {
  /**
   * `held`: the connection, in the table of held sockets; `epoch`: as StreamActor.addPlayer. Errors: viewer.limit, stream.notLive when
   * it is gone.
   */
  add(held: number, epoch: number | null): void;
  /** As StreamActor.endLinks. */
  endLinks(epoch: number | null): void;
  /** To the nodes among them. */
  tell(call: LinkCall): void;
  /** A message of the source, as it came. */
  push(message: MediaMessage, role: () => MessageRole | null): void;
  newSession(): void;
  /** Media is missing from here on. */
  forgetGroup(): void;
  close(): void;
}

/**
 * Servers that pull (node-media-server) lose what they read together with the answer to play: so long behind its beginning a player is
 * sent metadata and configurations again, ahead of a keyframe.
 */
const againAfterMs = 1000;
/** How often other nodes are told how much later they have the stream. */
const delayEveryMs = 1000;

export function createRtmpPlayers(options: RtmpPlayersOptions): RtmpPlayers {
  const { settings, nowMs, log } = options;
  const isOn = settings.port > 0;
  const group = createPlayerGroup(options.maxGroupBytes);
  const players = new Set<Player>();
  /** When those began that have not been sent the configurations again. */
  const begunAtMs = new Map<Player, number>();
  let timer: NodeJS.Timeout | undefined;

  const tellDelays = (): void => {
    for (const player of players) player.tellDelay(options.delayMs());
  };
  const watchLinks = (): void => {
    const hasLinks = [...players].some(({ epoch }) => epoch !== null);
    if (hasLinks) timer ??= setInterval(tellDelays, delayEveryMs);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const counted = (): void => {
    options.onCount(players.size);
    log('debug', 'rtmpOut.players', { players: players.size });
  };
  const begin = (player: Player): void => {
    const opening = group.opening();
    if (opening === null) return;
    player.begin(opening.map(packForPlayers));
    // Other nodes lose nothing.
    if (player.epoch === null) begunAtMs.set(player, nowMs());
  };
  const setUpAgain = (timestampMs: number): void => {
    const due = [...begunAtMs].filter(([, atMs]) => nowMs() - atMs >= againAfterMs);
    if (due.length === 0) return;
    const setup = group.setup(timestampMs).map(packForPlayers);
    for (const [player] of due) {
      for (const part of setup) player.send(part);
      begunAtMs.delete(player);
    }
  };

  return {
    add(held, epoch) {
      if (players.size >= settings.maxPlayersPerStream) {
        throw new SluiceError('viewer.limit', `rtmpOut.maxPlayersPerStream is ${settings.maxPlayersPerStream}`);
      }
      const descriptor = nativeThreads()?.copyHeld(held) ?? -1;
      if (descriptor < 0) throw new SluiceError('stream.notLive', 'the connection is gone');
      if (players.size === 0) options.onWatched(true);
      const player = createPlayer({
        descriptor,
        epoch,
        maxBehindBytes: settings.maxBehindBytes,
        nowMs,
        onClosed() {
          players.delete(player);
          begunAtMs.delete(player);
          if (players.size === 0) options.onWatched(false);
          watchLinks();
          counted();
        },
      });
      players.add(player);
      watchLinks();
      counted();
      begin(player);
    },
    endLinks(epoch) {
      for (const player of players) if (player.epoch !== null && player.epoch !== epoch) player.cut();
    },
    tell(call) {
      for (const player of players) player.tell(call);
    },
    push(message, roleOf) {
      const role = isOn ? roleOf() : null;
      if (role === null) return;
      const sent = group.push(message, role, nowMs());
      if (players.size === 0) return;
      const part = packForPlayers(sent);
      if (role === 'start') setUpAgain(sent.timestampMs);
      for (const player of players) {
        if (role === 'start' && player.isReady) begin(player);
        else player.send(part);
      }
    },
    newSession: group.newSession,
    forgetGroup: group.forget,
    close() {
      clearInterval(timer);
      for (const player of players) player.end();
    },
  };
}
