/** One RTMP server on loopback that plays every input of the sweep, each under a name of its own. */
import type { Socket } from 'node:net';
import { monotonicMs } from '../../../src/clock.js';
import { type Send, startScriptedServer } from '../../support/source/play-server.js';
import { loopTags } from '../../support/source/tag-loop.js';
import type { TagInput } from './input.js';
import type { Peer, Sent } from './manner.js';

export interface SweepOrigin {
  /** Where this input is to be played from now on. */
  begin(input: TagInput): string;
  /** When the first player since then connected, by the monotonic clock; null: not yet. */
  firstPlayMs(input: TagInput): number | null;
  close(): Promise<void>;
}

const success = { level: 'status', code: 'NetConnection.Connect.Success' };

export async function startSweepOrigin(inputs: readonly TagInput[]): Promise<SweepOrigin> {
  const firstPlays = new Map<TagInput, number>();
  const stops = new Set<() => void>();
  /** The application that a player has asked for is the number of an input. */
  const apps = new Map<Socket, string>();

  const play = (played: TagInput, peer: Omit<Peer, 'play'>): void => {
    const { tags, roundMs, ends, manner } = played;
    const write =
      manner.writer?.(peer.socket) ?? (({ type, timestampMs, body }: Sent) => peer.send(type, timestampMs, body));
    let sent = 0;
    let held: Sent[] = [];
    let heldFromMs = 0;
    const send: Send = (type, timestampMs, body) => {
      const message = { type, timestampMs, body };
      if (held.length === 0) heldFromMs = timestampMs;
      held.push(...(manner.reword?.(message, sent) ?? [message]));
      sent += 1;
      if (timestampMs - heldFromMs < (manner.lumpMs ?? 0)) return;
      for (const one of held) write(one);
      held = [];
    };
    const going = tags.filter(({ track }) => track !== ends?.track);
    const ending = tags.filter(({ track }) => track === ends?.track);
    const ended = { tags: ending, roundMs, endMs: ends?.afterMs ?? 0 };
    const loops = [loopTags(send, { tags: going, roundMs }), ...(ends === null ? [] : [loopTags(send, ended)])];
    const stop = (): void => {
      for (const stopLoop of loops) stopLoop();
    };
    stops.add(stop);
    peer.socket.on('close', stop);
  };

  const server = await startScriptedServer((command, say, socket, send) => {
    const { name, transactionId, args } = command;
    if (name === 'connect') apps.set(socket, String(Object(args[0]).app));
    const played = inputs[Number(apps.get(socket))];
    if (played !== undefined && !firstPlays.has(played)) firstPlays.set(played, monotonicMs());
    const begin = (): void => {
      if (played !== undefined) play(played, { say, send, socket });
    };
    if (played?.manner.answer?.(command, { say, send, socket, play: begin }) === true) return;
    if (name === 'connect') say('_result', transactionId, null, success);
    if (name === 'createStream') say('_result', transactionId, null, 1);
    if (name !== 'play') return;
    if (played === undefined) {
      say('onStatus', 0, null, { level: 'error', code: 'NetStream.Play.StreamNotFound' });
      return;
    }
    say('onStatus', 0, null, { level: 'status', code: 'NetStream.Play.Start' });
    begin();
  });
  return {
    begin(input) {
      firstPlays.delete(input);
      return `rtmp://127.0.0.1:${server.port}/${inputs.indexOf(input)}/live`;
    },
    firstPlayMs: (input) => firstPlays.get(input) ?? null,
    async close() {
      for (const stop of stops) stop();
      await server.close();
    },
  };
}
