/**
 * One recording: fragments of one stream, in one file after another. A new file begins with a keyframe: after an init segment
 * (another codec or size, another thread of the stream), by rotation, and when the disk takes data again after trouble.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import type { Fragment, FragmentMessage, InitSegment } from '../../src/core/fragments/fragment.js';
import { readThrown } from '../../src/errors.js';
import type { FromRecorder, RecordingRequest, RecordingTrouble } from './contract.js';
import type { Disk } from './disk.js';
import { PartFile } from './part-file.js';

export interface RecordingOptions {
  readonly request: RecordingRequest;
  readonly disk: Disk;
  readonly folder: string;
  readonly minFreeBytes: number;
  readonly say: (message: FromRecorder) => void;
  readonly onDropped: () => void;
  /** UTC. */
  readonly wallMs: () => number;
}

const shortOf = (freeBytes: number): Error =>
  Object.assign(new Error(`${freeBytes} bytes are free`), { code: 'ENOSPC' });

/** After trouble with the disk it is tried again. */
const retryMs = 2000;

export class Recording {
  readonly #options: RecordingOptions;
  #init: InitSegment | null = null;
  #file: PartFile | null = null;
  #number = 0;
  #port: MessagePort | null = null;
  #trouble: RecordingTrouble = null;
  #isStopped = false;
  /** The disk may be tried again. */
  #mayTry = true;
  /** Files whose end is being written. */
  readonly #closing = new Set<Promise<void>>();

  constructor(options: RecordingOptions) {
    this.#options = options;
  }

  feed(port: MessagePort): void {
    const { recordingId } = this.#options.request;
    // That of a thread that was abandoned is open still.
    const before = this.#port;
    this.#port = port;
    before?.close();
    port.on('message', (message: FragmentMessage) => this.#receive(message));
    port.once('close', () => {
      if (this.#port !== port) return;
      this.#port = null;
      if (!this.#isStopped) this.#options.say({ kind: 'feedEnded', recordingId });
    });
  }

  /** Twice a second: writes what has come. */
  async tick(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    try {
      await file.write();
      // One that has ended says so when all of it is written.
      if (this.#file !== file) return;
      const { part, initBytes } = file;
      this.#options.say({ kind: 'part', part });
      this.#options.say({ kind: 'points', partId: part.partId, initBytes, points: file.takePoints() });
    } catch (error) {
      await this.#failed(file, error);
    }
  }

  /** There is less room on the disk than is to stay free: what stands there is kept, and tried again after a while. */
  outOfRoom(freeBytes: number): void {
    const file = this.#file;
    if (file !== null) void this.#failed(file, shortOf(freeBytes));
  }

  /** Resolves when all is on the disk, as far as it takes it. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#port?.close();
    this.#endFile();
    await Promise.all(this.#closing);
  }

  #receive(message: FragmentMessage): void {
    if (this.#isStopped) return;
    if (message.kind === 'init') {
      this.#endFile();
      this.#init = message;
      return;
    }
    if (this.#options.disk.isFull) {
      this.#options.onDropped();
      this.#overflow();
      return;
    }
    const isStart = message.isKeyframe || this.#init?.timescales.video === undefined;
    if (isStart && this.#mustRotate()) this.#endFile();
    if (this.#file === null && isStart) this.#begin(message);
    this.#file?.add(message);
  }

  #mustRotate(): boolean {
    const { afterMs, afterBytes } = this.#options.request.rotation;
    const file = this.#file;
    if (file === null) return false;
    return (afterMs !== null && file.durationMs >= afterMs) || (afterBytes !== null && file.sizeBytes >= afterBytes);
  }

  #begin({ startMs, durationMs }: Fragment): void {
    const { request, disk, folder, wallMs } = this.#options;
    const init = this.#init;
    if (init === null || !this.#mayTry) return;
    this.#number += 1;
    const startedAtMs = Math.round(wallMs() - durationMs);
    const file = new PartFile({
      disk,
      folder,
      partId: randomUUID(),
      number: this.#number,
      request,
      init,
      startMs,
      startedAtMs,
    });
    this.#file = file;
    void this.#prove(file);
  }

  /** There is room, and the file can be made. */
  async #prove(file: PartFile): Promise<void> {
    const { disk, folder, minFreeBytes, say } = this.#options;
    try {
      const freeBytes = await disk.freeBytes(folder);
      if (freeBytes < minFreeBytes) throw shortOf(freeBytes);
      // What it is first: who is killed between the two leaves no media that nobody knows.
      await file.describe();
      await file.write();
      this.#become(null);
      say({ kind: 'part', part: file.part });
    } catch (error) {
      await this.#failed(file, error);
    }
  }

  #endFile(): void {
    const file = this.#file;
    this.#file = null;
    if (file === null) return;
    const ended = this.#close(file);
    this.#closing.add(ended);
    void ended.finally(() => this.#closing.delete(ended));
  }

  async #close(file: PartFile): Promise<void> {
    try {
      await file.close();
      this.#options.say({ kind: 'part', part: file.part });
    } catch (error) {
      await this.#failed(file, error);
    }
  }

  #overflow(): void {
    if (this.#file === null) return;
    this.#become({ code: 'recording.slow', detail: 'fragments wait for the disk' });
    this.#endFile();
  }

  /** What the file holds until here is kept; the disk is tried again after a while. */
  async #failed(file: PartFile, error: unknown): Promise<void> {
    const { code, message } = readThrown(error);
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    this.#become({ code: isFull ? 'recording.diskFull' : 'recording.failed', detail: isFull ? '' : code || message });
    if (this.#file === file) this.#file = null;
    this.#mayTry = false;
    // Of a file that was not begun nothing is to be left.
    await (file.isEmpty ? file.discard() : file.close()).catch(() => {});
    if (file.isEmpty) this.#number -= 1;
    else this.#options.say({ kind: 'part', part: file.part });
    await delay(retryMs, undefined, { ref: false });
    this.#mayTry = true;
  }

  #become(trouble: RecordingTrouble): void {
    if (trouble?.code === this.#trouble?.code) return;
    this.#trouble = trouble;
    this.#options.say({ kind: 'trouble', recordingId: this.#options.request.recordingId, trouble });
  }
}
