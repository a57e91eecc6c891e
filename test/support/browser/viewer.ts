import type { Page } from 'playwright-core';

/** What test/support/browser/pages/reception.js reports. */
export interface Reception {
  readonly atMs: number;
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
