/** The far side of a rendition: frames in, encoded frames out, until its channel closes or it is asked to stop. */

import { setPriority } from 'node:os';
import { readThrown, rowOf } from '../../src/errors.js';
import type { ChannelEnd } from '../contract.js';
import type { NativeAv, NativeGuard } from '../media/native.js';
import type { RenditionWish } from '../media/rendition-output.js';
import { createVideoTranscoder, type TranscodedFrame, type VideoTranscoder } from '../media/video-transcoder.js';
import type { FromRendition, ToRendition } from './contract.js';

interface TranscodingOptions {
  /** To the actor. */
  readonly channel: ChannelEnd<ToRendition, FromRendition>;
  readonly wish: RenditionWish;
  readonly guard: NativeGuard;
  /** Error: media.unavailable. */
  readonly loadAv: () => Promise<NativeAv>;
  /** Given what counts FFmpeg's pictures, in bytes. */
  readonly onHolding: (countHeld: () => number) => void;
  readonly onStopped: () => void;
}

/** Media goes first: an encoder that wants both cores must not make audio and pass-through late (ARCHITECTURE.md). */
const niceness = 7;

/** `tid`: the kernel's number of the thread. */
export function lowerPriority(tid: number): void {
  try {
    setPriority(tid, niceness);
  } catch {
    // Not allowed here: the encoder then competes on equal terms.
  }
}

function bufferOf(frame: TranscodedFrame): readonly ArrayBuffer[] {
  const bytes = frame.codec === 'VP8' ? frame.data : frame.nals[0];
  return bytes?.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}

/** Resolves when FFmpeg is loaded, or known to be missing, and messages are taken. */
export async function startTranscoding(options: TranscodingOptions): Promise<void> {
  const { channel, wish, guard, onHolding, onStopped } = options;
  let transcoder: VideoTranscoder | null = null;

  const say = (message: FromRendition, transfer: readonly ArrayBuffer[] = []): void =>
    channel.postMessage(message, [...transfer]);

  const giveUp = (error: unknown): void => {
    transcoder?.close();
    transcoder = null;
    say({ kind: 'failed', code: rowOf(error), detail: readThrown(error).message });
  };

  const transcode = (message: ToRendition & { readonly kind: 'unit' }): void => {
    const startNs = process.hrtime.bigint();
    const errorsBefore = transcoder?.decodeErrors;
    const frames = transcoder?.push(message) ?? [];
    const isIntact = transcoder?.decodeErrors === errorsBefore;
    const tookMs = Number(process.hrtime.bigint() - startNs) / 1e6;
    say({ kind: 'done', frames, isIntact, tookMs }, frames.flatMap(bufferOf));
  };

  const stop = (): void => {
    transcoder?.close();
    transcoder = null;
    onStopped();
    channel.close();
  };

  const receive = (av: NativeAv, message: ToRendition): void => {
    try {
      switch (message.kind) {
        case 'configure':
          transcoder?.close();
          transcoder = null;
          transcoder = createVideoTranscoder(av, guard, message.config, wish, message.shownAfter90k);
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
  };

  onHolding(() => transcoder?.heldBytes ?? 0);
  channel.on('close', stop);
  try {
    const av = await options.loadAv();
    channel.on('message', (message) => receive(av, message));
  } catch (error) {
    giveUp(error);
    stop();
  }
}
