/** What `<sluice-player>` says over its video of a source that plays in part, and of one that goes away, by whichever way it plays. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startFirefox } from '../support/browser/firefox.js';
import { noWebRtc, onlyHls, openForeign } from '../support/browser/foreign-page.js';
import { type Stage, setStage } from '../support/browser/stage.js';
import { makeVideoTags } from '../support/media/coded-video.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { loopOf, startLiveOrigin } from '../support/source/live-origin.js';
import { until } from '../support/until.js';

/** A codec that nobody has: E-RTMP v2, ExAudioTagHeader by the SoundFormat 13, which is reserved. */
const unknownAudio = { headers: [], frames: [Uint8Array.of(0xd2, 1, 2, 3)], frameMs: 20 };
const words = 'The sound of the source has a codec that cannot be played';

/** From before the player is there: it is told of its source once. */
const hears = `
  window.told = { alerts: [], warning: [] };
  for (const type of ['alerts', 'warning']) addEventListener(type, ({ detail }) => told[type].push(detail), true)`;

let stage: Stage;
let firefox: Browser;
before(async () => {
  stage = await setStage();
  firefox = await startFirefox();
  stage.onEnd(() => firefox.close());
});
after(() => stage.end());

const shows = (page: Page, id: string, hasText: string) =>
  page.locator(`sluice-player >> ${id}`, { hasText }).waitFor({ timeout: 20_000 });

/** Each has a source of its own, which it sees go away. */
describe('the player says what it is told of its source', { concurrency: 4 }, () => {
  for (const [name, browserOf, lacks] of [
    ['Chromium by WebRTC', () => stage.browser, ''],
    ['Firefox by WebRTC', () => firefox, ''],
    ['Chromium by WebSocket', () => stage.browser, noWebRtc],
    ['Chromium by HLS', () => stage.browser, onlyHls],
  ] as const) {
    test(name, async (t) => {
      const { sluice, pages } = stage;
      const key = name.replaceAll(' ', '');
      const video = loopOf('video', await makeVideoTags({ codec: 'H264', frames: 61, gop: 30 }), 1000 / 30);
      const origin = await startLiveOrigin(video, unknownAudio);
      let ending: Promise<void> | null = null;
      const end = (): Promise<void> => {
        ending ??= origin.close();
        return ending;
      };
      t.after(end);
      await pull(sluice, origin.uri, key);
      await whenStatus(sluice, key, 'PROCESSED_REMOTE');
      const before = `${lacks};${hears}`;
      const page = await openForeign({ browser: browserOf(), pages, rest: sluice.rest, src: key, before });
      await until('it plays', () => page.evaluate("player.state.phase === 'playing'"), 20_000);
      await shows(page, '#warnings', words);
      await page.focus('sluice-player >> #stage');
      await page.keyboard.press('d');
      await shows(page, '#stats dd', words);
      await until('the page is told', () =>
        page.evaluate("told.alerts.some((alerts) => alerts.some(({ deadTrack }) => deadTrack === 'audio'))"),
      );
      await end();
      await shows(page, '#warnings', 'Waiting for the source…');
      await page.locator('sluice-player >> #live').waitFor({ state: 'hidden' });
      await page.context().close();
    });
  }
});

/** The page does not learn that it is connected before it says `connect()`. */
const connectsLate = `
  const { get } = Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, 'connectionState');
  const waiting = new Set();
  let isHeld = true;
  Object.defineProperty(RTCPeerConnection.prototype, 'connectionState', {
    get() {
      if (isHeld) waiting.add(this);
      return isHeld ? 'connecting' : get.call(this);
    },
  });
  window.connect = () => {
    isHeld = false;
    for (const connection of waiting) connection.dispatchEvent(new Event('connectionstatechange'));
  };`;

test('a stream whose source is told of before it plays is not called live before it does', async (t) => {
  const { sluice, pages } = stage;
  const video = loopOf('video', await makeVideoTags({ codec: 'H264', frames: 61, gop: 30 }), 1000 / 30);
  const origin = await startLiveOrigin(video, null);
  t.after(() => origin.close());
  await pull(sluice, origin.uri, 'late');
  await whenStatus(sluice, 'late', 'PROCESSED_REMOTE');
  const before = `${connectsLate};${hears}`;
  const page = await openForeign({ browser: stage.browser, pages, rest: sluice.rest, src: 'late', before });
  await until('it is told of its source', () => page.evaluate('told.warning.includes(null)'));
  const live = page.locator('sluice-player >> #live');
  assert.ok(await live.isHidden(), 'live before it plays');
  await page.evaluate('connect()');
  await live.waitFor();
  await page.locator('sluice-player >> #unmute').waitFor();
  await page.context().close();
});
