import { type Child, startChild } from '../server/child.js';
import { beepAudio, flashVideo } from './flash-and-beep.js';

export interface PublishOptions {
  readonly size?: string;
  readonly fps?: number;
  readonly profile?: 'baseline' | 'main' | 'high';
  /** Frames from keyframe to keyframe. */
  readonly gopFrames?: number;
  readonly bitrateKbps?: number;
  /** B-frames in a row, with a pyramid; 0 by default. The stream is then of High profile. */
  readonly bFrames?: number;
  /** GOP begin with I-frames that are no IDR, and their first B-frames look back over them. */
  readonly isOpenGop?: boolean;
  /** Flashes and beeps (flash-and-beep.ts) in place of the test pattern and the tone; `fps` is then 30. */
  readonly hasFlashes?: boolean;
  /** The beeps are so much later than the flashes. */
  readonly beepLateMs?: number;
  readonly toneHz?: number;
  readonly sampleRateHz?: number;
  /** A line of text each second, "caption 0" first, as onTextData. */
  readonly hasCaptions?: boolean;
  /** False: no audio. */
  readonly hasAudio?: boolean;
}

/** ffmpeg publishes a test pattern (H.264) and a tone (AAC) in real time; resolves when it is running. */
export async function publish(url: string, options: PublishOptions = {}): Promise<Child> {
  const child = await startFfmpeg(options, [url]);
  await child.line('first frames published', (line) => /^frame=\s*[1-9]/.test(line));
  return child;
}

/** The same, with ffmpeg itself as the server that the address names: it plays to the first player, and ends with it. */
export const serveOnce = (url: string, options: PublishOptions = {}): Promise<Child> =>
  startFfmpeg(options, ['-listen', '1', url]);

/** A real-time publisher of what ffmpeg has no FLV for: FFmpeg 8 inside node-av writes it (test/support/source/enhanced-publisher.ts). */
export interface EnhancedCodecs {
  readonly video: 'libx265' | 'libsvtav1' | 'libvpx-vp9' | 'libx264';
  readonly audio: 'libopus' | 'aac' | 'flac' | 'ac3' | 'libmp3lame';
  /** `flashes`: as flash-and-beep.ts says, in place of a test pattern and a tone. */
  readonly scene?: 'flashes';
}

export async function publishEnhanced(url: string, { video, audio, scene }: EnhancedCodecs): Promise<Child> {
  const program = '.build/js/test/support/source/enhanced-publisher.js';
  const child = await startChild(process.execPath, [program, url, video, audio, scene ?? 'test']);
  await child.line('first frames published', (line) => line.startsWith('frames='));
  return child;
}

export interface AudioOutput {
  readonly url: string;
  /** As ffmpeg names it. */
  readonly encoder: string;
  readonly sampleRateHz: number;
  readonly channels: number;
}

/** One tone in real time, without video, to each address in another codec: one ffmpeg for all of them. */
export async function publishTones(toneHz: number, outputs: readonly AudioOutput[]): Promise<Child> {
  const input = ['-re', '-f', 'lavfi', '-i', `sine=frequency=${toneHz}:sample_rate=48000,volume=4`];
  const audioOptions = outputs.flatMap(({ url, encoder, sampleRateHz, channels }) => [
    '-map',
    '0:a',
    '-c:a',
    encoder,
    '-ar',
    String(sampleRateHz),
    '-ac',
    String(channels),
    '-f',
    'flv',
    '-flvflags',
    'no_duration_filesize',
    url,
  ]);
  const child = await startChild('ffmpeg', ['-hide_banner', '-nostdin', ...progress, ...input, ...audioOptions]);
  await child.line('the first second published', (line) => /^out_time_us=[1-9]\d{6}/.test(line), 30_000);
  return child;
}

const progress = ['-progress', 'pipe:1', '-stats_period', '0.2'];

function startFfmpeg(options: PublishOptions, target: readonly string[]): Promise<Child> {
  const { size = '640x360', fps = 30, profile = 'baseline', gopFrames = 60, bitrateKbps = 1000 } = options;
  const { toneHz = 440, sampleRateHz = 44_100, bFrames = 0, hasAudio = true, hasCaptions = false } = options;
  const { hasFlashes = false, beepLateMs = 0, isOpenGop = false } = options;
  const rate = `${bitrateKbps}k`;
  const tone = `sine=frequency=${toneHz}:sample_rate=${sampleRateHz}`;
  const subtitles = hasCaptions
    ? ['-re', '-f', 'srt', '-i', `data:text/plain;base64,${captions().toString('base64')}`]
    : [];
  const inputs = [
    '-re',
    '-f',
    'lavfi',
    '-i',
    hasFlashes ? flashVideo(size) : `testsrc2=size=${size}:rate=${fps}`,
    '-re',
    '-f',
    'lavfi',
    '-i',
    hasFlashes ? beepAudio(sampleRateHz, beepLateMs) : tone,
  ];
  const video = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    ...(bFrames > 0 ? [] : ['-tune', 'zerolatency']),
    '-profile:v',
    bFrames > 0 ? 'high' : profile,
    '-bf',
    String(bFrames),
    ...(isOpenGop ? ['-flags', '-cgop'] : []),
    '-g',
    String(gopFrames),
    '-keyint_min',
    String(gopFrames),
    '-sc_threshold',
    '0',
    '-pix_fmt',
    'yuv420p',
    '-b:v',
    rate,
    '-maxrate',
    rate,
    '-bufsize',
    rate,
    // High profile by what marks it out: 8x8 transforms and CABAC, which the ultrafast preset leaves off.
    ...(profile === 'high' ? ['-x264-params', '8x8dct=1:cabac=1'] : []),
  ];
  const audio = [
    ...(hasAudio ? ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'] : ['-an']),
    ...(hasCaptions ? ['-c:s', 'text', '-map', '0', '-map', '1', '-map', '2'] : []),
  ];
  const output = ['-f', 'flv', '-flvflags', 'no_duration_filesize', ...target];
  const talk = ['-hide_banner', '-loglevel', 'info', '-nostdin', ...progress];
  return startChild('ffmpeg', [...talk, ...inputs, ...subtitles, ...video, ...audio, ...output]);
}

function captions(): Buffer {
  const time = (second: number, ms: string): string =>
    `00:${new Date(second * 1000).toISOString().slice(14, 19)},${ms}`;
  const lines = Array.from(
    { length: 600 },
    (_, n) => `${n + 1}\n${time(n, '100')} --> ${time(n, '900')}\ncaption ${n}\n`,
  );
  return Buffer.from(lines.join('\n'));
}
