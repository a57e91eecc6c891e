/** What Opus out of each codec costs, and how much later it is: the transcoder of the stream's thread, fed as fast as it takes. */

import { createAudioTranscoder } from '../../../actors/media/audio-transcoder.js';
import { loadNativeAv } from '../../../actors/media/native.js';
import { splitAdts } from '../../../src/core/codec/adts.js';
import type { AudioConfig } from '../../../src/core/codec/audio-config.js';
import { createAudioSource } from '../../../src/core/flv/audio-source.js';
import { parseAudioTag } from '../../../src/core/flv/audio-tag.js';
import { type CodedAudio, decodedAudio } from '../../support/media/coded-audio.js';
import { noGuard } from '../../support/media/coded-video.js';
import { heAacTags, heAacVersions } from '../../support/media/he-aac.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { quantile } from '../report.js';

export interface AudioCost {
  readonly from: string;
  readonly rateHz: number;
  readonly channels: number;
  /** One frame of the source. */
  readonly frameMs: number;
  /** CPU time of a second of audio, in % of a core. */
  readonly corePercent: number;
  readonly realTimePerCore: number;
  /** From when the first sample of a packet was there, undecoded, to when the packet is. */
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  /** The same beyond one frame of the source and one of Opus, which must be whole. */
  readonly beyondFramesP99Ms: number;
}

const seconds = 20;
const rounds = 3;
const opusFrameMs = 20;
/** Voices over noise: no codec has an easy time. */
const wave = '0.2*sin(440*2*PI*t)+0.1*sin(1234*2*PI*t)*sin(3*t)+0.05*(random(0)-0.5)';

interface Coded {
  readonly config: AudioConfig;
  readonly units: readonly Uint8Array[];
  readonly frameMs: number;
}

/** As the stream's actor reads it. */
function readTags(tags: readonly FlvTag[]): Coded {
  const source = createAudioSource();
  const units: Uint8Array[] = [];
  for (const { body, timestampMs } of tags) {
    const tag = parseAudioTag(body);
    if (tag.kind === 'config') source.configure(tag.codec, tag.data);
    if (tag.kind === 'frame') units.push(...source.unitsOf(tag, timestampMs));
  }
  // Cut off by the end of the audio where the codec has no frames.
  units.pop();
  const { config } = source;
  if (config === null) throw new Error('no audio');
  const [first, last] = [tags.find(isFrame)?.timestampMs ?? 0, tags.at(-1)?.timestampMs ?? 0];
  return { config, units, frameMs: (last - first) / units.length };
}

const isFrame = ({ body }: FlvTag): boolean => parseAudioTag(body).kind === 'frame';

export async function measureAudio(): Promise<readonly AudioCost[]> {
  const costs: AudioCost[] = [];
  for (const { name, rateHz, channels, encode } of decodedAudio) {
    costs.push(await measure({ name, rateHz, channels }, readTags(encode(wave, seconds))));
  }
  for (const { name, adts, first } of heAacVersions) {
    costs.push(await measure({ name, rateHz: 44_100, channels: 2 }, readTags(heAacTags(first, splitAdts(adts).units))));
  }
  return costs;
}

type Named = Pick<CodedAudio, 'name' | 'rateHz' | 'channels'>;

/** Plays the units several times over, one after the other in time; the first time warms up. */
async function measure({ name, rateHz, channels }: Named, { config, units, frameMs }: Coded): Promise<AudioCost> {
  const av = await loadNativeAv(noGuard);
  const transcoder = createAudioTranscoder(av, {
    config,
    encoding: 'Opus',
    bitrateKbps: 96,
    guard: noGuard,
    log: () => {},
  });
  const delaysMs: number[] = [];
  let played = 0;
  let made = 0;
  const play = (): void => {
    for (const data of units) {
      const startNs = process.hrtime.bigint();
      const packets = transcoder.push({ mediaMs: Math.round(played * frameMs), data });
      const tookMs = Number(process.hrtime.bigint() - startNs) / 1e6;
      played += 1;
      made += packets.length;
      // The unit is there when the last of its audio has been, at the earliest.
      for (const { ts48k } of packets) delaysMs.push(played * frameMs + tookMs - ts48k / 48);
    }
  };
  const roundsOf = Math.ceil(seconds / ((units.length * frameMs) / 1000)) * rounds;
  play();
  delaysMs.length = 0;
  made = 0;
  const before = process.cpuUsage();
  for (let round = 0; round < roundsOf; round += 1) play();
  const { user, system } = process.cpuUsage(before);
  const { decodeErrors } = transcoder.counts;
  transcoder.close();
  const playedMs = roundsOf * units.length * frameMs;
  if (decodeErrors > 0 || made * opusFrameMs < playedMs * 0.99) {
    throw new Error(`${name}: ${decodeErrors} errors, ${made * opusFrameMs} ms out of ${playedMs} ms`);
  }
  delaysMs.sort((a, b) => a - b);
  const cpuMs = (user + system) / 1000;
  const delayP99Ms = quantile(delaysMs, 0.99);
  return {
    from: name,
    rateHz,
    channels,
    frameMs,
    delayP99Ms,
    corePercent: (cpuMs / playedMs) * 100,
    realTimePerCore: playedMs / cpuMs,
    delayP50Ms: quantile(delaysMs, 0.5),
    beyondFramesP99Ms: delayP99Ms - opusFrameMs - frameMs,
  };
}
