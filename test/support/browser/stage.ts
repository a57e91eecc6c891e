import type { Browser, Page } from 'playwright-core';
import { type RunningSluice, startSluice } from '../server/sluice.js';
import { startNginx } from '../source/nginx.js';
import type { RtmpServer } from '../source/rtmp-server.js';
import { startChromium } from './chromium.js';
import { type PageServer, startPageServer } from './page-server.js';

/** All that a browser test needs, started at once; what the test adds is stopped first, and all is, whatever fails. */
export interface Stage {
  readonly nginx: RtmpServer;
  readonly sluice: RunningSluice;
  readonly pages: PageServer;
  readonly browser: Browser;
  /** A tab in a context of its own. */
  tab(): Promise<Page>;
  /** Registers what the test itself started. */
  onEnd(stop: () => Promise<unknown>): void;
  end(): Promise<void>;
}

export interface StageOptions {
  readonly flags?: readonly string[];
  /** Its test pages may use the control API: they are of another origin. */
  readonly mayPagesControl?: boolean;
  readonly launch?: () => Promise<Browser>;
}

export async function setStage(options: StageOptions = {}): Promise<Stage> {
  const { flags = [], mayPagesControl = false, launch = startChromium } = options;
  const ends: (() => Promise<unknown>)[] = [];
  const end = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const stop of ends.splice(0).reverse()) await stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'something did not stop');
  };
  const started = async <T>(thing: Promise<T>, stop: (thing: T) => Promise<unknown>): Promise<T> => {
    const ready = await thing;
    ends.push(() => stop(ready));
    return ready;
  };
  try {
    const pages = await started(startPageServer(), (one) => one.stop());
    const control = mayPagesControl ? [`--control.origins=${pages.origin}`] : [];
    const programs = [
      started(startNginx(), (one) => one.stop()),
      started(startSluice([...flags, ...control]), (one) => one.stop()),
      started(launch(), (one) => one.close()),
    ] as const;
    // Those that start although another one does not are to be stopped.
    await Promise.allSettled(programs);
    const [nginx, sluice, browser] = await Promise.all(programs);
    return {
      nginx,
      sluice,
      pages,
      browser,
      end,
      tab: async () => (await browser.newContext()).newPage(),
      onEnd: (stop) => ends.push(stop),
    };
  } catch (error) {
    await end();
    throw error;
  }
}
