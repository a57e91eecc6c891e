/** Entry of a rendition's thread: frames in, encoded frames out, until the port closes or it is asked to stop. */

import { setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { readThrown, rowOf } from '../../src/errors.js';
import { loadNativeAv, type NativeAv } from '../media/native.js';
import { createVideoTranscoder, type TranscodedFrame, type VideoTranscoder } from '../media/video-transcoder.js';
import { createBeat, ownTid } from '../runtime/beat.js';
import type { FromRendition, RenditionBoot, ToRendition } from './contract.js';

/** Media goes first: an encoder that wants both cores must not make audio and pass-through late (ARCHITECTURE.md). */
const niceness = 7;

const boot: RenditionBoot = workerData;
const { media, wish } = boot;
const beat = createBeat(boot.beat);
let transcoder: VideoTranscoder | null = null;

const say = (message: FromRendition, transfer: readonly ArrayBuffer[] = []): void =>
  media.postMessage(message, [...transfer]);

const giveUp = (error: unknown): void => {
  transcoder?.close();
  transcoder = null;
  say({ kind: 'failed', code: rowOf(error), detail: readThrown(error).message });
};

function lowerPriority(): void {
  try {
    setPriority(ownTid(), niceness);
  } catch {
    // Not allowed here: the encoder then competes on equal terms.
  }
}

function bufferOf(frame: TranscodedFrame): readonly ArrayBuffer[] {
  const bytes = frame.codec === 'VP8' ? frame.data : frame.nals[0];
  return bytes?.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}

function transcode(message: ToRendition & { readonly kind: 'unit' }): void {
  const startNs = process.hrtime.bigint();
  const errorsBefore = transcoder?.decodeErrors;
  const frames = transcoder?.push(message) ?? [];
  const isIntact = transcoder?.decodeErrors === errorsBefore;
  const tookMs = Number(process.hrtime.bigint() - startNs) / 1e6;
  say({ kind: 'done', frames, isIntact, tookMs }, frames.flatMap(bufferOf));
}

function stop(): void {
  transcoder?.close();
  transcoder = null;
  beat.stop();
  media.close();
}

function receive(av: NativeAv, message: ToRendition): void {
  try {
    switch (message.kind) {
      case 'configure':
        transcoder?.close();
        transcoder = null;
        transcoder = createVideoTranscoder(av, beat.guard, message.config, wish);
        break;
      case 'unit':
        transcode(message);
        break;
      case 'bitrate':
        transcoder?.setBitrate(message.kbps);
        break;
      case 'stop':
        stop();
        break;
    }
  } catch (error) {
    giveUp(error);
  }
}

async function begin(): Promise<void> {
  try {
    const av = await beat.loading(() => loadNativeAv(beat.guard));
    media.on('message', (message: ToRendition) => receive(av, message));
  } catch (error) {
    giveUp(error);
    stop();
  }
}

lowerPriority();
media.on('close', stop);
void begin();
