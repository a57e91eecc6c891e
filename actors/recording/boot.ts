/** Entry of the thread that writes all recordings: it alone touches their disk while they are recorded. */
import { mkdir, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { workerData } from 'node:worker_threads';
import type { RecordingPart } from '../../src/core/recording/part.js';
import { readThrown } from '../../src/errors.js';
import { createBeat } from '../runtime/beat.js';
import type { FromRecorder, RecorderBoot, ToRecorder } from './contract.js';
import { createDisk } from './disk.js';
import { mediaFile, partFile, thumbnailFile, workFolder } from './places.js';
import { Recording } from './recording.js';

const tickMs = 500;
/** What is not called so was never ours. */
const partName = /^([0-9a-f-]{36})\.json$/;

const boot: RecorderBoot = workerData;
const { main, folder, minFreeBytes } = boot;
const beat = createBeat(boot.beat);
const disk = createDisk(boot.maxQueueBytes);
const recordings = new Map<string, Recording>();
let droppedFragments = 0;
/** On the disk, for this user; null: not known. */
let freeBytes: number | null = null;

const say = (message: FromRecorder): void => main.postMessage(message);

/** Null for what is damaged, or has lost its file. Rejects where the disk does not say. */
async function readPart(name: string, partId: string): Promise<RecordingPart | null> {
  const text = await readFile(join(workFolder(folder), name), 'utf8');
  const part = parsePart(text);
  if (part?.partId !== partId || (part.fileName !== null && basename(part.fileName) !== part.fileName)) return null;
  const path = part.fileName === null ? mediaFile(folder, partId) : join(folder, part.fileName);
  try {
    const { size } = await stat(path);
    // What an earlier process was writing when it ended.
    return { ...part, sizeBytes: size, state: part.state === 'finished' ? 'finished' : 'recorded' };
  } catch (error) {
    if (readThrown(error).code === 'ENOENT') return null;
    throw error;
  }
}

function parsePart(text: string): RecordingPart | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function find(): Promise<readonly RecordingPart[]> {
  await mkdir(workFolder(folder), { recursive: true, mode: 0o750 });
  const parts: RecordingPart[] = [];
  for (const name of await readdir(workFolder(folder))) {
    const [, partId] = partName.exec(name) ?? [];
    if (partId === undefined) continue;
    try {
      const part = await readPart(name, partId);
      if (part === null) await unlink(join(workFolder(folder), name));
      else parts.push(part);
    } catch {
      // A disk that fails now may have it at the next start.
    }
  }
  return parts;
}

async function remove(partId: string, fileName: string | null): Promise<void> {
  const paths = [mediaFile(folder, partId), thumbnailFile(folder, partId), partFile(folder, partId)];
  if (fileName !== null) paths.push(join(folder, fileName));
  await disk.run(0, async () => {
    for (const path of paths) await unlink(path).catch(() => {});
  });
  say({ kind: 'removed', partId });
}

async function stop(recordingId: string): Promise<void> {
  const recording = recordings.get(recordingId);
  recordings.delete(recordingId);
  await recording?.stop();
  say({ kind: 'stopped', recordingId });
}

async function close(): Promise<void> {
  clearInterval(timer);
  await Promise.all([...recordings.keys()].map(stop));
  beat.stop();
  main.close();
}

async function receive(message: ToRecorder): Promise<void> {
  switch (message.kind) {
    case 'start': {
      const { request } = message;
      const onDropped = (): void => {
        droppedFragments += 1;
      };
      const recording = new Recording({ request, disk, folder, minFreeBytes, say, onDropped, wallMs: Date.now });
      recordings.set(request.recordingId, recording);
      return;
    }
    case 'feed': {
      const recording = recordings.get(message.recordingId);
      if (recording === undefined) message.port.close();
      else recording.feed(message.port);
      return;
    }
    case 'stop':
      return stop(message.recordingId);
    case 'remove':
      return remove(message.partId, message.fileName);
    case 'close':
      return close();
  }
}

/** Asked of the disk again when it has answered. */
let isAsking = false;
const sayLoad = (): void => say({ kind: 'load', queuedBytes: disk.queuedBytes, droppedFragments, freeBytes });
async function lookForRoom(): Promise<void> {
  if (isAsking) return sayLoad();
  isAsking = true;
  freeBytes = await disk.freeBytes(folder).catch(() => null);
  isAsking = false;
  sayLoad();
  if (freeBytes === null || freeBytes >= minFreeBytes) return;
  for (const recording of recordings.values()) recording.outOfRoom(freeBytes);
}

const timer = setInterval(() => {
  if (recordings.size === 0) return;
  // A disk that is behind has enough to do.
  if (!disk.isFull) for (const recording of recordings.values()) void recording.tick();
  void lookForRoom();
}, tickMs).unref();

main.on('message', (message: ToRecorder) => void receive(message));
main.on('close', () => void close());
void find()
  .catch(() => [])
  .then((parts) => say({ kind: 'found', parts }));
