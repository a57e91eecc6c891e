/**
 * How long a frame that goes through untouched takes: from before its RTMP bytes are written to the server's socket, to its
 * last RTP packet at a viewer's. The real server in a process of its own, viewers in another, the source in this one.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { openOrigin } from '../../../actors/demo/origin.js';
import { makeVideoTags } from '../../support/media/coded-video.js';
import { rawFrames } from '../../support/media/raw-frames.js';
import { pull, whenStatus } from '../../support/server/pulls.js';
import { startSluice } from '../../support/server/sluice.js';
import { encodeFlv, type FlvTag } from '../../support/source/flv-file.js';

export interface PassDelay {
  readonly viewers: number;
  readonly frames: number;
  /** In ms, sorted; of all viewers, without keyframes. */
  readonly delaysMs: readonly number[];
}

const fps = 30;
const frames = 60;
const bitrateKbps = 2500;
const size = { width: 1280, height: 720 };
/** Code is compiled by then. */
const warmUpSeconds = 5;
const seconds = 20;

/** Beside the video, audio that the server decodes and encodes in the same thread. */
async function makeSource(): Promise<readonly MediaTag[]> {
  const raw = rawFrames(size.width, size.height, frames);
  const video = await makeVideoTags({ ...size, codec: 'H264', bitrateKbps, fps, frames, gop: frames, raw });
  const tone = `sine=frequency=440:sample_rate=44100:duration=${frames / fps}`;
  const audio = encodeFlv(['-f', 'lavfi', '-i', tone, '-c:a', 'aac', '-ac', '2']).filter(
    ({ track }) => track === 'audio',
  );
  return [...video, ...audio].flatMap(mediaOf).sort((a, b) => a.timestampMs - b.timestampMs);
}

type MediaTag = FlvTag & { readonly track: 'audio' | 'video' };

/** Configurations and frames, without the end of the sequence. */
const mediaOf = ({ track, timestampMs, body }: FlvTag): MediaTag[] =>
  track !== 'data' && (body[1] === 0 || body[1] === 1) ? [{ track, timestampMs, body }] : [];

const isConfiguration = ({ body }: FlvTag): boolean => body[1] === 0;
const isKey = ({ track, body }: FlvTag): boolean => track === 'video' && (body[0] ?? 0) >> 4 === 1;

/** The video's last bytes, which are those of its last packet. Nobody decodes it. */
function stamped({ body }: FlvTag, atNs: bigint): Buffer {
  const copy = Buffer.from(body);
  copy.writeBigUInt64BE(atNs, copy.length - stampBytes);
  return copy;
}
export const stampBytes = 8;

export async function measurePassDelay(viewers: number): Promise<PassDelay> {
  const tags = await makeSource();
  const body = (track: FlvTag['track']): Uint8Array =>
    tags.find((tag) => tag.track === track && isConfiguration(tag))?.body ?? new Uint8Array(0);
  const configuration = { video: body('video'), audio: body('audio') };
  const origin = await openOrigin(0, configuration, () => {});
  const sluice = await startSluice();
  const media = tags.filter((tag) => !isConfiguration(tag));
  let isPlaying = true;
  const play = async (): Promise<void> => {
    const startMs = performance.now();
    for (let round = 0; isPlaying; round += 1) {
      for (const tag of media) {
        const timestampMs = tag.timestampMs + Math.round((round * frames * 1000) / fps);
        const waitMs = startMs + timestampMs - performance.now();
        if (waitMs > 0) await delay(waitMs);
        const { track } = tag;
        const isKeyframe = isKey(tag);
        // A keyframe's stamp is none: it does not count.
        const atNs = isKeyframe ? 0n : process.hrtime.bigint();
        origin.frame({ track, isKeyframe, timestampMs, body: track === 'video' ? stamped(tag, atNs) : tag.body });
      }
    }
  };
  const playing = play();
  await pull(sluice, `rtmp://127.0.0.1:${origin.port}/live/cam`, 'cam');
  await whenStatus(sluice, 'cam', 'PROCESSED_REMOTE');
  const program = new URL('./pass-viewers.js', import.meta.url);
  const child = fork(program, [`${sluice.rest}/whep/cam`, String(viewers), String(warmUpSeconds), String(seconds)]);
  try {
    const [delaysMs]: number[][] = await once(child, 'message');
    if (delaysMs === undefined || delaysMs.length < viewers * seconds * fps * 0.9) {
      throw new Error(`${delaysMs?.length} frames came`);
    }
    return { viewers, frames: delaysMs.length, delaysMs };
  } finally {
    isPlaying = false;
    child.kill('SIGKILL');
    await playing;
    await sluice.stop();
    await origin.close();
  }
}
