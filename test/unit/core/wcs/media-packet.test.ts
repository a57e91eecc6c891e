import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aacLcConfig } from '../../../../src/core/codec/aac-config.js';
import {
  audioPacket,
  audioSetupPacket,
  clockPacket,
  stamp,
  videoPacket,
  videoPacketOf,
  videoSetupPacket,
} from '../../../../src/core/wcs/media-packet.js';

const hex = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('hex');
const sps = Uint8Array.from(Buffer.from('6742c00d95', 'hex'));
const pps = Uint8Array.from(Buffer.from('68ce3c80', 'hex'));

test('the setup of video is an RTMP message with a decoder configuration record, and nothing behind its sets', () => {
  const body = '1700000000' + '01' + '42c00d' + 'ff' + 'e1' + '00056742c00d95' + '01' + '000468ce3c80';
  assert.equal(hex(videoSetupPacket([sps, pps])), `090000000000000019${body}`);
});

test('parameter sets that are missing make no setup', () => {
  for (const nals of [[], [sps], [pps]]) assert.equal(videoSetupPacket(nals), null);
});

test('frames have their kind, no composition time, and their NAL units behind lengths', () => {
  const nal = Uint8Array.of(0x65, 1, 2);
  const avcc = Uint8Array.of(0, 0, 0, 3, ...nal);
  const key = '0900000000' + '0000000c' + '1701000000' + '00000003650102';
  assert.equal(hex(videoPacket(avcc, true)), key);
  assert.equal(hex(videoPacketOf([Uint8Array.of(9, 0xf0), sps, pps, nal], true)), key);
  assert.equal(hex(videoPacket(avcc, false)).slice(18, 22), '2701');
});

test('audio has the type of its packet alone before its bytes, and a timestamp goes into any packet', () => {
  const packet = audioPacket(Uint8Array.of(0x21, 0x10));
  stamp(packet, 70_000);
  assert.equal(hex(packet), '080001117000000003012110');
  assert.equal(hex(clockPacket(4000)), '0900000fa0000000021702');
});

test('the player is told of audio in two bytes, of HE-AAC the core', () => {
  const told = (config: Uint8Array): string => hex(audioSetupPacket(config)).slice(20);
  assert.equal(told(aacLcConfig(3, 2)), '1190');
  // HE-AAC of 22,050 Hz, said explicitly, with 44,100 Hz behind it.
  assert.equal(told(Uint8Array.from(Buffer.from('2b920800', 'hex'))), hex(aacLcConfig(7, 2)));
  // A rate of its own, 44,000 Hz: the nearest that an index has.
  assert.equal(told(Uint8Array.from(Buffer.from('178055f010', 'hex'))), hex(aacLcConfig(4, 2)));
});
