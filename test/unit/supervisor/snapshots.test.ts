/** Stills that many ask for at once, or one after the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Keyframe, StillForm } from '../../../actors/media/still.js';
import { SluiceError } from '../../../src/errors.js';
import { createSnapshots } from '../../../src/supervisor/snapshots.js';

const jpeg: StillForm = { format: 'jpeg', width: 320 };

/** One stream, and what of it was decoded: `frame form`. */
function stage() {
  let frame = 1;
  let isBroken = false;
  const decoded: string[] = [];
  const keyframe = async (): Promise<Keyframe> => ({
    config: { codec: 'VP9', extraData: new Uint8Array() },
    frames: [Uint8Array.of(frame)],
  });
  const pull = { spec: { pullId: 'id' }, thread: { actor: { keyframe } } };
  const registry = {
    find: (name: string) => (name === 'cam' ? pull : undefined),
    get: (pullId: string) => (pullId === 'id' ? pull : undefined),
  };
  const pool = {
    async snapshot({ frames }: Keyframe, { format, width }: StillForm) {
      decoded.push(`${frames[0]?.[0]} ${format} ${width}`);
      if (isBroken) throw new SluiceError('stream.failed');
      return Uint8Array.of(frames[0]?.[0] ?? 0);
    },
  };
  const { snapshot } = createSnapshots(pool, registry);
  return {
    decoded,
    snapshot,
    next: () => {
      frame += 1;
    },
    breaks: (now: boolean) => {
      isBroken = now;
    },
  };
}

test('twenty who ask at once, by name or by id, cost one decode, and who comes before the next keyframe none', async () => {
  const { snapshot, decoded, next } = stage();
  const many = await Promise.all(Array.from({ length: 20 }, (_, n) => snapshot(n % 2 === 0 ? 'cam' : 'id', jpeg)));
  assert.deepEqual(decoded, ['1 jpeg 320']);
  assert.equal(new Set(many.map(({ tag }) => tag)).size, 1);
  assert.equal((await snapshot('cam', jpeg)).tag, many[0]?.tag);
  await snapshot('cam', { format: 'png', width: null });
  assert.deepEqual(decoded, ['1 jpeg 320', '1 png null']);
  next();
  const newer = await snapshot('cam', jpeg);
  assert.deepEqual([newer.bytes[0], decoded.length], [2, 3]);
  assert.notEqual(newer.tag, many[0]?.tag);
});

test('one that fails is told to all who asked for it, and the next who asks has another try', async () => {
  const { snapshot, decoded, breaks } = stage();
  breaks(true);
  const both = await Promise.allSettled([snapshot('cam', jpeg), snapshot('cam', jpeg)]);
  assert.deepEqual([both.map(({ status }) => status), decoded.length], [['rejected', 'rejected'], 1]);
  breaks(false);
  assert.equal((await snapshot('cam', jpeg)).bytes[0], 1);
  assert.equal(decoded.length, 2);
  await assert.rejects(snapshot('nobody', jpeg), { code: 'stream.notFound' });
});
