/** A source whose audio is good, then damaged for long, then good again: the same for the same seed. */
import { parseAudioTag } from '../../../src/core/flv/audio-tag.js';
import { createRandom } from '../random.js';
import type { FlvTag } from '../source/flv-file.js';
import { damaged } from './damaged-bytes.js';

export interface DamagedAudio {
  readonly tags: readonly FlvTag[];
  /** Stamp of the first frame behind the damage. */
  readonly goodFromMs: number;
  readonly frameMs: number;
  readonly damagedFrames: number;
}

export interface DamagePlan {
  /** Frames of the damaged part; some 70 % of them are damaged. */
  readonly frames: number;
  readonly seed: number;
}

const damagedShare = 0.7;

/** `tags`: audio of some seconds, which plays whole, over and over while it is damaged, and whole once more. */
export function damageAudio(tags: readonly FlvTag[], { frames: count, seed }: DamagePlan): DamagedAudio {
  const random = createRandom(seed);
  const isFrame = ({ body }: FlvTag): boolean => parseAudioTag(body).kind === 'frame';
  const frames = tags.filter(isFrame);
  const head = tags.filter((tag) => !isFrame(tag));
  const [first, last] = [frames[0]?.timestampMs ?? 0, frames.at(-1)?.timestampMs ?? 0];
  const frameMs = (last - first) / (frames.length - 1);
  const at = (n: number, of: number): FlvTag => {
    const tag = frames[of % frames.length];
    if (tag === undefined) throw new Error('a sound without frames');
    return { ...tag, timestampMs: Math.round(n * frameMs) };
  };
  const goodFrom = frames.length + count;
  let damagedFrames = 0;
  const spoil = (tag: FlvTag): FlvTag => {
    if (random() >= damagedShare) return tag;
    damagedFrames += 1;
    return withFrame(tag, (frame) => damaged(frame, random));
  };
  return {
    tags: [
      ...head.map((tag) => ({ ...tag, timestampMs: 0 })),
      ...frames.map((_, n) => at(n, n)),
      ...Array.from({ length: count }, (_, n) => spoil(at(frames.length + n, n))),
      ...frames.map((_, n) => at(goodFrom + n, n)),
    ],
    goodFromMs: Math.round(goodFrom * frameMs),
    frameMs,
    damagedFrames,
  };
}

/** Headers of the tag are left alone: other tests damage those. */
function withFrame(tag: FlvTag, change: (frame: Uint8Array) => Uint8Array): FlvTag {
  const format = (tag.body[0] ?? 0) >> 4;
  const headerBytes = format === 9 ? 5 : format === 10 ? 2 : 1;
  const frame = change(tag.body.subarray(headerBytes));
  return { ...tag, body: Uint8Array.from([...tag.body.subarray(0, headerBytes), ...frame]) };
}
