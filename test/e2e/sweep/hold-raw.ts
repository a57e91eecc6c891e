/** The rule for a source that may never come to send media: the reason is told, in one code, by find_all, WHEP and the log. */
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../../../src/clock.js';
import { errorTable, isErrorCode } from '../../../src/errors.js';
import { pull } from '../../support/server/pulls.js';
import { until } from '../../support/until.js';
import { chromiumOffer } from '../../support/viewer/offers.js';
import type { Outcome, SweepStage } from './hold.js';
import type { RawSource } from './raw-inputs.js';
import { type Listed, listedAs } from './told.js';

const lookMs = 250;
const mostMs = 10_000;
/** How a source was lost that had played: a viewer who joins learns that it is away. */
const losses = ['source.ended', 'source.stalled'];

const logMs = 10_000;
const comes = (probe: () => boolean): Promise<boolean> => until('a line', probe, logMs).catch(() => false);

const isTold = (listed: Listed | null): boolean =>
  listed !== null && (listed.reason !== null || listed.status === 'PROCESSED_REMOTE');

async function faultsOf(
  { sluice, asking }: SweepStage,
  name: string,
  listed: Listed | null,
): Promise<readonly string[]> {
  const code = listed?.reason?.code ?? null;
  const answer = await asking.post(`/whep/${encodeURIComponent(name)}`, 'application/sdp', chromiumOffer);
  if (answer.status === 201) {
    await asking.remove(answer.header('location'));
    return [];
  }
  const told: unknown = JSON.parse(answer.body).code;
  if (!isErrorCode(told)) return [`WHEP: ${answer.status} ${answer.body}`];
  // It may have come as far as its next failure meanwhile.
  const now = (await listedAs(asking, name))?.reason?.code ?? null;
  const isSaid = told === code || told === now || (told === 'stream.notLive' && losses.includes(code ?? ''));
  const isLogged = (): boolean =>
    sluice.log().some((line) => line.name === name && [line.reason, line.code, line.event].includes(code));
  return [
    ...(isSaid || code === null ? [] : [`find_all says ${code}, WHEP ${told}: ${errorTable[told].text}`]),
    ...(code === null || (await comes(isLogged)) ? [] : [`${code} is not in the log`]),
  ];
}

export async function holdRawToRule(stage: SweepStage, { name, uri }: RawSource): Promise<Outcome> {
  const startMs = monotonicMs();
  await pull(stage.sluice, uri, name);
  try {
    let listed: Listed | null = null;
    while (!isTold(listed) && monotonicMs() - startMs < mostMs) {
      await delay(lookMs);
      listed = await listedAs(stage.asking, name);
    }
    const tookMs = monotonicMs() - startMs;
    const words = `${listed?.status} ${listed?.reason?.code ?? 'without a reason'}`;
    const isLate = !isTold(listed);
    return { name, faults: isLate ? [] : await faultsOf(stage, name, listed), tookMs, isLate, words };
  } finally {
    await stage.sluice.post('/rest-api/pull/rtmp/terminate', { uri });
  }
}
