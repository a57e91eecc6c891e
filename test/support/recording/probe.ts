/** What ffprobe and ffmpeg say of a recorded file. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { FlashesAndBeeps } from '../source/flash-and-beep.js';

const run = promisify(execFile);

export interface ProbedTrack {
  readonly codec: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly packets: number;
}

export interface ProbedFile {
  readonly durationMs: number;
  readonly video: ProbedTrack | null;
  readonly audio: ProbedTrack | null;
  /** What a decoder of the whole file complained of. */
  readonly errors: string;
}

interface Shown {
  readonly format: { readonly duration: string };
  readonly streams: readonly {
    readonly codec_type: string;
    readonly codec_name: string;
    readonly start_time: string;
    readonly duration: string;
    readonly nb_read_packets: string;
  }[];
}

/** Reads and decodes all of it; of what does not end as much as `limit`, options of both programs, says. */
export async function probeFile(path: string, limit: readonly string[] = []): Promise<ProbedFile> {
  const entries = 'format=duration:stream=codec_type,codec_name,start_time,duration,nb_read_packets';
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    ...(limit.length === 0 ? ['-count_packets'] : []),
    '-show_entries',
    entries,
    '-of',
    'json',
    path,
  ]);
  // In the time base of the file: rounded to frames, two of which one was moved by some ms to stay with the sound would be one.
  const nowhere = ['-enc_time_base', '-1', '-f', 'null', '-'];
  const { stderr } = await run('ffmpeg', ['-v', 'error', '-i', path, ...limit, ...nowhere]);
  const shown: Shown = JSON.parse(stdout);
  const track = (type: string): ProbedTrack | null => {
    const found = shown.streams.find((stream) => stream.codec_type === type);
    if (found === undefined) return null;
    return {
      codec: found.codec_name,
      startMs: Number(found.start_time) * 1000,
      durationMs: Number(found.duration) * 1000,
      packets: Number(found.nb_read_packets),
    };
  };
  return {
    durationMs: Number(shown.format.duration) * 1000,
    video: track('video'),
    audio: track('audio'),
    errors: stderr,
  };
}

/**
 * Times in ms, and what a filter says of each frame; one of which it says no number is left out. By ffmpeg itself: the source `movie` of
 * FFmpeg 7.1 gives the first group of HEVC with B-frames and no more.
 */
async function readings(path: string, track: 'v' | 'a', filter: string, tag: string): Promise<readonly Reading[]> {
  const print = `${track === 'a' ? 'a' : ''}metadata=mode=print:key=lavfi.${tag}:file=-`;
  const { stdout } = await run('ffmpeg', [
    ...['-v', 'error', '-copyts', '-i', path, '-map', `0:${track}:0`],
    ...[`-${track}f`, `${filter},${print}`, '-f', 'null', '-'],
  ]);
  const said = /pts_time:(\S+)\s+lavfi\.\S+=(\S+)/g;
  return [...stdout.matchAll(said)].map(([, time, value]) => [Number(time) * 1000, Number(value)]);
}

type Reading = readonly [atMs: number, value: number];

/** When the video turned white, and when the audio became loud (flash-and-beep.ts), in ms of the file. */
export async function flashesAndBeeps(path: string): Promise<FlashesAndBeeps> {
  const frames = await readings(path, 'v', 'signalstats', 'signalstats.YAVG');
  const audio = await readings(path, 'a', 'asetnsamples=220:p=0,astats=metadata=1:reset=1', 'astats.Overall.RMS_level');
  const begins = (values: readonly Reading[], isOn: (value: number) => boolean): number[] =>
    values.flatMap(([atMs, value], n) => {
      const before = values[n - 1];
      return before !== undefined && isOn(value) && !isOn(before[1]) ? [atMs] : [];
    });
  return { flashesMs: begins(frames, (luma) => luma > 120), beepsMs: begins(audio, (level) => level > -30) };
}
