/** Entry of a rendition's thread: pictures in, encoded pictures out, until the port closes or it is told to stop. */

import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { loadNativeAv } from '../media/native.js';
import { createVideoTranscoder, type VideoTranscoder } from '../media/video-transcoder.js';
import { createBeat } from '../runtime/beat.js';
import type { FromRendition, RenditionBoot, RenditionPicture, ToRendition } from './contract.js';

/** Media goes first: an encoder that wants both cores must not make sound and pass-through late (ARCHITECTURE.md). */
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
  say({ kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
};

function makeWay(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), niceness);
  } catch {
    // Not allowed here: the encoder then competes on equal terms.
  }
}

/** NAL units of a picture lie in one buffer of their own, so that it can be handed over. */
function packed({ keyFrame, pts90k, nals }: RenditionPicture): { picture: RenditionPicture; buffer: ArrayBuffer } {
  const buffer = new ArrayBuffer(nals.reduce((size, nal) => size + nal.length, 0));
  let at = 0;
  const moved = nals.map((nal) => {
    const view = new Uint8Array(buffer, at, nal.length);
    view.set(nal);
    at += nal.length;
    return view;
  });
  return { picture: { keyFrame, pts90k, nals: moved }, buffer };
}

function transcode(message: ToRendition & { readonly kind: 'picture' }): void {
  const startNs = process.hrtime.bigint();
  const out = (transcoder?.push(message) ?? []).map(packed);
  const tookMs = Number(process.hrtime.bigint() - startNs) / 1e6;
  say(
    { kind: 'done', pictures: out.map(({ picture }) => picture), tookMs },
    out.map(({ buffer }) => buffer),
  );
}

function stop(): void {
  transcoder?.close();
  transcoder = null;
  beat.stop();
  media.close();
}

makeWay();
const av = await loadNativeAv(beat.guard);

media.on('message', (message: ToRendition) => {
  try {
    switch (message.kind) {
      case 'configure':
        transcoder?.close();
        transcoder = null;
        transcoder = createVideoTranscoder(av, beat.guard, message.config, wish);
        break;
      case 'picture':
        transcode(message);
        break;
      case 'key':
        transcoder?.requestKey();
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
});
media.on('close', stop);
