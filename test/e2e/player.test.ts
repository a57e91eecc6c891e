/**
 * `<sluice-player>` in a page of another origin, by one tag, in both browsers: it plays, tells, goes on by WebSocket or HTTP where
 * WebRTC does not connect, and finds its server again.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from '../support/browser/chromium.js';
import { startFirefox } from '../support/browser/firefox.js';
import { noWebRtc, onlyHls, openForeign } from '../support/browser/foreign-page.js';
import { type PageServer, startPageServer } from '../support/browser/page-server.js';
import { freePort } from '../support/server/free-port.js';
import { pull, whenStatus } from '../support/server/pulls.js';
import { type RunningSluice, startSluice } from '../support/server/sluice.js';
import { serveOnce } from '../support/source/publisher.js';
import { until } from '../support/until.js';

let pages: PageServer;
let sluice: RunningSluice;
let chromium: Browser;
let firefox: Browser;
let flags: readonly string[];
const ends: (() => Promise<unknown>)[] = [];

before(async () => {
  pages = await startPageServer();
  ends.push(() => pages.stop());
  [chromium, firefox] = await Promise.all([startChromium(), startFirefox()]);
  ends.push(
    () => chromium.close(),
    () => firefox.close(),
  );
  const demo = ['--demo.enabled=true', '--demo.width=640', '--demo.height=360', '--demo.fps=15'];
  // The browsers take what is left of a small machine: nobody is refused for that.
  flags = [`--server.restPort=${await freePort()}`, '--viewers.maxCpuPercent=0', ...demo];
  sluice = await startSluice(flags);
  ends.push(() => sluice.stop());
  const uri = `rtmp://127.0.0.1:${await freePort()}/live/cam`;
  const origin = await serveOnce(uri, { size: '320x180', bitrateKbps: 300, hasCaptions: true });
  ends.push(() => origin.stop());
  await pull(sluice, uri, 'captions');
  await whenStatus(sluice, 'captions', 'PROCESSED_REMOTE');
  await whenStatus(sluice, 'demo', 'PROCESSED_REMOTE');
});
after(async () => {
  for (const end of ends.reverse()) await end();
});

const open = (src: string, browser = chromium, before?: string, attributes?: string): Promise<Page> =>
  openForeign({ browser, pages, rest: sluice.rest, src, before, attributes });

const decodedFrames = (page: Page): Promise<number> => page.evaluate('player.stats?.report.framesDecoded ?? 0');
const plays = (page: Page) => until('video moves', async () => (await decodedFrames(page)) > 10, 15_000);

interface Listed {
  readonly browser: string;
  readonly streamName: string;
  readonly report: { readonly framesDecoded: number } | null;
}

const noCandidates = `
  const { setRemoteDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    return setRemoteDescription.call(this, { type, sdp: sdp.replace(/^a=candidate:.*\\r\\n/gm, '') });
  };`;
/** Of the first answer: its viewer is in the handshake until it gives up. */
const noFirstCandidates = `
  window.answers = 0;
  const { setRemoteDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    answers += 1;
    return setRemoteDescription.call(this, { type, sdp: answers > 1 ? sdp : sdp.replace(/^a=candidate:.*\\r\\n/gm, '') });
  };`;
const notedInsets = `
  window.insets = 0;
  const { requestPictureInPicture } = HTMLVideoElement.prototype;
  HTMLVideoElement.prototype.requestPictureInPicture = function () {
    insets += 1;
    return requestPictureInPicture.call(this);
  };`;
const noInsets = `
  for (const name of ['pictureInPictureEnabled', 'pictureInPictureElement', 'exitPictureInPicture'])
    delete Document.prototype[name];
  delete HTMLVideoElement.prototype.requestPictureInPicture;`;
const ways = [
  ['without WebRTC: by WebSocket', noWebRtc, 'mse, tcp'],
  ['where ICE finds no path: by WebSocket', noCandidates, 'mse, tcp'],
  ['without WebRTC and Media Source Extensions: by HLS', onlyHls, 'll-hls, tcp'],
] as const;
/** By itself: of a browser one page at a time fills the screen. */
for (const [name, browserOf] of [
  ['Chromium', () => chromium],
  ['Firefox', () => firefox],
] as const) {
  test(`${name}: full screen and picture in picture, by button and by key`, async () => {
    const page = await open('demo', browserOf(), notedInsets);
    await plays(page);
    const isFull = (): Promise<boolean> => page.evaluate('document.fullscreenElement === player');
    await page.locator('sluice-player').getByRole('button', { name: 'Full screen' }).click();
    await until('it fills the screen', isFull);
    await page.keyboard.press('f');
    await until('it does no more', async () => !(await isFull()));
    await page.locator('sluice-player').getByRole('button', { name: 'Picture in picture' }).click();
    await until('it is asked for', () => page.evaluate('insets === 1'));
    await page.context().close();
  });
}

describe('a server that stays', { concurrency: 3 }, () => {
  for (const [name, browserOf, says] of [
    ['Chromium', () => chromium, 'Chrome'],
    ['Firefox', () => firefox, 'Firefox'],
  ] as const) {
    test(`${name}: one tag plays a stream, its keys work, and it tells the server how it plays`, async () => {
      const page = await open('demo', browserOf());
      await plays(page);
      assert.equal(await page.evaluate('player.state.phase'), 'playing');
      await page.focus('sluice-player >> #stage');
      await page.keyboard.press('d');
      await page.locator('sluice-player >> #stats dd', { hasText: '640 × 360' }).waitFor();
      await page.keyboard.press('m');
      assert.equal(await page.evaluate('player.video.muted'), false);
      await page.locator('sluice-player').getByRole('button', { name: 'Stop' }).click();
      assert.equal(await page.evaluate('player.state.phase'), 'idle');
      await page.locator('sluice-player').getByRole('button', { name: 'Play' }).click();
      await until('it plays again', () => page.evaluate("player.state.phase === 'playing'"));
      const told = await until('the report', async () => {
        const viewers: readonly Listed[] = JSON.parse(await (await fetch(`${sluice.rest}/api/viewers`)).text());
        return viewers.find((one) => one.report !== null && one.browser.startsWith(says) && one.streamName === 'demo');
      });
      assert.ok((told.report?.framesDecoded ?? 0) > 0);
      await page.context().close();
    });

    test(`${name}: captions of the source become a text track`, async () => {
      const page = await open(`${sluice.rest}/whep/captions`, browserOf());
      const cue = await until('a caption', () =>
        page.evaluate<string | undefined>('player.video.textTracks[0]?.cues?.[0]?.text'),
      );
      assert.match(cue, /^caption \d+$/);
      await page.context().close();
    });
  }

  test('Chromium by WebSocket: captions are shown where the media stands to which they belong', async () => {
    const page = await open('captions', chromium, noWebRtc);
    const shown = await until('a caption that is shown', () =>
      page.evaluate<{ readonly text: string; readonly earlyS: number } | undefined>(`(() => {
        const cue = player.video.textTracks[0]?.activeCues?.[0];
        return cue && { text: cue.text, earlyS: player.video.currentTime - cue.startTime };
      })()`),
    );
    assert.match(shown.text, /^caption \d+$/);
    assert.ok(shown.earlyS >= 0 && shown.earlyS < 5, `${shown.earlyS} s`);
    assert.equal(await page.evaluate('player.video.textTracks.length'), 1);
    await page.context().close();
  });

  test('telemetry="off": it plays and measures, and tells the server nothing', async () => {
    const page = await open('demo', chromium, undefined, 'telemetry="off"');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.evaluate("window.measured = 0; player.addEventListener('stats', () => { measured += 1 })");
    // Else the first report goes out with the first measurement.
    await until('three measurements', () => page.evaluate('measured >= 3'), 15_000);
    assert.deepEqual(
      asked.filter((path) => path.endsWith('/report')),
      [],
    );
    await page.context().close();
  });

  test('a browser without picture in picture has no button for it, and its key does nothing', async () => {
    const page = await open('demo', chromium, noInsets);
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    await page.focus('sluice-player >> #stage');
    for (const key of ['p', 'd']) await page.keyboard.press(key);
    // Keys are worked off in their order.
    await page.locator('sluice-player >> #stats').waitFor();
    assert.deepEqual(errors, []);
    assert.equal(await page.locator('sluice-player').getByRole('button', { name: 'Picture in picture' }).count(), 0);
    await page.context().close();
  });

  for (const [where, before, way] of ways) {
    test(`Chromium ${where}, with picture and sound`, async (t) => {
      const page = await open('demo', chromium, before);
      await page.focus('sluice-player >> #stage');
      await page.keyboard.press('d');
      await plays(page);
      await page.locator('sluice-player >> #stats dd', { hasText: way }).waitFor();
      await until('audio is decoded', () => page.evaluate('player.video.webkitAudioDecodedByteCount > 0'));
      assert.equal(await page.evaluate('player.state.phase'), 'playing');
      t.diagnostic(await page.evaluate<string>('JSON.stringify(player.stats)'));
      await page.context().close();
    });
  }
});

test('a viewer chooses from the sizes that the page offers, and has the one that the server encodes', async () => {
  const page = await open('demo', chromium, undefined, 'qualities="320x180@300 wrong"');
  await plays(page);
  assert.equal(await page.evaluate('player.video.videoWidth'), 640);
  const quality = page.locator('sluice-player').getByLabel('Quality');
  assert.deepEqual(await quality.locator('option').allTextContents(), ['Source', '180p']);
  await quality.selectOption('180p');
  await until('the smaller one', () => page.evaluate('player.video.videoWidth === 320'), 20_000);
  const { renditions } = JSON.parse(await (await fetch(`${sluice.rest}/api/streams/demo/stats`)).text());
  assert.deepEqual(
    renditions.map(({ viewers }: { readonly viewers: number }) => viewers),
    [1],
  );
  await quality.selectOption('Source');
  await until('the source again', () => page.evaluate('player.video.videoWidth === 640'), 20_000);
  await page.context().close();
});

test('a viewer whose thread dies in the handshake is told, and comes again by WebRTC', async () => {
  const page = await open('demo', chromium, noFirstCandidates);
  await page.evaluate("window.states = []; player.addEventListener('state', ({ detail }) => states.push(detail))");
  await until('the answer', () => page.evaluate('answers === 1'));
  await sluice.post('/api/fault', { name: 'demo', fault: 'throw' });
  await page.focus('sluice-player >> #stage');
  await page.keyboard.press('d');
  await plays(page);
  await page.locator('sluice-player >> #stats dd', { hasText: 'webrtc, udp' }).waitFor();
  const [first] = await page.evaluate<readonly { readonly phase: string; readonly reason: string }[]>('states');
  assert.deepEqual([first?.phase, first?.reason], ['waiting', "The stream's thread ended; it is being restarted"]);
  await page.context().close();
});

test('a server that is killed and comes back is found again within 3 s, without a word of `disconnected`', async () => {
  const page = await open('demo');
  const byWebSocket = await open('demo', chromium, noWebRtc);
  await plays(page);
  await plays(byWebSocket);
  for (const one of [page, byWebSocket]) {
    await one.evaluate(
      "window.waits = []; player.addEventListener('state', ({ detail }) => detail.retryInMs && waits.push(detail.retryInMs))",
    );
  }
  await sluice.stop();
  for (const one of [page, byWebSocket]) {
    await until('the loss is seen', () => one.evaluate("player.state.phase !== 'playing'"));
  }
  assert.match(String(await page.locator('sluice-player >> #notice').textContent()), /Trying again|Connecting/);
  // The pauses have grown as far as they may, and would be 4 s now: what is left of the 3 s is for connecting.
  for (const one of [page, byWebSocket]) {
    const waits = await until('four tries', async () => {
      const found = await one.evaluate<readonly number[]>('waits');
      return found.length >= 4 && found;
    });
    assert.ok(Math.max(...waits) <= 2500, `${waits}`);
  }
  sluice = await startSluice(flags);
  await whenStatus(sluice, 'demo', 'PROCESSED_REMOTE');
  const upMs = Date.now();
  await until('it plays again', () => page.evaluate("player.state.phase === 'playing'"), 15_000);
  // 6.4 s were seen once beside other load.
  assert.ok(Date.now() - upMs < 10_000, `${Date.now() - upMs} ms`);
  await until('so does the other', () => byWebSocket.evaluate("player.state.phase === 'playing'"), 15_000);
  assert.equal(await byWebSocket.evaluate('player.stats?.report.protocol ?? "tcp"'), 'tcp');
});

test('a session that the server forgot is opened again although nothing said goodbye', async () => {
  const page = await open('demo');
  await plays(page);
  await page.evaluate(
    "window.phases = []; player.addEventListener('state', ({ detail }) => phases.push(detail.phase))",
  );
  sluice.child.process.kill('SIGKILL');
  await sluice.child.exited;
  sluice = await startSluice(flags);
  await whenStatus(sluice, 'demo', 'PROCESSED_REMOTE');
  const states = await until('it plays again', async () => {
    const phases = await page.evaluate<readonly string[]>('phases');
    return phases.at(-1) === 'playing' && phases;
  });
  assert.deepEqual([states[0], states.at(-1)], ['waiting', 'playing']);
});

test('a stream that does not exist says so in the player', async () => {
  const page = await open('nobody');
  await page.locator('sluice-player >> #notice', { hasText: 'Stream not found' }).waitFor();
});

test('/play/{name} fills its page, and /embed/{name} a frame of another site', async () => {
  const page = await (await chromium.newContext()).newPage();
  await page.goto(`${sluice.rest}/play/demo`);
  assert.equal(await page.title(), 'demo · Sluice');
  const frame = `<!doctype html><iframe id="frame" width="640" height="360" src="${sluice.rest}/embed/demo"></iframe>`;
  pages.put('/holder.html', frame);
  await page.goto(`${pages.origin}/holder.html`);
  const inside = page.frameLocator('#frame').locator('sluice-player');
  await until('it plays in the frame', () =>
    inside.evaluate((player) => Reflect.get(Reflect.get(player, 'state'), 'phase') === 'playing'),
  );
});
