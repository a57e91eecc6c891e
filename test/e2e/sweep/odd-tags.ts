/** Video tags written again: other headers before the same data, other units in the same pictures, other messages around them. */
import { joinNals, NalFraming } from '../../../src/core/access-unit/nal-framing.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import type { Manner } from './manner.js';

export interface Coded {
  readonly isConfig: boolean;
  readonly isKeyframe: boolean;
  readonly compositionTimeMs: number;
  readonly data: Uint8Array;
}

export const fourCc = (name: string): Uint8Array => Buffer.from(name, 'latin1');
export const s24 = (value: number): readonly number[] => [(value >> 16) & 255, (value >> 8) & 255, value & 255];
/** Frame type, where it stands in the first byte. */
export const typeBits = ({ isKeyframe }: Coded): number => (isKeyframe ? 0x10 : 0x20);

export function readCoded({ body }: FlvTag): Coded | null {
  const tag = parseVideoTag(body);
  if (tag.kind === 'config') return { isConfig: true, isKeyframe: true, compositionTimeMs: 0, data: tag.data };
  return tag.kind === 'frame' ? { ...tag, isConfig: false } : null;
}

/** Headers and pictures written by `write`, all else as it is. */
export const each =
  (write: (coded: Coded, n: number) => Uint8Array) =>
  (tags: readonly FlvTag[]): readonly FlvTag[] =>
    tags.map((tag, n) => {
      const read = readCoded(tag);
      return read === null ? tag : { ...tag, body: write(read, n) };
    });

/** In a header from before Enhanced RTMP. */
export const classicTag = (coded: Coded, codecId: number, data = coded.data): Uint8Array =>
  Uint8Array.of(typeBits(coded) | codecId, coded.isConfig ? 0 : 1, ...s24(coded.compositionTimeMs), ...data);

/** Of H.264. */
export const nalsOf = (data: Uint8Array): readonly Uint8Array[] => new NalFraming(4, () => true).read(data).nals;
export const eachPicture = (edit: (nals: readonly Uint8Array[], n: number) => readonly Uint8Array[]) =>
  each((coded, n) => classicTag(coded, 7, coded.isConfig ? coded.data : joinNals(edit(nalsOf(coded.data), n))));

/** These bodies before and behind each message of the track. */
export const around = (
  track: 'audio' | 'video',
  before: readonly Uint8Array[],
  behind: readonly Uint8Array[] = [],
): Manner => ({
  reword: (sent) =>
    sent.type !== track
      ? [sent]
      : [...before.map((body) => ({ ...sent, body })), sent, ...behind.map((body) => ({ ...sent, body }))],
});
