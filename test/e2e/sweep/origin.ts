/** One RTMP server on loopback that plays every input of the sweep, each under a name of its own. */
import { monotonicMs } from '../../../src/clock.js';
import { startScriptedServer } from '../../support/source/play-server.js';
import { loopTags } from '../../support/source/tag-loop.js';
import type { TagInput } from './input.js';

export interface SweepOrigin {
  /** Where this input is to be played from now on. */
  begin(input: TagInput): string;
  /** When the first player since then was let in, by the monotonic clock; null: not yet. */
  firstPlayMs(input: TagInput): number | null;
  close(): Promise<void>;
}

export async function startSweepOrigin(inputs: readonly TagInput[]): Promise<SweepOrigin> {
  const firstPlays = new Map<TagInput, number>();
  const stops = new Set<() => void>();
  const success = { level: 'status', code: 'NetConnection.Connect.Success' };
  const server = await startScriptedServer(({ name, transactionId, args }, say, socket, send) => {
    if (name === 'connect') say('_result', transactionId, null, success);
    if (name === 'createStream') say('_result', transactionId, null, 1);
    if (name !== 'play') return;
    const played = inputs[Number(args[1])];
    if (played === undefined) {
      say('onStatus', 0, null, { level: 'error', code: 'NetStream.Play.StreamNotFound' });
      return;
    }
    say('onStatus', 0, null, { level: 'status', code: 'NetStream.Play.Start' });
    if (!firstPlays.has(played)) firstPlays.set(played, monotonicMs());
    const { tags, roundMs, ends } = played;
    const going = tags.filter(({ track }) => track !== ends?.track);
    const ending = tags.filter(({ track }) => track === ends?.track);
    const ended = { tags: ending, roundMs, endMs: ends?.afterMs ?? 0 };
    const loops = [loopTags(send, { tags: going, roundMs }), ...(ends === null ? [] : [loopTags(send, ended)])];
    const stop = (): void => {
      for (const stopLoop of loops) stopLoop();
    };
    stops.add(stop);
    socket.on('close', stop);
  });
  return {
    begin(input) {
      firstPlays.delete(input);
      return `rtmp://127.0.0.1:${server.port}/live/${inputs.indexOf(input)}`;
    },
    firstPlayMs: (input) => firstPlays.get(input) ?? null,
    async close() {
      for (const stop of stops) stop();
      await server.close();
    },
  };
}
