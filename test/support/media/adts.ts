import { spawnSync } from 'node:child_process';
import { parseAudioSpecificConfig } from '../../../src/core/codec/aac-config.js';
import { splitAdts } from '../../../src/core/codec/adts.js';
import type { ConfiguredConfig } from '../../../src/core/codec/audio-config.js';

export interface AacStream {
  readonly config: Extract<ConfiguredConfig, { codec: 'AAC' }>;
  readonly units: Uint8Array[];
}

/**
 * AAC-LC made by ffmpeg, cut into access units (ADTS, ISO/IEC 13818-7 section 6.2). `wave`: the audio as an expression of
 * time `t`, the same in every channel.
 */
export function encodeAac(wave: string, rateHz: number, channels: number, seconds: number): AacStream {
  const source = `aevalsrc='${Array(channels).fill(wave).join('|')}':s=${rateHz}`;
  const input = ['-f', 'lavfi', '-i', source, '-t', String(seconds)];
  const output = ['-c:a', 'aac', '-b:a', '128k', '-f', 'adts', 'pipe:1'];
  const ran = spawnSync('ffmpeg', ['-v', 'error', ...input, ...output], { maxBuffer: 1 << 26 });
  if (ran.status !== 0) throw new Error(`ffmpeg: ${ran.stderr}`);
  const bytes = ran.stdout;
  const { units, audioSpecificConfig } = splitAdts(bytes);
  const { sampleRateHz } = parseAudioSpecificConfig(audioSpecificConfig);
  return { config: { codec: 'AAC', audioSpecificConfig, sampleRateHz, channels }, units: [...units] };
}
