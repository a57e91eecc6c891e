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

const refused: readonly (readonly [string, RegExp])[] = [
  ['pull', /address to pull is missing/],
  ['pull --open', /address to pull is missing/],
  ['pull ftp://me:secret@h/a', /"ftp:\/\/\*\*\*@h\/a" is not the address of a source/],
  ['pull rtmp://h/a --name', /--name needs/],
  ['status --at', /--at needs/],
  ['status --at play.example', /--at "play\.example" is not the address of a server/],
  ['drain --after', /--after needs a whole number/],
  ['drain --after soon', /--after needs a whole number/],
  ['drain --after 3 --back', /give one of them/],
];
for (const [line, fault] of refused) {
  test(`"sluice ${line}" is answered with what is wrong, and the usage`, () => {
    const command = readClientCommand(line.split(' '));
    const text = command?.kind === 'print' ? command.text : '';
    assert.match(text.split('\n')[0] ?? '', fault);
    assert.match(text, /sluice pull ADDRESS.*sluice status/s);
  });
}
