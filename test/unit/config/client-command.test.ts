import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClientCommand } from '../../../src/config/client-command.js';

const at = new URL('https://play.example/');

const read: readonly (readonly [string, unknown])[] = [
  ['status', { kind: 'status', at: null, flags: [] }],
  ['status --at https://play.example/ --server.restPort=1', { kind: 'status', at, flags: ['--server.restPort=1'] }],
  ['pull rtmp://h/live/cam?key=1', pull({ uri: 'rtmp://h/live/cam?key=1' })],
  [
    'pull --open rtmps://h/live/a/ --log.level=warn',
    pull({ uri: 'rtmps://h/live/a/', name: 'a', opens: true, flags: ['--log.level=warn'] }),
  ],
  ['pull rtmp://h/live/cam --name=hall --at=https://play.example/', pull({ name: 'hall', at })],
  ['pull https://h/whep/cam', pull({ uri: 'https://h/whep/cam' })],
  ['pull wss://h:8443#hall', pull({ uri: 'wss://h:8443#hall', name: 'hall' })],
  ['drain', drain({})],
  ['drain --after 30 --at=https://play.example/', drain({ afterMs: 30_000, at })],
  ['drain --back --log.level=warn', drain({ isTakenBack: true, flags: ['--log.level=warn'] })],
  ['check rtmp://h/live/cam', null],
  ['--help', null],
  ['', null],
];
for (const [line, command] of read) {
  test(`"sluice ${line}" is read`, () => assert.deepEqual(readClientCommand(line.split(' ')), command));
}

function pull(given: object): object {
  const usual = { kind: 'pullSource', uri: 'rtmp://h/live/cam', name: 'cam', opens: false, at: null, flags: [] };
  return Object.assign(usual, given);
}

function drain(given: object): object {
  return Object.assign({ kind: 'drain', afterMs: null, isTakenBack: false, at: null, flags: [] }, given);
}

const refused = ['pull', 'pull ftp://h/a', 'pull rtmp://h/a --name', 'status --at', 'status --at play.example'];
for (const line of [...refused, 'drain --after', 'drain --after soon', 'drain --after 3 --back']) {
  test(`"sluice ${line}" is answered with the usage`, () => {
    const command = readClientCommand(line.split(' '));
    assert.match(command?.kind === 'print' ? command.text : '', /sluice pull ADDRESS.*sluice status/s);
  });
}
