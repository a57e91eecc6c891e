/** A few seconds of 720p30 and AAC as RTMP messages that are ready to be sent, so that a hundred cameras cost little. */
import { messageTypes } from '../../../src/core/rtmp/message.js';
import { encodeFlv, type FlvTag } from './flv-file.js';
import { markBytes } from './frame-mark.js';

const seconds = 10;
const gopFrames = 60;
/** In which x264 finds its rate. */
const leftOutGops = 2;
/** As nginx and the demo origin send them. */
const chunkSizeBytes = 4096;
const headerBytes = 12;
const streamId = 1;
const chunkStreams = { audio: 4, video: 6 } as const;

export const frameMs = 1000 / 30;
export const audioFrameMs = 1024 / 48;

/** A message as one chunk and those that follow it (RTMP 1.0 5.3.1). */
export interface ReadyMessage {
  readonly bytes: Buffer;
  readonly isKey: boolean;
  readonly bodyBytes: number;
}

export interface CameraLoop {
  readonly configurations: readonly ReadyMessage[];
  /** The first one is a keyframe, and each of the GOPs has as many. */
  readonly video: readonly ReadyMessage[];
  readonly audio: readonly ReadyMessage[];
  readonly gopFrames: number;
}

/** Where a byte of the body lies in the chunks. */
const placeOf = (at: number): number => headerBytes + at + Math.floor(at / chunkSizeBytes);

function readyMessage({ track, body }: FlvTag): ReadyMessage {
  if (track === 'data') throw new Error('a camera sends audio and video');
  const chunks: Buffer[] = [Buffer.alloc(headerBytes)];
  const [header = Buffer.alloc(0)] = chunks;
  header.writeUInt8(chunkStreams[track], 0);
  header.writeUIntBE(body.length, 4, 3);
  header.writeUInt8(messageTypes[track], 7);
  header.writeUInt32LE(streamId, 8);
  for (let at = 0; at < body.length; at += chunkSizeBytes) {
    if (at > 0) chunks.push(Buffer.of(0xc0 | chunkStreams[track]));
    chunks.push(Buffer.from(body.subarray(at, at + chunkSizeBytes)));
  }
  const isKey = track === 'video' && (body[0] ?? 0) >> 4 === 1;
  return { bytes: Buffer.concat(chunks), isKey, bodyBytes: body.length };
}

/** A copy, with this time (RTMP 1.0 5.3.1.2.1), and the mark at the end of its body. */
export function stampMessage(message: ReadyMessage, timestampMs: number, mark: Uint8Array | null): Buffer {
  const bytes = Buffer.from(message.bytes);
  bytes.writeUIntBE(timestampMs & 0xff_ffff, 1, 3);
  mark?.forEach((byte, n) => {
    bytes[placeOf(message.bodyBytes - markBytes + n)] = byte;
  });
  return bytes;
}

/** By ffmpeg: a moving test pattern under noise, which takes all of the rate; keyframes of 60 to 100 kB at 2.5 Mbit/s. */
export function makeCameraLoop(bitrateKbps: number): CameraLoop {
  const rate = `${bitrateKbps}k`;
  const tags = encodeFlv([
    ...['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=30:duration=${seconds},noise=alls=12:allf=t`],
    ...['-f', 'lavfi', '-i', `sine=440:sample_rate=48000:duration=${seconds}`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', String(gopFrames), '-sc_threshold', '0'],
    ...['-pix_fmt', 'yuv420p', '-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-x264-params', 'ipratio=2.5', '-c:a', 'aac', '-b:a', '128k'],
  ]);
  // Neither metadata nor the end of the sequence.
  const media = tags.filter(({ track, body }) => track !== 'data' && (body[1] === 0 || body[1] === 1));
  const isConfiguration = ({ body }: FlvTag): boolean => body[1] === 0;
  const framesOf = (track: FlvTag['track']): readonly ReadyMessage[] =>
    media.filter((tag) => tag.track === track && !isConfiguration(tag)).map(readyMessage);
  return {
    configurations: media.filter(isConfiguration).map(readyMessage),
    video: framesOf('video').slice(leftOutGops * gopFrames),
    audio: framesOf('audio'),
    gopFrames,
  };
}
