/** Audio by Enhanced RTMP as FFmpeg 8 inside node-av writes it into FLV; Debian's ffmpeg has no such FLV (docs/media.md 8). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decoder, Demuxer, Encoder, Muxer } from 'node-av/api';
import * as av from 'node-av/constants';
import { Log } from 'node-av/lib';
import { cutFlv, type FlvTag } from './flv-file.js';

const encoders = {
  Opus: av.FF_ENCODER_LIBOPUS,
  FLAC: av.FF_ENCODER_FLAC,
  'AC-3': av.FF_ENCODER_AC3,
  'E-AC-3': av.FF_ENCODER_EAC3,
  MP3: av.FF_ENCODER_LIBMP3LAME,
  AAC: av.FF_ENCODER_AAC,
};

export interface EnhancedAudio {
  readonly codec: keyof typeof encoders;
  /** The audio as an expression of time `t`, the same in every channel. */
  readonly wave: string;
  readonly rateHz: number;
  readonly channels: number;
  readonly seconds: number;
}

export function encodeEnhanced({ codec, wave, rateHz, channels, seconds }: EnhancedAudio): FlvTag[] {
  const source = `aevalsrc='${Array(channels).fill(wave).join('|')}':s=${rateHz}:d=${seconds}`;
  Log.setLevel(av.AV_LOG_QUIET);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-audio-'));
  try {
    const file = join(folder, 'audio.flv');
    const input = Demuxer.openSync(source, { format: 'lavfi' });
    const stream = input.audio();
    if (stream === undefined) throw new Error('no test audio');
    const decoder = Decoder.createSync(stream);
    const encoder = Encoder.createSync(encoders[codec], { bitrate: '128k', autoResample: true });
    const output = Muxer.openSync(file, { format: 'flv' });
    const index = output.addStream(encoder);
    for (const packet of input.packetsSync()) {
      for (const frame of decoder.decodeAllSync(packet)) {
        for (const coded of encoder.encodeAllSync(frame)) output.writePacketSync(coded, index);
      }
      if (packet === null) break;
    }
    output.closeSync();
    return cutFlv(readFileSync(file)).filter(({ track }) => track === 'audio');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
