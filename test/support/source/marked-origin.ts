/** A real RTMP source on loopback whose frames say which they are (frame-mark.ts): each source counts from a number of its own. */
import { openOrigin } from '../../../actors/demo/origin.js';
import { markBytes, writeMark } from './frame-mark.js';
import { originConfiguration, originFrames } from './origin.js';

const frameMs = 40;
const framesPerKey = 10;

export interface MarkedOrigin {
  url(name: string): string;
  close(): Promise<void>;
}

export async function startMarkedOrigin(firstNumber: number): Promise<MarkedOrigin> {
  const origin = await openOrigin(0, originConfiguration, () => {});
  let frames = 0;
  const timer = setInterval(() => {
    const isKeyframe = frames % framesPerKey === 0;
    const mark = writeMark({ number: firstNumber + frames, sentNs: process.hrtime.bigint(), isKey: isKeyframe });
    const body = marked(isKeyframe ? originFrames.key : originFrames.inter, mark);
    origin.frame({ track: 'video', isKeyframe, timestampMs: frames * frameMs, body });
    frames += 1;
  }, frameMs);
  return {
    url: (name) => `rtmp://127.0.0.1:${origin.port}/live/${name}`,
    async close() {
      clearInterval(timer);
      await origin.close();
    },
  };
}

/** Five bytes of FLV, four of the length of the one NAL unit, then that. */
function marked(frame: Uint8Array, mark: Uint8Array): Uint8Array {
  const body = Buffer.concat([frame, mark]);
  body.writeUInt32BE(body.length - 9, 5);
  return body;
}

export interface SeenMark {
  readonly number: number;
  readonly sentNs: bigint;
  readonly isKey: boolean;
}

/** Of a packet that ends a frame; null: of one that does not. */
export function readMark(payload: Uint8Array): SeenMark | null {
  const mark = payload.subarray(-markBytes);
  if (mark.length < markBytes || mark[0] !== 0xa5 || mark[1] !== 0x5a) return null;
  const sevens = (at: number, count: number): bigint =>
    mark.subarray(at, at + count).reduce((value, byte) => (value << 7n) | BigInt(byte & 0x7f), 0n);
  return { number: Number(sevens(2, 4)), sentNs: sevens(6, 9), isKey: mark[markBytes - 1] === 0x81 };
}
