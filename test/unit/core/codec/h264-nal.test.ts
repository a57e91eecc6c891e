import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nalType, nalTypes } from '../../../../src/core/codec/h264-nal.js';
import { bytesOf } from './h264-samples.js';

test('types are read from the first byte', () => {
  assert.deepEqual(
    ['65', '61', '67', '68', '06', '09'].map((hex) => nalType(bytesOf(hex))),
    [nalTypes.idr, nalTypes.nonIdr, nalTypes.sps, nalTypes.pps, nalTypes.sei, nalTypes.aud],
  );
  assert.equal(nalType(new Uint8Array(0)), 0);
});
