/**
 * npm run bench -- survive: what it costs a stream's thread to keep the sessions of 400 viewers where another one can go on with them.
 * With and without in turns, so that what else the machine does falls on both.
 */
import { openStage } from './fanout/stage.js';
import { printTable, quantile, type Row, writeResult } from './report.js';

const viewers = 400;
const readers = 16;
const seconds = 10;
const rounds = 5;

async function cpuUsOfPacket(keepsSessions: boolean): Promise<number> {
  const stage = await openStage({ fanout: 'native', viewers, readers, keyEvery: 30, keepsSessions });
  const { actor } = await stage.run(seconds);
  await stage.close();
  return (actor.cpuMs * 1000) / actor.packets;
}

const figures: { readonly kept: number; readonly without: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  const first = await cpuUsOfPacket(round % 2 === 0);
  const second = await cpuUsOfPacket(round % 2 !== 0);
  figures.push(round % 2 === 0 ? { kept: first, without: second } : { kept: second, without: first });
}

const percent = (kept: number, without: number): number => (kept / without - 1) * 100;
const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
const row = (round: number | string, kept: number, without: number, more: number): Row => ({
  round,
  'kept µs': kept.toFixed(3),
  'not kept µs': without.toFixed(3),
  'more %': more.toFixed(1),
});
const rows = figures.map(({ kept, without }, n) => row(n + 1, kept, without, percent(kept, without)));
// Of the pairs: what else the machine did from one to the next is in none of them.
const more = median(figures.map(({ kept, without }) => percent(kept, without)));
rows.push(row('median', median(figures.map(({ kept }) => kept)), median(figures.map(({ without }) => without)), more));
printTable(`CPU of the stream's thread a packet to one of ${viewers} viewers, sessions kept and not`, rows);
writeResult('survive-cost', { viewers, seconds, rows });
