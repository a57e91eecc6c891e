/**
 * A file of fragments to one that plays everywhere: one index, in front of the media (movflags faststart). Nothing is decoded. Its
 * length is a matter of the disk: for the pool, never for an actor.
 */
import { AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import type { FormatContext, Packet, Stream } from 'node-av/lib';
import { optionOf } from './muxer-options.js';
import { inNative, mustSucceed, type NativeAv, type NativeGuard } from './native.js';
import type { Keyframe } from './still.js';
import { codecOf } from './video-ids.js';

export interface Remuxed {
  readonly durationMs: number;
  /** For a thumbnail; null where there is no video. */
  readonly keyframe: Keyframe | null;
}

/** What is behind a damaged place is left out. Error: internal when the file cannot be read, or the other one not be written. */
export function remux({ lib }: NativeAv, guard: NativeGuard, from: string, to: string): Remuxed {
  return inNative(guard, () => {
    const input = new lib.FormatContext();
    const output = new lib.FormatContext();
    const packet = new lib.Packet();
    try {
      mustSucceed('opening the recording', input.openInputSync(from));
      mustSucceed('reading the recording', input.findStreamInfoSync(null));
      mustSucceed('the MP4 muxer', output.allocOutputContext2(null, 'mp4', to));
      mustSucceed('faststart', optionOf(output, 'movflags', 'faststart'));
      const tracks = input.streams.map((stream) => ({ stream, copy: addCopy(output, stream) }));
      mustSucceed('opening the file', output.openOutputSync());
      mustSucceed('the MP4 header', output.writeHeaderSync(null));
      packet.alloc();
      /** Of the first frame that is shown, in seconds: the file begins with it. */
      let zeroS: number | null = null;
      let endMs = 0;
      let keyframe: Keyframe | null = null;
      while (input.readFrameSync(packet) >= 0) {
        const track = tracks[packet.streamIndex];
        if (track === undefined) continue;
        const { stream, copy } = track;
        const { num, den } = stream.timeBase;
        zeroS ??= (Number(packet.pts) * num) / den;
        const zero = BigInt(Math.round((zeroS * den) / num));
        packet.pts -= zero;
        packet.dts -= zero;
        endMs = Math.max(endMs, (Number(packet.pts + packet.duration) * num * 1000) / den);
        if (keyframe === null && packet.isKeyframe) keyframe = keyframeOf(stream, packet);
        packet.rescaleTs(stream.timeBase, copy.timeBase);
        mustSucceed('a packet', output.interleavedWriteFrameSync(packet));
        packet.unref();
      }
      mustSucceed('the index', output.writeTrailerSync());
      return { durationMs: endMs, keyframe };
    } finally {
      packet.free();
      output.closeOutputSync();
      output.freeContext();
      input.closeInputSync();
    }
  });
}

function addCopy(output: FormatContext, { codecpar, timeBase }: Stream): Stream {
  const copy = output.newStream(null);
  mustSucceed('the track', codecpar.copy(copy.codecpar));
  // HEVC is to stay hvc1, which Apple takes.
  copy.codecpar.codecTag = codecpar.codecTag;
  copy.timeBase = timeBase;
  return copy;
}

function keyframeOf({ codecpar }: Stream, { data }: Packet): Keyframe | null {
  const codec = codecpar.codecType === AVMEDIA_TYPE_VIDEO ? codecOf(codecpar.codecId) : null;
  if (codec === null || data === null) return null;
  return { config: { codec, extraData: Uint8Array.from(codecpar.extradata ?? []) }, frames: [Uint8Array.from(data)] };
}
