import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TagReader } from '../../../../src/core/flv/tag-reader.js';

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const avc1 = '61766331';
const opus = '4f707573';

/** What is read of these messages, one after the other: the data of the track that is played. */
const readBy = (reader: TagReader, kind: 'audio' | 'video', messages: readonly string[]) =>
  messages.map((hex) => {
    const tag = reader[kind](bytesOf(hex));
    return 'data' in tag ? Buffer.from(tag.data).toString('hex') : tag.kind;
  });

test('where a source has no track 0 the lowest one is played, from its first message on', () => {
  const reader = new TagReader();
  const kinds = (...messages: readonly string[]) => readBy(reader, 'video', messages);
  const both = `96 10 ${avc1} 02 000001 bb 01 000001 aa`;
  assert.deepEqual(kinds(`96 00 ${avc1} 02 dd`, both, `96 00 ${avc1} 02 dd`, `96 00 ${avc1} 01 ee`), [
    'dd',
    'aa',
    'ignored',
    'ee',
  ]);
  assert.deepEqual(kinds('1700000000 cc', both), ['cc', 'ignored']);
  reader.newSession();
  assert.deepEqual(kinds('1702000000', both), ['end', 'aa']);
  assert.deepEqual(kinds(both, `90 ${avc1} cc`, both), ['aa', 'cc', 'ignored']);
  reader.newSession();
  assert.deepEqual(kinds(`96 10 ${avc1} 02 000001 bb`), ['bb']);
});

test('audio and video are chosen by themselves, and others than the one that is played are known', () => {
  const reader = new TagReader();
  assert.deepEqual(readBy(reader, 'video', [`96 03 ${avc1} 02 bb`]), ['bb']);
  assert.deepEqual(readBy(reader, 'audio', [`95 01 ${opus} 03 cc`, `95 01 ${opus} 01 aa`, `95 01 ${opus} 03 cc`]), [
    'cc',
    'aa',
    'ignored',
  ]);
  const others = [1, 2, 3].map((trackId) => [
    reader.isOther({ kind: 'video', trackId }),
    reader.isOther({ kind: 'audio', trackId }),
  ]);
  assert.deepEqual(others, [
    [true, false],
    [false, true],
    [true, true],
  ]);
});

test('a message is read once for all who ask for it one after the other', () => {
  const reader = new TagReader();
  const body = bytesOf('2701000000 41');
  assert.equal(reader.video(body), reader.video(body));
});
