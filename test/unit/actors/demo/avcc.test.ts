import assert from 'node:assert/strict';
import { test } from 'node:test';
import { avcConfiguration, fromAnnexB } from '../../../../actors/demo/avcc.js';
import { WireError } from '../../../../src/core/bytes/wire-error.js';

const sps = [0x67, 0x42, 0xc0, 0x1f, 0x11];
const pps = [0x68, 0xce];
const idr = [0x65, 0x88, 0x00, 0x00, 0x03, 0x01];
const slice = [0x41, 0x9a];
const annexB = (...nals: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from(nals.flatMap((nal, n) => [...(n === 0 ? [0, 0, 0, 1] : [0, 0, 1]), ...nal]));

test('each NAL unit gets its length in 4 bytes, whatever the length of its start code', () => {
  assert.deepEqual([...fromAnnexB(annexB(idr, slice))], [0, 0, 0, 6, ...idr, 0, 0, 0, 2, ...slice]);
});

test('parameter sets are left out of access units', () => {
  assert.deepEqual([...fromAnnexB(annexB(sps, pps, idr))], [0, 0, 0, 6, ...idr]);
});

test('bytes without a start code hold no NAL unit', () => {
  assert.equal(fromAnnexB(Uint8Array.of(0, 0, 2, 1)).length, 0);
});

test('the configuration carries profile and level of the SPS, then SPS and PPS', () => {
  assert.deepEqual(
    [...avcConfiguration(annexB(sps, pps))],
    [1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 5, ...sps, 1, 0, 2, ...pps],
  );
});

test('there is no configuration without an SPS and a PPS', () => {
  assert.throws(() => avcConfiguration(annexB(sps)), WireError);
  assert.throws(() => avcConfiguration(annexB(pps)), WireError);
});
