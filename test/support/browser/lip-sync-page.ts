/**
 * By how much the server has a beep heard after its flash in a browser. Browsers are out by more than that themselves, and say so
 * (docs/media.md 9): what they say by estimatedPlayoutTimestamp of both tracks is taken off. Firefox has it from 153 on.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beepsBehind, type FlashesAndBeeps, median } from '../source/flash-and-beep.js';
import { seeAndHear } from './ffmpeg-eyes.js';

/** What test/support/browser/pages/lip-sync.js gives. */
interface OwnOffset {
  readonly atMs: number;
  readonly ms: number;
}
type Live = FlashesAndBeeps & { readonly pageMs: readonly OwnOffset[] };
interface Recorded {
  readonly webm: string;
  readonly pageMs: readonly OwnOffset[];
}

/** Of one window of time; all in ms, medians but for the count. */
export interface LipSync {
  readonly beeps: number;
  readonly behindMs: number;
  readonly browserMs: number;
  readonly serverMs: number;
}

/** By ears and eyes in the page, where an AudioContext runs without a sound device (Chromium). */
export async function measureLive(page: Page, seconds: number): Promise<LipSync> {
  const { pageMs, ...found }: Live = await page.evaluate(`lipSync.live(${seconds})`);
  return judge(found, pageMs);
}

/** By what the browser records of both tracks, which ffmpeg then sees and hears (Firefox). */
export async function measureRecorded(page: Page, seconds: number): Promise<LipSync> {
  const { webm, pageMs }: Recorded = await page.evaluate(`lipSync.recorded(${seconds})`);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lip-sync-'));
  try {
    const file = join(folder, 'recorded.webm');
    writeFileSync(file, Buffer.from(webm, 'base64'));
    return judge(await seeAndHear(file, seconds), pageMs);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function judge(found: FlashesAndBeeps, own: readonly OwnOffset[]): LipSync {
  const behind = beepsBehind(found);
  const behindMs = median(behind);
  const browserMs = median(own.map(({ ms }) => ms));
  return { beeps: behind.length, behindMs, browserMs, serverMs: behindMs - browserMs };
}
