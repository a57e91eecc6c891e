/** Stills of streams. Many who ask for the same keyframe in the same form share one decode, and what came of it for a while. */
import { createHash } from 'node:crypto';
import type { StreamActor } from '../../actors/contract.js';
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
}

/** Kept: the last still of each stream and form. */
const maxKept = 64;

export function createSnapshots(pool: Pick<Pool, 'snapshot'>, table: PulledStreams): Pick<Streams, 'snapshot'> {
  const kept = new Map<string, Taken>();

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
      let taken = kept.get(key);
      if (taken?.tag !== tag) {
        taken = { tag, bytes: pool.snapshot(keyframe, form) };
        kept.delete(key);
        kept.set(key, taken);
        const [oldest] = kept.keys();
        if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
      }
      try {
        return { tag, bytes: await taken.bytes };
      } catch (error) {
        // The next who asks may have more luck.
        if (kept.get(key) === taken) kept.delete(key);
        throw error;
      }
    },
  };
}
