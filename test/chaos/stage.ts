/** What chaos breaks: the server as a process of its own, some streams from real origins, and viewers of each. */

import { openTcpRelay, type TcpRelay } from '../support/network/tcp-relay.js';
import { findAll, pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startOrigin } from '../support/source/origin.js';
import { joinWhep, type WhepViewer } from '../support/viewer/whep-viewer.js';

export interface ChaosStream {
  readonly name: string;
  readonly pullId: string;
  /** Between the origin and the server. */
  readonly relay: TcpRelay;
  readonly viewers: WhepViewer[];
}

export interface ChaosStage {
  readonly sluice: RunningSluice;
  readonly streams: readonly ChaosStream[];
  join(stream: ChaosStream): Promise<WhepViewer>;
  end(): Promise<void>;
}

/** Deaths count each for itself: the policy is to go on for ever. */
const flags = [
  '--supervisor.restartWindowMs=1',
  '--viewers.perShard=1',
  '--viewers.maxShards=8',
  '--supervisor.threadMemoryMb=128',
  '--log.level=debug',
];

export async function setChaosStage(count: number, viewersEach: number): Promise<ChaosStage> {
  const origin = await startOrigin();
  const sluice = await startSluice(flags);
  const join = (stream: Pick<ChaosStream, 'name'>): Promise<WhepViewer> =>
    joinWhep(`${sluice.rest}/whep/${stream.name}`);
  const streams = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const name = `chaos-${n}`;
      const relay = await openTcpRelay(Number(new URL(origin.url(name)).port));
      await pull(sluice, `rtmp://127.0.0.1:${relay.port}/live/${name}`, name);
      await whenStatus(sluice, name, 'PROCESSED_REMOTE');
      const listed = (await findAll(sluice)).find(({ localStreamName }) => localStreamName === name);
      const viewers = await Promise.all(Array.from({ length: viewersEach }, () => join({ name })));
      return { name, pullId: listed?.localMediaSessionId ?? '', relay, viewers };
    }),
  );
  return {
    sluice,
    streams,
    join,
    async end() {
      for (const { viewers, relay } of streams) {
        for (const viewer of viewers) viewer.close();
        relay.close();
      }
      await sluice.stop();
      await origin.close();
    },
  };
}
