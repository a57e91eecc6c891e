/** Many viewers of one stream at its own pace: what they cost then, what they lose, how long a packet takes. */
import { quantile, type Row } from '../report.js';
import { openStage, type StageOptions } from './stage.js';

const seconds = 10;
const readers = 16;

const ms = (values: readonly number[], share: number): string => {
  const sorted = values.toSorted((a, b) => a - b);
  return quantile(sorted, share).toFixed(2);
};

export async function measurePaced(fanout: StageOptions['fanout'], viewers: number, keyEvery: number): Promise<Row> {
  const stage = await openStage({ fanout, viewers, readers, keyEvery });
  const { actor, viewers: seen } = await stage.run(seconds);
  await stage.close();
  return {
    fanout,
    viewers,
    'read and checked': readers,
    'packets/s': Math.round((actor.packets * 1000) / actor.wallMs),
    'core %': ((actor.cpuMs / actor.wallMs) * 100).toFixed(1),
    'CPU µs a packet': ((actor.cpuMs * 1000) / actor.packets).toFixed(2),
    'RTCP/s': Math.round((actor.rtcpReceived * 1000) / actor.wallMs),
    'sent again': actor.resent,
    lost: seen.lost,
    opened: seen.opened,
    'frame p50': ms(seen.frameMs, 0.5),
    p99: ms(seen.frameMs, 0.99),
    'p99.9': ms(seen.frameMs, 0.999),
    'audio p50': ms(seen.audioMs, 0.5),
    'audio p99': ms(seen.audioMs, 0.99),
    'audio max': ms(seen.audioMs, 1),
    ...(keyEvery === 0
      ? {}
      : {
          'keyframe ms': ms(seen.keySpreadMs, 0.5),
          longest: ms(seen.keySpreadMs, 1),
          'audio meanwhile': ms(seen.audioInKeyMs, 1),
        }),
  };
}
