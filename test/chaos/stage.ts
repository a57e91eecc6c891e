/**
 * What chaos breaks: the server as a process of its own, some streams from real origins, viewers of each, browsers of the first two,
 * and a recording of the first on a disk that can be full or stand still.
 */
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { startPageServer } from '../support/browser/page-server.js';
import { type Viewer, watch } from '../support/browser/viewer.js';
import { openTcpRelay, type TcpRelay } from '../support/network/tcp-relay.js';
import { mountSmallDisk, type SmallDisk } from '../support/recording/small-disk.js';
import { findAll, pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { startCameras } from '../support/source/cameras.js';
import { startOrigin } from '../support/source/origin.js';
import { joinWhep, type WhepViewer } from '../support/viewer/whep-viewer.js';

export interface ChaosStream {
  readonly name: string;
  readonly pullId: string;
  /** Between the origin and the server. */
  readonly relay: TcpRelay;
  readonly viewers: WhepViewer[];
  readonly browsers: readonly Viewer[];
}

export interface ChaosStage {
  readonly sluice: RunningSluice;
  readonly streams: readonly ChaosStream[];
  /** Where recordings go. */
  readonly disk: SmallDisk;
  join(stream: Pick<ChaosStream, 'name'>): Promise<WhepViewer>;
  end(): Promise<void>;
}

interface ChaosCast {
  /** How many each of the streams has. */
  readonly viewers: readonly number[];
  /** Whether the sources send 720p30 with sound, in place of a small black picture. */
  readonly withSound?: boolean;
  /** So many of the streams are watched by Chromium and Firefox too. */
  readonly inBrowsers: number;
  /** Whether the first one is recorded. */
  readonly isRecorded: boolean;
}

/** Deaths count each for itself: the policy is to go on for ever. */
const flags = [
  '--supervisor.restartWindowMs=1',
  '--viewers.perShard=1',
  '--viewers.maxShards=8',
  '--supervisor.threadMemoryMb=128',
  '--recordings.minFreeMb=0',
  '--log.level=debug',
];
const diskBytes = 25_165_824;
const bitrateKbps = 1000;

async function startSource(withSound: boolean) {
  if (!withSound) return startOrigin();
  const { url, stop } = await startCameras(bitrateKbps);
  return { url, close: stop };
}

export async function setChaosStage(cast: ChaosCast): Promise<ChaosStage> {
  const disk = mountSmallDisk(diskBytes);
  const [origin, pages] = await Promise.all([startSource(cast.withSound ?? false), startPageServer()]);
  const browsers = await Promise.all(cast.inBrowsers === 0 ? [] : [startChromium(), startFirefox()]);
  const sluice = await startSluice([...flags, `--recordings.folder=${disk.folder}`]);
  const endpoint = (name: string): string => `${sluice.rest}/whep/${name}`;
  const join = ({ name }: Pick<ChaosStream, 'name'>): Promise<WhepViewer> => joinWhep(endpoint(name));

  const openStream = async (n: number, count: number): Promise<ChaosStream> => {
    const name = `chaos-${n}`;
    const relay = await openTcpRelay(Number(new URL(origin.url(name)).port));
    await pull(sluice, `rtmp://127.0.0.1:${relay.port}/live/${name}`, name);
    await whenStatus(sluice, name, 'PROCESSED_REMOTE');
    const listed = (await findAll(sluice)).find(({ localStreamName }) => localStreamName === name);
    const viewers = await Promise.all(Array.from({ length: count }, () => join({ name })));
    const watching = (n < cast.inBrowsers ? browsers : []).map(async (browser) =>
      watch(await (await browser.newContext()).newPage(), pages.origin, endpoint(name), { kinds: ['video'] }),
    );
    return { name, pullId: listed?.localMediaSessionId ?? '', relay, viewers, browsers: await Promise.all(watching) };
  };

  const streams: ChaosStream[] = [];
  for (const [n, count] of cast.viewers.entries()) streams.push(await openStream(n, count));
  const [first] = streams;
  if (first !== undefined && cast.isRecorded) await sluice.post(`/api/streams/${first.pullId}/recording`, {});
  return {
    sluice,
    streams,
    disk,
    join,
    async end() {
      for (const { viewers, relay } of streams) {
        for (const viewer of viewers) viewer.close();
        relay.close();
      }
      for (const browser of browsers) await browser.close();
      const how = await sluice.stop();
      if (how !== 0) console.error(`the server ended with ${how}:\n${sluice.child.lines.slice(-30).join('\n')}`);
      await Promise.all([origin.close(), pages.stop()]);
      disk.close();
    },
  };
}
