import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCheckCommand } from '../../../src/config/check-command.js';

test('the address of a server, behind the flag or after an equals sign', () => {
  for (const argv of [['--control', 'https://play.example/base?a=b'], ['--control=https://play.example/base?a=b']]) {
    const command = readCheckCommand(argv);
    assert.equal(command.kind === 'check' && command.control.href, 'https://play.example/base?a=b');
  }
});

test('the address of a source, with flags of the configuration behind it', () => {
  for (const uri of ['rtmps://h/live/a', 'https://h/whep/a', 'wss://h:8443#a']) {
    const flags = ['--rtmp.caFile=ca.pem'];
    assert.deepEqual(readCheckCommand([uri, ...flags]), { kind: 'checkSource', uri, flags });
  }
});

for (const argv of [
  [],
  ['--control'],
  ['--control', 'play.example'],
  ['--control', 'ftp://a/'],
  ['--other', 'http://a/'],
]) {
  test(`"check ${argv.join(' ')}" is answered with the usage`, () => {
    const command = readCheckCommand(argv);
    assert.match(command.kind === 'print' ? command.text : '', /sluice check --control URL/);
  });
}
