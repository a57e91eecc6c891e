import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeAmf0 } from '../../../../src/core/amf/amf0.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { parseScriptTag, promisesVideo, toJson } from '../../../../src/core/flv/script-tag.js';

const cases = [
  ['a codec by number', ['onMetaData', { videocodecid: 7 }], true],
  ['a codec by name', ['onMetaData', { videocodecid: 'avc1' }], true],
  ['a width', ['onMetaData', { width: 640, height: 360 }], true],
  ['as the publisher sends it', ['@setDataFrame', 'onMetaData', { width: 640 }], true],
  ['a flag', ['onMetaData', { hasVideo: true }], true],
  ['a flag against it', ['onMetaData', { hasVideo: false, width: 640 }], false],
  ['audio only', ['onMetaData', { audiocodecid: 10, videocodecid: 0, width: 0 }], false],
  ['another event', ['onTextData', { width: 640 }], false],
  ['no object', ['onMetaData', 'x'], false],
] as const;

for (const [what, values, promised] of cases) {
  test(`${what}: ${promised ? 'video is announced' : 'no video is announced'}`, () => {
    const body = encodeAmf0(...values);
    assert.equal(promisesVideo(parseScriptTag(body)), promised);
    assert.equal(promisesVideo(parseScriptTag(Uint8Array.of(0, ...body))), promised);
  });
}

const tracks = { 1: { width: 640, videoFourCcInfo: { hvc1: 1 } } };
test('the maps of Enhanced RTMP in onMetaData are values like others, and change nothing of the promise', () => {
  const maps = { videoTrackIdInfoMap: tracks, audioTrackIdInfoMap: {}, videoFourCcInfoMap: { '*': 4 } };
  const said = parseScriptTag(encodeAmf0('onMetaData', { ...maps, videocodecid: 0x68766331 }));
  assert.equal(promisesVideo(said), true);
  assert.deepEqual(JSON.parse(toJson(said.values, 1000) ?? ''), [{ ...maps, videocodecid: 0x68766331 }]);
  assert.equal(promisesVideo(parseScriptTag(encodeAmf0('onMetaData', maps))), false);
});

test('bytes that are no AMF, and data without a name, are a WireError', () => {
  assert.throws(() => parseScriptTag(Uint8Array.of(2, 0)), WireError);
  assert.throws(() => parseScriptTag(encodeAmf0(7, { width: 640 })), WireError);
  assert.throws(() => parseScriptTag(new Uint8Array()), WireError);
});

const said = { name: 'onMetaData', values: [{ width: 640 }] };
const onMetaData = encodeAmf0('onMetaData', { width: 640 });
for (const [what, body] of [
  ['behind a number, whose marker is the first byte 0', Buffer.concat([encodeAmf0(0), onMetaData])],
  ['behind a number that begins as a string does', Buffer.concat([encodeAmf0(2e-303, 1), onMetaData])],
  ['behind numbers and a null', encodeAmf0(1, 2, null, 'onMetaData', { width: 640 })],
  ['behind the mark of AMF3 and a number', Buffer.concat([Uint8Array.of(0), encodeAmf0(1), onMetaData])],
  ['behind @setDataFrame and a number', encodeAmf0('@setDataFrame', 0, 'onMetaData', { width: 640 })],
  ['before bytes that are no AMF', Buffer.concat([onMetaData, Uint8Array.of(0xff, 0xff)])],
] as const) {
  test(`metadata ${what} is found`, () => {
    const { name, values } = parseScriptTag(body);
    assert.deepEqual(JSON.parse(JSON.stringify({ name, values })), said);
  });
}

test('values become JSON, those that it has no word for included', () => {
  const values = [
    1.5,
    'a"b',
    true,
    null,
    undefined,
    Number.NaN,
    new Date(0),
    Uint8Array.of(1, 2, 255),
    [1],
    { k: undefined },
  ];
  const text = '[1.5,"a\\"b",true,null,null,null,"1970-01-01T00:00:00.000Z","AQL/",[1],{}]';
  assert.equal(toJson(values, text.length), text);
  assert.equal(toJson(values, text.length - 1), null);
  assert.equal(toJson([new Date(Number.NaN)], 100), '[null]');
});

test('a key of the name of the prototype stays a key', () => {
  const body = encodeAmf0('onTextData', Object.assign(Object.create(null), { ['__proto__']: 'x' }));
  const text = toJson(parseScriptTag(body).values, 100);
  assert.equal(text, '[{"__proto__":"x"}]');
});
