/** Captions of a real source on their way to REST and to a page of the Web SDK. nginx passes none on: ffmpeg is the origin. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, setStage } from '../support/browser/stage.js';
import { freePort } from '../support/server/free-port.js';
import { pull, statsOf, whenStatus } from '../support/server/pulls.js';
import { serveOnce } from '../support/source/publisher.js';
import { playServer } from '../support/source/pulling.js';
import { until } from '../support/until.js';

let stage: Stage;
let uri: string;
before(async () => {
  stage = await setStage();
  uri = `rtmp://127.0.0.1:${await freePort()}/live/cam`;
  const origin = await serveOnce(uri, { size: '320x180', bitrateKbps: 500, hasCaptions: true });
  stage.onEnd(() => origin.stop());
});
after(() => stage.end());

interface Said {
  readonly metadata: { readonly width?: number };
  readonly events: readonly {
    readonly name: string;
    readonly values: readonly { readonly text: string }[];
    readonly timestampMs: number;
  }[];
  readonly lastSeq: number;
}

test('captions come to REST and to the Web SDK, each with the timestamp of the source', async () => {
  const { sluice, pages } = stage;
  await pull(sluice, uri, 'cam');
  const { localMediaSessionId } = await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  const said = async (since = 0): Promise<Said> =>
    JSON.parse(await (await fetch(`${sluice.rest}/api/streams/${localMediaSessionId}/data?since=${since}`)).text());
  const texts = ({ events }: Said) => events.filter(({ name }) => name === 'onTextData');
  await until('three captions', async () => texts(await said()).length >= 3);
  const all = await said();
  assert.equal(all.metadata.width, 320);
  const stamps = texts(all).map(
    ({ values: [value], timestampMs }) => [Number(value?.text.slice(8)), timestampMs] as const,
  );
  for (const [number, timestampMs] of stamps) {
    const [first = 0, firstMs = 0] = stamps[0] ?? [];
    assert.ok(Math.abs(timestampMs - firstMs - (number - first) * 1000) <= 50, JSON.stringify(stamps));
  }
  assert.deepEqual(
    texts(await said(all.lastSeq))
      .map(({ values }) => values)
      .slice(1),
    [],
  );

  const page = await stage.tab();
  await page.goto(`${pages.origin}/wcs.html`);
  await page.waitForFunction('window.connect !== undefined');
  await page.evaluate(`connect(${JSON.stringify(sluice.signalling)})`);
  await page.evaluate("play('cam')");
  const told = await until('a caption in the page', async () => {
    const events: readonly string[] = await page.evaluate('events');
    return events.find((event) => event.startsWith('event data ') && event.includes('onTextData'));
  });
  const payload = JSON.parse(told.slice('event data '.length));
  assert.match(payload.values[0].text, /^caption \d+$/);
  assert.deepEqual(Object.keys(payload), ['name', 'values', 'timestampMs']);
});

test('the tracks that a source sends beside the one that is played are listed', async (t) => {
  const { sluice } = stage;
  const server = await playServer(t);
  // Many tracks of one codec, the default one among them: each by its number, the size of its data, and one byte.
  server.showsVideo(Buffer.from([0x96, 0x11, ...Buffer.from('avc1'), 0, 0, 0, 1, 9, 2, 0, 0, 1, 9]));
  await pull(sluice, server.uri, 'multitrack');
  const listed = await until('the other track', async () => {
    const { otherTracks } = await statsOf(sluice, 'multitrack').catch(() => ({ otherTracks: [] }));
    return otherTracks.length > 0 && otherTracks;
  });
  assert.deepEqual(listed, [{ kind: 'video', trackId: 2, codec: 'FourCC avc1' }]);
});
