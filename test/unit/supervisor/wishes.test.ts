import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWishes } from '../../../src/supervisor/wishes.js';

const source = { width: 1280, height: 720 };

function setUp(maxRenditions = 8, renditionsPerClient = 2) {
  const wishes = createWishes({ maxRenditions, renditionsPerClient });
  let viewers = 0;
  const place = (clientIp: string, bitrateKbps: number, pullId = 'pull'): number | null => {
    viewers += 1;
    const wish = { width: null, height: null, bitrateKbps, quality: null };
    return wishes.place({ viewerId: `v${viewers}`, pullId, clientIp }, wish, source)?.bitrateKbps ?? null;
  };
  return { wishes, place };
}

test('one client with ten bitrates takes two renditions, and the rest of its plays get what there is', () => {
  const { place } = setUp();
  const met = [200, 210, 220, 230, 240, 250, 260, 270, 280, 290, 500].map((kbps) => place('192.0.2.1', kbps));
  assert.deepEqual(met, [200, 200, 200, 250, 250, 250, 250, 250, null, null, null]);
});

test('a rendition that somebody has is shared by all', () => {
  const { place } = setUp(8, 1);
  assert.deepEqual([place('192.0.2.1', 200), place('192.0.2.2', 500), place('192.0.2.1', 500)], [200, 500, 500]);
});

test('the same wish of another stream is another rendition', () => {
  const { place } = setUp(8, 1);
  assert.deepEqual([place('192.0.2.1', 200), place('192.0.2.1', 200, 'other')], [200, null]);
});

test('a quarter of the renditions is kept for what is needed, whoever wishes', () => {
  const { place } = setUp();
  const met = Array.from({ length: 8 }, (_, n) => place(`192.0.2.${n}`, 200, `pull ${n}`));
  assert.deepEqual(met, [200, 200, 200, 200, 200, 200, null, null]);
});

test('the addresses of one IPv6 network are one client', () => {
  const { place } = setUp(8, 1);
  assert.deepEqual([place('2001:db8::1', 200), place('2001:db8::2', 500)], [200, null]);
});

test('the place of a viewer that is gone is free', () => {
  const { wishes, place } = setUp(8, 1);
  place('192.0.2.1', 200);
  wishes.forget('v1');
  assert.equal(place('192.0.2.1', 500), 500);
});
