/**
 * Stills of streams. Many who ask for the same keyframe in the same form share one decode, and what came of it for a while. The tag
 * is of the keyframe, not of what it is decoded to: who has it already costs no decode, whatever is kept.
 */
import { createHash } from 'node:crypto';
import type { StreamActor } from '../../actors/contract.js';
import type { Keyframe, StillForm } from '../../actors/media/still.js';
import { SluiceError } from '../errors.js';
import type { Pool } from '../threads/pool.js';
import type { Streams } from './streams.js';

interface Pulled {
  readonly spec: { readonly pullId: string };
  readonly thread: { readonly actor: Pick<StreamActor, 'keyframe'> } | null;
}

/** By name, and by id. */
interface PulledStreams {
  find(name: string): Pulled | undefined;
  get(pullId: string): Pulled | undefined;
}

interface Taken {
  readonly tag: string;
  readonly bytes: Promise<Uint8Array>;
  /** 0: it is being made. */
  keptBytes: number;
}

/** Of the last still of each stream and form: some 1,500 of 320 pixels as JPEG, or a dozen of 1080p as PNG. */
const defaultMaxKeptBytes = 33_554_432;

export function createSnapshots(
  pool: Pick<Pool, 'snapshot'>,
  table: PulledStreams,
  maxKeptBytes = defaultMaxKeptBytes,
): Pick<Streams, 'snapshot'> {
  const kept = new Map<string, Taken>();
  let totalBytes = 0;

  const forget = (key: string, taken: Taken): void => {
    if (kept.get(key) !== taken) return;
    kept.delete(key);
    totalBytes -= taken.keptBytes;
  };
  const keep = (key: string, taken: Taken, bytes: number): void => {
    if (kept.get(key) !== taken) return;
    taken.keptBytes = bytes;
    totalBytes += bytes;
    for (const [other, one] of kept) {
      if (totalBytes <= maxKeptBytes) return;
      if (one.keptBytes > 0) forget(other, one);
    }
  };
  const take = (key: string, tag: string, keyframe: Keyframe, form: StillForm): Promise<Uint8Array> => {
    const known = kept.get(key);
    if (known?.tag === tag) return known.bytes;
    if (known !== undefined) forget(key, known);
    const taken: Taken = { tag, bytes: pool.snapshot(keyframe, form), keptBytes: 0 };
    kept.set(key, taken);
    taken.bytes.then(
      ({ length }) => keep(key, taken, length),
      // The next who asks may have more luck.
      () => forget(key, taken),
    );
    return taken.bytes;
  };

  return {
    async snapshot(name, form) {
      const pull = table.find(name) ?? table.get(name);
      if (pull === undefined) throw new SluiceError('stream.notFound');
      if (pull.thread === null) throw new SluiceError('stream.notLive');
      const keyframe = await pull.thread.actor.keyframe();
      const key = `${pull.spec.pullId} ${form.format} ${form.width ?? ''}`;
      const hash = createHash('sha256').update(key);
      for (const frame of keyframe.frames) hash.update(frame);
      const tag = hash.digest('base64url').slice(0, 22);
      return { tag, bytes: () => take(key, tag, keyframe, form) };
    },
  };
}
