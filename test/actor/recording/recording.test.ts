/** A recording whose disk is full, fails, or is slow: what it says, what it keeps, and that it goes on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { FromRecorder } from '../../../actors/recording/contract.js';
import { createDisk, type Disk } from '../../../actors/recording/disk.js';
import { mediaFile, workFolder } from '../../../actors/recording/places.js';
import { Recording } from '../../../actors/recording/recording.js';
import type { Fragment, InitSegment } from '../../../src/core/fragments/fragment.js';
import { mountSmallDisk, type SmallDisk } from '../../support/recording/small-disk.js';
import { until } from '../../support/until.js';

const init: InitSegment = {
  kind: 'init',
  data: new Uint8Array(100),
  codecs: ['avc1.64001f'],
  timescales: { video: 90_000 },
  videoCodec: 'H264',
  audioCodec: null,
  width: 640,
  height: 360,
};

/** moof, traf and tfdt alone. */
function fragmentAt(startMs: number, isKeyframe: boolean): Fragment {
  const data = Buffer.alloc(1000);
  data.write('\0\0\0\x24moof\0\0\0\x1ctraf\0\0\0\x14tfdt\x01', 'latin1');
  data.writeBigUInt64BE(BigInt(startMs * 90), 28);
  data.writeUInt32BE(1000 - 36, 36);
  data.write('mdat', 40, 'latin1');
  return { kind: 'fragment', track: 'video', data: Uint8Array.from(data), isKeyframe, startMs, durationMs: 40 };
}

interface Stage {
  readonly folder: string;
  readonly recording: Recording;
  readonly said: FromRecorder[];
  /** The stream's end of its feed. */
  readonly feed: MessagePort;
  readonly dropped: () => number;
  /** Frames of 25 a second from here on, a keyframe every 200 ms. */
  play(fromMs: number, untilMs: number): void;
  /** What was said last of what keeps it from writing. */
  trouble(): string | null | undefined;
}

async function setStage(t: TestContext, disk: Disk, small: SmallDisk | null = null): Promise<Stage> {
  const folder = small?.folder ?? (await mkdtemp(join(tmpdir(), 'sluice-recording-')));
  await mkdir(workFolder(folder));
  const said: FromRecorder[] = [];
  let dropped = 0;
  const request = {
    recordingId: 'r',
    streamName: 'cam',
    mediaSessionId: 'm',
    template: 't',
    rotation: { afterMs: null, afterBytes: null },
  };
  const recording = new Recording({
    request,
    disk,
    folder,
    minFreeBytes: small === null ? 1000 : 0,
    say: (message) => said.push(message),
    onDropped: () => {
      dropped += 1;
    },
    wallMs: Date.now,
  });
  const { port1, port2 } = new MessageChannel();
  recording.feed(port2);
  port1.postMessage(init);
  t.after(async () => {
    port1.close();
    await recording.stop();
    if (small === null) await rm(folder, { recursive: true, force: true });
    else small.close();
  });
  return {
    folder,
    recording,
    said,
    feed: port1,
    dropped: () => dropped,
    play(fromMs, untilMs) {
      for (let startMs = fromMs; startMs < untilMs; startMs += 40)
        port1.postMessage(fragmentAt(startMs, (startMs - fromMs) % 200 === 0));
    },
    trouble() {
      const last = said.findLast((message) => message.kind === 'trouble');
      return last === undefined ? undefined : (last.trouble?.code ?? null);
    },
  };
}

const partsOf = ({ said }: Stage) => said.flatMap((message) => (message.kind === 'part' ? [message.part] : []));

test('another feed takes the place of one that is open still, as that of a thread that was abandoned', async (t) => {
  const stage = await setStage(t, createDisk(1_000_000));
  const next = new MessageChannel();
  t.after(() => next.port1.close());
  const closed = once(stage.feed, 'close');
  stage.recording.feed(next.port2);
  await closed;
  assert.ok(!stage.said.some(({ kind }) => kind === 'feedEnded'));
  const ended = until('its own end is told', () => stage.said.some(({ kind }) => kind === 'feedEnded'));
  next.port1.close();
  await ended;
});

test('with too little room nothing is written, and with enough it goes on in a file that begins with a keyframe', async (t) => {
  const disk = createDisk(1_000_000);
  let freeBytes = 999;
  const stage = await setStage(t, {
    run: disk.run,
    get queuedBytes() {
      return disk.queuedBytes;
    },
    get isFull() {
      return disk.isFull;
    },
    freeBytes: async () => freeBytes,
  });
  stage.play(10_000, 10_400);
  await until('it says so', () => stage.trouble() === 'recording.diskFull');
  freeBytes = 1_000_000;
  let atMs = 11_000;
  await until('it goes on', async () => {
    stage.play(atMs, atMs + 400);
    atMs += 400;
    await stage.recording.tick();
    return stage.trouble() === null;
  });
  await stage.recording.stop();
  const last = partsOf(stage).at(-1);
  assert.ok(last !== undefined && last.durationMs >= 400);
  assert.deepEqual([last.state, last.videoCodec], ['recorded', 'H264']);
  const { size } = await stat(mediaFile(stage.folder, last.partId));
  assert.equal(size, 100 + (last.durationMs / 40) * 1000);
  // Each try that failed left nothing.
  assert.equal(last.number, 1);
  assert.equal((await readdir(workFolder(stage.folder))).length, 2);
});

test('at no moment is there media on the disk that nothing beside it describes', async (t) => {
  const disk = createDisk(1_000_000);
  let looks = 0;
  const stage = await setStage(t, {
    run: (bytes, work) =>
      disk.run(bytes, async () => {
        const done = await work();
        const names = await readdir(workFolder(stage.folder));
        const media = names.filter((name) => name.endsWith('.mp4'));
        looks += media.length;
        assert.deepEqual(
          media.filter((name) => !names.includes(name.replace('.mp4', '.json'))),
          [],
        );
        return done;
      }),
    get queuedBytes() {
      return disk.queuedBytes;
    },
    get isFull() {
      return disk.isFull;
    },
    freeBytes: disk.freeBytes,
  });
  stage.play(0, 400);
  await until('it is written', async () => {
    await stage.recording.tick();
    return (partsOf(stage).at(-1)?.sizeBytes ?? 0) > 0;
  });
  await stage.recording.stop();
  assert.ok(looks > 0);
  assert.equal(stage.trouble(), undefined);
});

test('a disk that takes a part of what it is given leaves whole fragments, and nothing behind them', async (t) => {
  const small = mountSmallDisk(2_097_152);
  const stage = await setStage(t, createDisk(10_000_000), small);
  small.fill(100_000);
  let atMs = 0;
  await until('it says so', async () => {
    stage.play(atMs, atMs + 400);
    atMs += 400;
    await stage.recording.tick();
    return stage.trouble() === 'recording.diskFull';
  });
  await until('the file is closed', () => partsOf(stage).some(({ state }) => state === 'recorded'));
  const [part] = partsOf(stage).filter(({ state }) => state === 'recorded');
  assert.ok(part !== undefined && part.sizeBytes > 100);
  const { size } = await stat(mediaFile(stage.folder, part.partId));
  assert.deepEqual([size, size % 1000], [part.sizeBytes, 100]);
});

test('a folder that is gone ends the file, and another one is begun when it is back', async (t) => {
  const stage = await setStage(t, createDisk(1_000_000));
  await rm(workFolder(stage.folder), { recursive: true });
  stage.play(0, 400);
  await until('it says so', () => stage.trouble() === 'recording.failed');
  await mkdir(workFolder(stage.folder));
  let atMs = 1000;
  await until('it goes on', async () => {
    stage.play(atMs, atMs + 400);
    atMs += 400;
    await stage.recording.tick();
    return stage.trouble() === null;
  });
  await stage.recording.stop();
  assert.equal((await readdir(workFolder(stage.folder))).filter((name) => name.endsWith('.mp4')).length, 1);
});

test('a disk that stands still takes its bound of memory and no more; what is left out is counted', async (t) => {
  const real = createDisk(20_000);
  let letGo = (): void => {};
  const still = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const stage = await setStage(t, real);
  void real.run(0, () => still);
  let atMs = 0;
  await until('it is full', async () => {
    stage.play(atMs, atMs + 400);
    atMs += 400;
    void stage.recording.tick();
    return stage.dropped() > 0 && stage.trouble() === 'recording.slow';
  });
  // One turn of a timer is written at once: it may be as long as what came meanwhile.
  assert.ok(real.queuedBytes < 60_000, `${real.queuedBytes} bytes wait`);
  letGo();
  await until('it goes on', async () => {
    stage.play(atMs, atMs + 400);
    atMs += 400;
    await stage.recording.tick();
    return stage.trouble() === null;
  });
  assert.ok(stage.dropped() > 0);
});
