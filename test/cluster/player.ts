/** `<sluice-player>` in Chromium, which has the nodes for its servers. */
import type { Page } from 'playwright-core';
import { until } from '../support/until.js';
import type { ClusterNode } from './node.js';
import type { ClusterStage } from './stage.js';

export interface PageWatch {
  /** Counts again. */
  begin(): Promise<void>;
  /** The longest time between two pictures since then, and how many there were. */
  seen(): Promise<{ readonly longestMs: number; readonly frames: number }>;
  /** Where its session is. */
  readonly server: string;
  close(): Promise<void>;
}

/** The first of the nodes first. */
export async function openPlayer(
  { pages, browser }: Pick<ClusterStage, 'pages' | 'browser'>,
  name: string,
  nodes: readonly ClusterNode[],
): Promise<PageWatch> {
  const page: Page = await (await (await browser()).newContext()).newPage();
  const servers = nodes.map(({ http }) => http).join(' ');
  pages.put(
    '/cluster.html',
    `<!doctype html><title>cluster</title><script type="module" src="${nodes.at(-1)?.http}/sluice-player.js"></script>
    <sluice-player src="${name}" servers="${servers}" style="width: 320px"></sluice-player>`,
  );
  let server = '';
  page.on('response', (response) => {
    if (response.request().method() === 'POST' && response.status() === 201) server = new URL(response.url()).origin;
  });
  await page.goto(`${pages.origin}/cluster.html`);
  await page.evaluate(
    `customElements.whenDefined('sluice-player').then(() => {
      const { video } = document.querySelector('sluice-player');
      const seen = window.seen = { longestMs: 0, frames: 0, atMs: performance.now() };
      const next = () => {
        const nowMs = performance.now();
        seen.longestMs = Math.max(seen.longestMs, nowMs - seen.atMs);
        seen.frames += 1;
        seen.atMs = nowMs;
        video.requestVideoFrameCallback(next);
      };
      video.requestVideoFrameCallback(next);
    })`,
  );
  const watch: PageWatch = {
    begin: () => page.evaluate('Object.assign(seen, { longestMs: 0, frames: 0 })'),
    seen: () =>
      page.evaluate('({ longestMs: Math.max(seen.longestMs, performance.now() - seen.atMs), frames: seen.frames })'),
    get server() {
      return server;
    },
    close: () => page.context().close(),
  };
  await until('Chromium shows pictures', async () => (await watch.seen()).frames > 0, 20_000);
  await watch.begin();
  return watch;
}
