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

const refused: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /address to check is missing/],
  [['ftp://me:secret@h/a'], /"ftp:\/\/\*\*\*@h\/a" is not the address of a source/],
  [['--control'], /--control needs the address/],
  [['--control', 'play.example'], /--control needs the address/],
  [['--control', 'ftp://a/'], /--control needs the address/],
  [['--control', 'http://a/', 'b'], /"b" is unexpected/],
  [['--other', 'http://a/'], /"--other" is not the address of a source/],
];
for (const [argv, fault] of refused) {
  test(`"check ${argv.join(' ')}" is answered with what is wrong, and the usage`, () => {
    const command = readCheckCommand(argv);
    const text = command.kind === 'print' ? command.text : '';
    assert.match(text.split('\n')[0] ?? '', fault);
    assert.match(text, /sluice check --control URL/);
  });
}
