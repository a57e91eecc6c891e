import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { promisesVideo } from '../../../../src/core/flv/script-tag.js';
import { encodeAmf0 } from '../../../../src/core/rtmp/amf0.js';

const cases = [
  ['a codec by number', ['onMetaData', { videocodecid: 7 }], true],
  ['a codec by name', ['onMetaData', { videocodecid: 'avc1' }], true],
  ['a width', ['onMetaData', { width: 640, height: 360 }], true],
  ['as the publisher sends it', ['@setDataFrame', 'onMetaData', { width: 640 }], true],
  ['a flag', ['onMetaData', { hasVideo: true }], true],
  ['a flag against it', ['onMetaData', { hasVideo: false, width: 640 }], false],
  ['sound only', ['onMetaData', { audiocodecid: 10, videocodecid: 0, width: 0 }], false],
  ['another event', ['onTextData', { width: 640 }], false],
  ['no object', ['onMetaData', 'x'], false],
] as const;

for (const [what, values, promised] of cases) {
  test(`${what}: ${promised ? 'a picture is promised' : 'no picture is promised'}`, () => {
    const body = encodeAmf0(...values);
    assert.equal(promisesVideo(body), promised);
    assert.equal(promisesVideo(Uint8Array.of(0, ...body)), promised);
  });
}

test('bytes that are no AMF are a WireError', () => assert.throws(() => promisesVideo(Uint8Array.of(2, 0)), WireError));
