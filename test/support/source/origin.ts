/** A real RTMP source on loopback, in this process: a black frame of 320x180, 25 a second, a keyframe every 10. */
import { type Origin, openOrigin } from '../../../actors/demo/origin.js';

const frameMs = 40;
const framesPerKey = 10;

/** Made once by: ffmpeg -f lavfi -i color=black:s=320x180:r=25 -c:v libx264 -profile:v baseline -preset ultrafast. */
const sps = Buffer.from('6742c00cda05067e7c0440000003004000000c83c50aa8', 'hex');
const pps = Buffer.from('68ce0fc8', 'hex');
const keyframe = Buffer.from(`6588843a2628000902${'c9'.repeat(19)}${'d75d75'.repeat(32)}e0`, 'hex');
const interPicture = Buffer.from('419a202a8078c0', 'hex');

const sized = (bytes: Uint8Array, sizeBytes: 2 | 4): Buffer => {
  const size = Buffer.alloc(sizeBytes);
  size.writeUIntBE(bytes.length, 0, sizeBytes);
  return Buffer.concat([size, bytes]);
};

const avcc = Buffer.concat([Buffer.of(1, 0x42, 0xc0, 0x0c, 0xff, 0xe1), sized(sps, 2), Buffer.of(1), sized(pps, 2)]);
export const originConfiguration = {
  video: Buffer.concat([Buffer.of(0x17, 0, 0, 0, 0), avcc]),
  audio: Buffer.of(0xaf, 0, 0x12, 0x10),
};

/** Bodies of FLV video tags that follow the configuration. */
const frameOf = (isKeyframe: boolean, nal: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(isKeyframe ? 0x17 : 0x27, 1, 0, 0, 0), sized(nal, 4)]);
export const originFrames = { key: frameOf(true, keyframe), inter: frameOf(false, interPicture) };

export interface TestOrigin extends Pick<Origin, 'close'> {
  /** An address of its own for each name. */
  url(name: string): string;
  /** Shown so far. */
  readonly frames: number;
  /** That play now. */
  readonly players: number;
}

export async function startOrigin(): Promise<TestOrigin> {
  let players = 0;
  const origin = await openOrigin(0, originConfiguration, (now) => {
    players = now;
  });
  let frames = 0;
  const timer = setInterval(() => {
    const isKeyframe = frames % framesPerKey === 0;
    const body = isKeyframe ? originFrames.key : originFrames.inter;
    origin.frame({ track: 'video', isKeyframe, timestampMs: frames * frameMs, body });
    frames += 1;
  }, frameMs);
  return {
    url: (name) => `rtmp://127.0.0.1:${origin.port}/live/${name}`,
    get players() {
      return players;
    },
    get frames() {
      return frames;
    },
    async close() {
      clearInterval(timer);
      await origin.close();
    },
  };
}
