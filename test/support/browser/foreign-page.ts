/** A page of another origin that has the tag of the README, and browsers that lack something. */
import type { Browser, Page } from 'playwright-core';
import type { PageServer } from './page-server.js';

interface ForeignPage {
  readonly browser: Browser;
  readonly pages: PageServer;
  /** `RunningSluice.rest`, which has the player's script. */
  readonly rest: string;
  readonly src: string;
  /** Runs before any script of the page. */
  readonly before?: string | undefined;
  /** Further ones of the tag. */
  readonly attributes?: string | undefined;
}

export const noWebRtc = 'delete globalThis.RTCPeerConnection;';
/** Nor Media Source Extensions. */
export const onlyHls = `${noWebRtc} delete globalThis.MediaSource;`;

let opened = 0;

/** Its `player` is the element. */
export async function openForeign({ browser, pages, rest, src, before, attributes = '' }: ForeignPage): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  if (before !== undefined) await page.addInitScript(before);
  page.setDefaultTimeout(10_000);
  const html = `<!doctype html><title>foreign</title><script type="module" src="${rest}/sluice-player.js"></script>
    <sluice-player src="${src}" ${attributes} style="width: 640px"></sluice-player>`;
  opened += 1;
  pages.put(`/foreign-${opened}.html`, html);
  // It plays meanwhile: all of it is loaded when its poster is, which may be made for it.
  await page.goto(`${pages.origin}/foreign-${opened}.html`, { waitUntil: 'domcontentloaded' });
  await page.evaluate(
    "customElements.whenDefined('sluice-player').then(() => { window.player = document.querySelector('sluice-player') })",
  );
  return page;
}
