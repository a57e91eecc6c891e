/** Why the screen is black: every check between a source and its viewers, in the order of the bytes (docs/diagnosis.md). */
import type { Check, StreamFacts } from './facts.js';
import { checkMedia } from './media-checks.js';
import { checkSource } from './source-checks.js';
import { checkThread, checkViewers } from './viewer-checks.js';

export const diagnose = (facts: StreamFacts): readonly Check[] => [
  ...checkSource(facts),
  ...checkMedia(facts),
  ...checkThread(facts),
  ...checkViewers(facts),
];

const ranks: readonly Check['status'][] = ['error', 'warning', 'info'];

/** What is wrong, the worst first. */
export const alertsOf = (checks: readonly Check[]): readonly Check[] =>
  ranks.flatMap((rank) => checks.filter(({ status }) => status === rank));
