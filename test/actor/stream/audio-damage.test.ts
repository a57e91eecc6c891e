/** What sources do to their AAC: a stream of one in ten frames spoilt stays audible, in time, and says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setAudioStage, toneWindows } from '../../support/media/audio-stage.js';
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';

const amplitude = 0.25;
const seconds = 6;
const source = `aevalsrc='${amplitude}*sin(440*2*PI*t)|${amplitude}*sin(440*2*PI*t)':s=44100:d=${seconds}`;
const [config, ...frames] = encodeFlv(['-f', 'lavfi', '-i', source, '-c:a', 'aac', '-b:a', '128k']).filter(
  ({ track }) => track === 'audio',
);
assert.ok(config !== undefined);

/** Two bytes stand before the frame. */
const withFrame = (tag: FlvTag, frame: Uint8Array): FlvTag => ({
  ...tag,
  body: Uint8Array.from([...tag.body.subarray(0, 2), ...frame]),
});
const frameOf = ({ body }: FlvTag): Uint8Array => body.subarray(2);

/** The same numbers in every run. */
function createDice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % sides;
  };
}

const roll = createDice(7);

function flipped(bytes: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(bytes);
  for (let n = 0; n < 8; n += 1) {
    const at = roll(changed.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << roll(8));
  }
  return changed;
}

interface Damage {
  readonly name: string;
  /** What becomes of a frame; null: it is lost. */
  readonly spoil: (tag: FlvTag) => FlvTag | null;
  /** Frames that no decoder takes. */
  readonly isRefused: boolean;
}

const damages: readonly Damage[] = [
  { name: 'with some bits flipped', spoil: (tag) => withFrame(tag, flipped(frameOf(tag))), isRefused: false },
  { name: 'cut in the middle', spoil: (tag) => withFrame(tag, frameOf(tag).subarray(0, 60)), isRefused: true },
  { name: 'of one byte 0', spoil: (tag) => withFrame(tag, Uint8Array.of(0)), isRefused: true },
  { name: 'of ones', spoil: (tag) => withFrame(tag, new Uint8Array(100).fill(255)), isRefused: true },
  { name: 'empty', spoil: (tag) => withFrame(tag, new Uint8Array(0)), isRefused: false },
  { name: 'lost', spoil: () => null, isRefused: false },
];

for (const { name, spoil, isRefused } of damages) {
  test(`every tenth frame ${name}: the tone stays, RTP time does not drift`, async (t) => {
    const stage = await setAudioStage(t);
    const spoilt = frames.flatMap((tag, n) => (n % 10 === 5 ? (spoil(tag) ?? []) : [tag]));
    await stage.feed([config, ...spoilt]);
    assert.deepEqual(new Set(stage.steps()), new Set([960]));
    const last = stage.packets.at(-1) ?? assert.fail('nothing came out');
    const lateMs = last.atMs - stage.mediaMs(last);
    assert.ok(lateMs > -30 && lateMs < 70, `${lateMs} ms behind the stamps`);
    const windows = toneWindows(await stage.pcm()).slice(5);
    const audible = windows.filter((level) => level > amplitude / 2).length / windows.length;
    assert.ok(audible > 0.8, `audible for ${Math.round(audible * 100)} %`);
    const { decodeErrors } = stage.path.stats.audioPath;
    if (isRefused) assert.ok(Math.abs(decodeErrors - frames.length / 10) <= 1, `${decodeErrors} errors counted`);
  });
}

test('after a second of garbage the audio is back within 100 ms, where its stamps say', async (t) => {
  const stage = await setAudioStage(t);
  const garbage = (tag: FlvTag) =>
    withFrame(
      tag,
      Uint8Array.from({ length: 200 }, () => roll(256)),
    );
  const isSpoilt = ({ timestampMs }: FlvTag) => timestampMs >= 2000 && timestampMs < 3000;
  await stage.feed([config, ...frames.map((tag) => (isSpoilt(tag) ? garbage(tag) : tag))]);
  const from = stage.packets.findIndex((packet) => stage.mediaMs(packet) >= 3000);
  const windows = toneWindows(await stage.pcm()).slice(from);
  const back = windows.findIndex((level) => level > amplitude * 0.8);
  assert.ok(back >= 0 && back <= 5, `back after ${back * 20} ms`);
  assert.ok(windows.slice(back, back + 100).every((level) => level > amplitude * 0.8));
  assert.ok(stage.steps().every((step) => step === 960));
});

test('headers of ADTS in front of every frame change nothing', async (t) => {
  const [plain, wrapped] = [await setAudioStage(t), await setAudioStage(t)];
  await plain.feed([config, ...frames]);
  const adts = (frame: Uint8Array) => {
    const size = frame.length + 7;
    return Uint8Array.of(
      0xff,
      0xf1,
      0x50,
      0x80 | (size >> 11),
      (size >> 3) & 255,
      ((size & 7) << 5) | 31,
      252,
      ...frame,
    );
  };
  await wrapped.feed([config, ...frames.map((tag) => withFrame(tag, adts(frameOf(tag))))]);
  assert.deepEqual(wrapped.packets, plain.packets);
});

test('a configuration sent again with every second frame interrupts nothing', async (t) => {
  const [plain, resent] = [await setAudioStage(t), await setAudioStage(t)];
  await plain.feed([config, ...frames]);
  await resent.feed([
    config,
    ...frames.flatMap((tag, n) => (n % 2 === 0 ? [{ ...config, timestampMs: tag.timestampMs }, tag] : [tag])),
  ]);
  assert.deepEqual(resent.packets, plain.packets);
});
