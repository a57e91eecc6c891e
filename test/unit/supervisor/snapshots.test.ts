/** Stills that many ask for at once, or one after the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Keyframe, StillForm } from '../../../actors/media/still.js';
import { SluiceError } from '../../../src/errors.js';
import { createSnapshots } from '../../../src/supervisor/snapshots.js';

const jpeg: StillForm = { format: 'jpeg', width: 320 };

/** One stream, and what of it was decoded: `frame form`. */
function stage(maxKeptBytes?: number) {
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
  const { snapshot } = createSnapshots(pool, registry, maxKeptBytes);
  return {
    decoded,
    snapshot,
    /** Its tag, and what was decoded. */
    async taken(name: string, form = jpeg) {
      const { tag, bytes } = await snapshot(name, form);
      return { tag, bytes: await bytes() };
    },
    next: () => {
      frame += 1;
    },
    breaks: (now: boolean) => {
      isBroken = now;
    },
  };
}

test('twenty who ask at once, by name or by id, cost one decode, and who comes before the next keyframe none', async () => {
  const { taken, decoded, next } = stage();
  const many = await Promise.all(Array.from({ length: 20 }, (_, n) => taken(n % 2 === 0 ? 'cam' : 'id')));
  assert.deepEqual(decoded, ['1 jpeg 320']);
  assert.equal(new Set(many.map(({ tag }) => tag)).size, 1);
  assert.equal((await taken('cam')).tag, many[0]?.tag);
  await taken('cam', { format: 'png', width: null });
  assert.deepEqual(decoded, ['1 jpeg 320', '1 png null']);
  next();
  const newer = await taken('cam');
  assert.deepEqual([newer.bytes[0], decoded.length], [2, 3]);
  assert.notEqual(newer.tag, many[0]?.tag);
});

test('one that fails is told to all who asked for it, and the next who asks has another try', async () => {
  const { taken, snapshot, decoded, breaks } = stage();
  breaks(true);
  const both = await Promise.allSettled([taken('cam'), taken('cam')]);
  assert.deepEqual([both.map(({ status }) => status), decoded.length], [['rejected', 'rejected'], 1]);
  breaks(false);
  assert.equal((await taken('cam')).bytes[0], 1);
  assert.equal(decoded.length, 2);
  await assert.rejects(snapshot('nobody', jpeg), { code: 'stream.notFound' });
});

test('who knows the tag of the keyframe costs no decode, whatever is kept', async () => {
  const { taken, snapshot, decoded } = stage(1);
  const { tag } = await taken('cam');
  // Nothing of the first is kept beside the second.
  await taken('cam', { format: 'png', width: null });
  assert.equal((await snapshot('cam', jpeg)).tag, tag);
  assert.equal(decoded.length, 2);
  await taken('cam');
  assert.equal(decoded.length, 3);
});

test('what is kept is bounded by its bytes, the oldest going first', async () => {
  const { taken, decoded } = stage(2);
  const forms = [1, 2, 3].map((width): StillForm => ({ format: 'jpeg', width }));
  for (const form of forms) await taken('cam', form);
  for (const form of forms.toReversed()) await taken('cam', form);
  assert.deepEqual(
    decoded.map((one) => one.split(' ')[2]),
    ['1', '2', '3', '1'],
  );
});
