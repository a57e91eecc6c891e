import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJwt, jwtVerify } from 'jose';
import { printedToken } from '../../../src/cli/token.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { readTokenCommand } from '../../../src/config/token-command.js';

const secret = 'a secret of more than thirty-two characters';
const nowMs = 1_790_000_000_000;
const settings = (playback: object) => settingsSchema.parse({ playback });

function wishOf(...argv: readonly string[]) {
  const command = readTokenCommand(argv);
  return command.kind === 'token' ? command.wish : assert.fail(command.text);
}

test('its own words are read, and all others are flags of the configuration', () => {
  const command = readTokenCommand([
    '--stream',
    'cam',
    '--config=x.yaml',
    '--expires',
    '2h',
    '--once',
    '--log.level',
    'warn',
  ]);
  assert.ok(command.kind === 'token');
  assert.deepEqual(command.flags, ['--config=x.yaml', '--log.level', 'warn']);
  assert.deepEqual(command.wish, {
    streams: ['cam'],
    expiresInS: 7200,
    maxViewers: undefined,
    once: true,
    recordings: false,
    subject: undefined,
    url: null,
  });
});

const refused: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /--stream NAME is missing/],
  [['--stream'], /--stream needs/],
  [['--stream', 'cam', '--expires', 'soon'], /--expires needs/],
  [['--stream', 'cam', '--expires', '0s'], /--expires needs/],
  [['--stream', 'cam', '--viewers', '0'], /--viewers needs/],
  [['--stream', 'cam', '--url', 'play.example.org'], /--url needs/],
];
for (const [argv, fault] of refused) {
  test(`"${argv.join(' ')}" is answered with what is wrong, and how it is used`, () => {
    const command = readTokenCommand(argv);
    assert.ok(command.kind === 'print' && command.exitCode === 1);
    assert.match(command.text.split('\n')[0] ?? '', fault);
    assert.match(command.text, /Usage: sluice token --stream/);
  });
}

test('a token is signed by the first secret, with what was asked for', async () => {
  const wish = wishOf(
    '--stream=cam',
    '--stream=dog*',
    '--viewers=3',
    '--recordings',
    '--subject',
    'ann',
    '--expires=30m',
  );
  const text = await printedToken(
    wish,
    settings({ secrets: [secret, `${secret}2`], issuer: 'us', audience: 'players' }),
    nowMs,
  );
  const { payload } = await jwtVerify(text.trim(), new TextEncoder().encode(secret), { currentDate: new Date(nowMs) });
  const { jti, ...claims } = payload;
  assert.match(String(jti), /^[0-9a-f-]{36}$/);
  assert.deepEqual(claims, {
    stream: ['cam', 'dog*'],
    maxViewers: 3,
    recordings: true,
    sub: 'ann',
    iss: 'us',
    aud: 'players',
    exp: nowMs / 1000 + 1800,
  });
});

test('with the address of the server, addresses to play by are printed', async () => {
  const text = await printedToken(
    wishOf('--stream', 'a/b', '--url', 'https://h.example/x/'),
    settings({ secrets: [secret] }),
    nowMs,
  );
  const [page = '', whep, hls] = text.trim().split('\n');
  const token = new URL(page).searchParams.get('token') ?? '';
  assert.equal(decodeJwt(token).stream, 'a/b');
  assert.equal(page, `https://h.example/x/play/a%2Fb?token=${token}`);
  assert.equal(whep, `https://h.example/x/whep/a%2Fb?token=${token}`);
  assert.equal(hls, `https://h.example/x/hls/a%2Fb/index.m3u8?token=${token}`);
});

test('without a secret, or for too long, the error names the setting', async () => {
  await assert.rejects(printedToken(wishOf('--stream', 'cam'), settings({}), nowMs), /playback\.secrets is empty/);
  const long = printedToken(wishOf('--stream', 'cam', '--expires', '30d'), settings({ secrets: [secret] }), nowMs);
  await assert.rejects(long, /playback\.maxLifetimeS/);
});
