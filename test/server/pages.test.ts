import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ServerStage, startStage } from './stage.js';

let stage: ServerStage;

before(async () => {
  stage = await startStage();
});
after(() => stage.end());

const pages = [
  ['/player', 'player.html', 'text/html; charset=utf-8'],
  ['/player.js', 'player.js', 'text/javascript; charset=utf-8'],
  ['/player.css', 'player.css', 'text/css; charset=utf-8'],
  ['/icon.svg', 'icon.svg', 'image/svg+xml'],
  ['/whep-client.js', 'whep-client.js', 'text/javascript; charset=utf-8'],
] as const;

for (const [path, file, type] of pages) {
  test(`${path} is ${type}, revalidated by its entity tag, and loads nothing from other hosts`, async () => {
    const answer = await stage.ask(`${path}?name=cam`);
    assert.deepEqual([answer.status, answer.body], [200, `the text of ${file}`]);
    assert.equal(answer.headers['content-type'], type);
    assert.equal(answer.headers['cache-control'], 'no-cache');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.match(String(answer.headers['content-security-policy']), /default-src 'none'; script-src 'self'/);
    const again = await stage.ask(path, { headers: { 'If-None-Match': String(answer.headers.etag) } });
    assert.deepEqual([again.status, again.body], [304, '']);
    const head = await stage.ask(path, { method: 'HEAD' });
    assert.deepEqual([head.body, head.headers['content-length']], ['', String(answer.body.length)]);
  });
}

test('/ redirects to the player', async () => {
  const answer = await stage.ask('/');
  assert.deepEqual([answer.status, answer.headers.location], [302, '/player']);
});

test('files that are not listed are not served', async () => {
  assert.equal((await stage.ask('/../package.json')).status, 404);
  assert.equal((await stage.ask('/player.js.map')).status, 404);
});
