/** HE-AAC of a real encoder (test/fixtures/audio), cut into what sources send. */
import { readFileSync } from 'node:fs';
import { splitAdts } from '../../../src/core/codec/adts.js';
import type { FlvTag } from '../source/flv-file.js';

/** A frame is 1,024 samples of the core. */
export const coreRateHz = 22_050;

const file = (name: string): Uint8Array => readFileSync(`test/fixtures/audio/${name}.aac`);

/** The configurations that say it first, behind one of the core, and not at all: hexadecimal. */
export const heAacVersions = [
  {
    name: 'HE-AAC v1',
    adts: file('he-aac-v1'),
    coreChannels: 2,
    first: '2b920800',
    behind: '139056e5a0',
    unsaid: '1390',
  },
  {
    name: 'HE-AAC v2',
    adts: file('he-aac-v2'),
    coreChannels: 1,
    first: 'eb8a0800',
    behind: '138856e5a54880',
    unsaid: '1388',
  },
] as const;

/** The sequence header where there is one, then the frames in AAC's one fixed header byte. */
export const heAacTags = (config: string | null, frames: readonly Uint8Array[]): FlvTag[] => [
  ...(config === null ? [] : [audioTag(0, 0, Buffer.from(config, 'hex'))]),
  ...frames.map((frame, n) => audioTag(Math.round((n * 1024_000) / coreRateHz), 1, frame)),
];

const audioTag = (timestampMs: number, packetType: 0 | 1, data: Uint8Array): FlvTag => ({
  track: 'audio',
  timestampMs,
  body: Uint8Array.of(0xaf, packetType, ...data),
});

/** The frames with their headers of ADTS. */
export function adtsFramesOf(adts: Uint8Array): readonly Uint8Array[] {
  const headerBytes = 7;
  return splitAdts(adts).units.map(({ byteOffset, length }) => {
    const at = byteOffset - adts.byteOffset;
    return adts.subarray(at - headerBytes, at + length);
  });
}
