import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { judged } from '../judged.js';
import { unreadDatagrams } from '../network/unread-datagrams.js';

/** What test/support/browser/pages/reception.js reports. */
export interface Reception {
  readonly atMs: number;
  readonly ssrc: number;
  readonly audioSsrc: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly packetsLost: number;
  readonly freezeSeconds: number;
  readonly freezeCount: number;
  /** Of the video, as the browser names it; empty without one. */
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  /** As the browser names it; empty without audio. */
  readonly audioCodec: string;
  readonly audioPacketsLost: number;
  readonly audioSamples: number;
  readonly concealedSamples: number;
  readonly silentConcealedSamples: number;
}

export interface Viewer {
  readonly page: Page;
  readonly firstFrameMs: number;
  /** The WHEP session's address. */
  readonly session: string;
  stats(): Promise<Reception>;
  /** Median age of the video in ms over `count` shown frames. */
  frameAgeMs(count: number): Promise<number>;
  /** States of the connection and of DTLS, in order. */
  states(): Promise<readonly string[]>;
}

export const receptionOf = (page: Page): Promise<Reception> => page.evaluate('reception.stats()');

export interface WatchOptions {
  /** What is asked for: both by default. */
  readonly kinds?: readonly ('video' | 'audio')[];
  /** Lines of the answer that the page leaves out. */
  readonly dropped?: RegExp;
  /** The one codec of its kind that is offered, "video/VP8" for example. */
  readonly only?: string;
  /** Gives the port at the same address by way of which media goes. */
  readonly relay?: (address: string, port: number) => Promise<number>;
}

/** Opens the test page in a new tab and plays a WHEP endpoint. */
export async function watch(
  page: Page,
  pageOrigin: string,
  endpoint: string,
  { kinds = ['video', 'audio'], dropped, only, relay }: WatchOptions = {},
): Promise<Viewer> {
  if (relay !== undefined) await page.exposeFunction('relayedPort', relay);
  await page.goto(`${pageOrigin}/whep.html`);
  await page.waitForFunction('window.play !== undefined');
  const started: { firstFrameMs: number; session: string } = await page.evaluate(
    `play(${JSON.stringify(endpoint)}, ${JSON.stringify(kinds)}, ${JSON.stringify(dropped?.source ?? null)}, ${JSON.stringify(only ?? null)})`,
  );
  return {
    page,
    ...started,
    stats: () => receptionOf(page),
    async frameAgeMs(count) {
      const ages: number[] = [];
      for (let n = 0; n < count; n += 1) {
        const age: number | null = await page.evaluate('reception.frameAgeMs()');
        if (age !== null) ages.push(age);
      }
      if (ages.length < count / 2) throw new Error(`only ${ages.length} of ${count} frames carried a readable clock`);
      return ages.sort((a, b) => a - b)[Math.floor(ages.length / 2)] ?? Number.NaN;
    },
    states: () => page.evaluate('states'),
  };
}

/** The same; the first frame is shown within 1.5 s. */
export const watchAtOnce = (t: TestContext, ...where: Parameters<typeof watch>): Promise<Viewer> =>
  judged(t, {
    measure: () => watch(...where),
    isGood: ({ firstFrameMs }) => firstFrameMs <= 1500,
    words: ({ firstFrameMs }) => `the first frame came after ${firstFrameMs} ms`,
    windows: 1,
  });

/** How many of the frames that the source has meanwhile the viewer decodes. */
export async function shareDecoded(viewer: Viewer, forMs: number, fps: number): Promise<number> {
  const before = await viewer.stats();
  await delay(forMs);
  const after = await viewer.stats();
  return (after.framesDecoded - before.framesDecoded) / (((after.atMs - before.atMs) * fps) / 1000);
}

export interface ShareWish {
  readonly forMs: number;
  readonly fps: number;
  readonly least: number;
}

/**
 * No packet was lost but those that the kernel threw away, which is told: a browser that others hold up does not read its sockets in time,
 * and the kernel keeps 208 KiB for each (net.core.rmem_default).
 */
export function assertArrived(
  t: TestContext,
  { packetsLost, audioPacketsLost }: Pick<Reception, 'packetsLost' | 'audioPacketsLost'>,
): void {
  if (packetsLost + audioPacketsLost === 0) return;
  const unread = unreadDatagrams();
  const words = `${packetsLost} packets of the frames and ${audioPacketsLost} of the audio lost, and ${unread} not read in time`;
  assert.ok(packetsLost + audioPacketsLost <= unread, words);
  t.diagnostic(words);
}

/** The viewer decodes at least this share of the frames; none of their packets is lost. */
export async function assertDecodes(t: TestContext, viewer: Viewer, { forMs, least, fps }: ShareWish): Promise<void> {
  const first = await viewer.stats();
  await judged(t, {
    measure: () => shareDecoded(viewer, forMs, fps),
    isGood: (share) => share >= least,
    words: (share) => `${(share * 100).toFixed(1)} % of the frames decoded`,
  });
  const last = await viewer.stats();
  assert.ok(last.framesDecoded > first.framesDecoded, 'frames go on');
  assertArrived(t, { packetsLost: last.packetsLost - first.packetsLost, audioPacketsLost: 0 });
}

/** The tone is heard by a measure of the page, which takes its time. */
export async function assertTone(
  t: TestContext,
  viewer: Pick<Viewer, 'page'>,
  toneHz: number,
  how: 'toneHz' | 'recordedToneHz' = 'toneHz',
): Promise<void> {
  await judged<number>(t, {
    measure: () => viewer.page.evaluate(`reception.${how}()`),
    isGood: (heardHz) => Math.abs(heardHz - toneHz) <= (how === 'toneHz' ? 5 : 10),
    words: (heardHz) => `the tone is ${heardHz} Hz`,
  });
}
