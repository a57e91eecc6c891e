/**
 * One file of a recording while it grows: an init segment, then fragments whose times begin at 0. What has come is written twice
 * a second, so that a process that is killed loses that much; the file plays at every moment.
 */
import type { FileHandle } from 'node:fs/promises';
import { rename, unlink, writeFile } from 'node:fs/promises';
import type { Fragment, InitSegment } from '../../src/core/fragments/fragment.js';
import { rebase } from '../../src/core/fragments/rebase.js';
import type { KeyframePoint, RecordingPart } from '../../src/core/recording/part.js';
import type { RecordingRequest } from './contract.js';
import { createFile, type Disk } from './disk.js';
import { mediaFile, partFile } from './places.js';

export interface PartFileOptions {
  readonly disk: Disk;
  readonly folder: string;
  readonly partId: string;
  readonly number: number;
  readonly request: RecordingRequest;
  readonly init: InitSegment;
  /** Of the first fragment: the keyframe. */
  readonly startMs: number;
  /** UTC. */
  readonly startedAtMs: number;
}

export class PartFile {
  readonly #options: PartFileOptions;
  #handle: FileHandle | null = null;
  #waiting: Uint8Array[];
  #waitingBytes: number;
  /** Given to the disk, which has not taken them yet. */
  #queuedBytes = 0;
  /** What stands in the file, whole fragments alone. */
  #sizeBytes = 0;
  /** The disk did not take all that it was given: what stands there is all that this file gets. */
  #isBroken = false;
  #endMs: number;
  #state: RecordingPart['state'] = 'recording';
  /** Not yet told. */
  #points: KeyframePoint[] = [];

  constructor(options: PartFileOptions) {
    this.#options = options;
    this.#waiting = [options.init.data];
    this.#waitingBytes = options.init.data.length;
    this.#endMs = options.startMs;
  }

  get durationMs(): number {
    return this.#endMs - this.#options.startMs;
  }

  /** What waits to be written too. */
  get sizeBytes(): number {
    return this.#sizeBytes + this.#queuedBytes + this.#waitingBytes;
  }

  get part(): RecordingPart {
    const { partId, number, request, init, startedAtMs } = this.#options;
    const { recordingId, streamName, mediaSessionId, template } = request;
    const { videoCodec, audioCodec, width, height } = init;
    return {
      partId,
      recordingId,
      number,
      streamName,
      mediaSessionId,
      template,
      state: this.#state,
      fileName: null,
      startedAtMs,
      durationMs: this.durationMs,
      sizeBytes: this.#sizeBytes,
      videoCodec,
      audioCodec,
      width,
      height,
    };
  }

  get initBytes(): number {
    return this.#options.init.data.length;
  }

  /** Keyframes since the last call. */
  takePoints(): readonly KeyframePoint[] {
    return this.#points.splice(0);
  }

  /** Nothing of it is on the disk. */
  get isEmpty(): boolean {
    return this.#sizeBytes === 0;
  }

  /** One that begins before the file does is left out: audio of the GOP before. */
  add({ track, data, isKeyframe, startMs, durationMs }: Fragment): void {
    const { init, startMs: zeroMs } = this.#options;
    if (startMs < zeroMs || this.#isBroken) return;
    // It came as a copy for this thread alone.
    if (!rebase(data, Math.round((zeroMs * (init.timescales[track] ?? 0)) / 1000))) return;
    if (isKeyframe) this.#points.push({ offset: this.sizeBytes, atMs: startMs - zeroMs });
    this.#waiting.push(data);
    this.#waitingBytes += data.length;
    this.#endMs = Math.max(this.#endMs, startMs + durationMs);
  }

  /** Rejects with the error of the system; what was to be written is lost then, and nothing more is written. */
  async write(): Promise<void> {
    const pieces = this.#waiting.splice(0);
    const bytes = this.#waitingBytes;
    this.#waitingBytes = 0;
    if (bytes === 0) return;
    this.#queuedBytes += bytes;
    try {
      await this.#options.disk.run(bytes, () => this.#append(pieces, bytes));
    } finally {
      this.#queuedBytes -= bytes;
    }
  }

  async #append(pieces: readonly Uint8Array[], bytes: number): Promise<void> {
    if (this.#isBroken) return;
    const { folder, partId } = this.#options;
    try {
      this.#handle ??= await createFile(mediaFile(folder, partId));
      const { bytesWritten } = await this.#handle.writev(pieces);
      if (bytesWritten < bytes)
        throw Object.assign(new Error('the disk took less than it was given'), { code: 'ENOSPC' });
      this.#sizeBytes += bytes;
    } catch (error) {
      this.#isBroken = true;
      // Half a fragment would be read together with what it is not.
      await this.#handle?.truncate(this.#sizeBytes).catch(() => {});
      throw error;
    }
  }

  /** Writes what is known of the part beside it. */
  async describe(): Promise<void> {
    const { disk, folder, partId } = this.#options;
    const text = JSON.stringify(this.part);
    await disk.run(text.length, async () => {
      const path = partFile(folder, partId);
      await writeFile(`${path}.new`, text, { mode: 0o640 });
      await rename(`${path}.new`, path);
    });
  }

  /** Whatever happens, the file is closed; errors are those of `write`. */
  async close(): Promise<void> {
    this.#state = 'recorded';
    try {
      await this.write();
      await this.describe();
    } finally {
      await this.#options.disk.run(0, async () => this.#handle?.close()).catch(() => {});
    }
  }

  /** Nothing is left of a part in which nothing stands. */
  async discard(): Promise<void> {
    const { disk, folder, partId } = this.#options;
    this.#isBroken = true;
    await disk.run(0, async () => {
      this.#sizeBytes = 0;
      await this.#handle?.close();
      for (const path of [mediaFile(folder, partId), partFile(folder, partId)]) await unlink(path).catch(() => {});
    });
  }
}
