import { spawnSync } from 'node:child_process';
import type { AudioConfig } from '../../actors/media/audio-decoder.js';

const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000];

export interface AacStream {
  readonly config: AudioConfig;
  readonly units: Uint8Array[];
}

/**
 * AAC-LC made by ffmpeg, cut into access units (ADTS, ISO/IEC 13818-7 section 6.2). `wave`: the sound as an expression of
 * time `t`, the same in every channel.
 */
export function encodeAac(wave: string, rateHz: number, channels: number, seconds: number): AacStream {
  const source = `aevalsrc='${Array(channels).fill(wave).join('|')}':s=${rateHz}`;
  const input = ['-f', 'lavfi', '-i', source, '-t', String(seconds)];
  const output = ['-c:a', 'aac', '-b:a', '128k', '-f', 'adts', 'pipe:1'];
  const ran = spawnSync('ffmpeg', ['-v', 'error', ...input, ...output], { maxBuffer: 1 << 26 });
  if (ran.status !== 0) throw new Error(`ffmpeg: ${ran.stderr}`);
  const bytes = ran.stdout;
  const units: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = ((bytes.readUInt8(at + 3) & 3) << 11) | (bytes.readUInt16BE(at + 4) >> 5);
    units.push(Uint8Array.from(bytes.subarray(at + 7, at + size)));
    at += size;
  }
  const profile = (bytes.readUInt8(2) >> 6) + 1;
  const rate = (bytes.readUInt8(2) >> 2) & 15;
  const layout = ((bytes.readUInt8(2) & 1) << 2) | (bytes.readUInt8(3) >> 6);
  const audioSpecificConfig = Uint8Array.of((profile << 3) | (rate >> 1), ((rate & 1) << 7) | (layout << 3));
  return { config: { codec: 'AAC', audioSpecificConfig, sampleRateHz: rates[rate] ?? 0, channels }, units };
}
