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

/** Lines of `time,value` of a filter's metadata; one that has no number is left out. */
async function readings(filter: string, tag: string): Promise<readonly (readonly [number, number])[]> {
  const entries = `frame=pts_time:frame_tags=lavfi.${tag}`;
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    filter,
    '-show_entries',
    entries,
    '-of',
    'csv=p=0',
  ]);
  return stdout
    .split('\n')
    .map((line) => line.split(','))
    .flatMap(([time, value]) => (value === undefined ? [] : [[Number(time) * 1000, Number(value)] as const]));
}

/** When the video turned white, and when the audio became loud (flash-and-beep.ts), in ms of the file. */
export async function flashesAndBeeps(path: string): Promise<FlashesAndBeeps> {
  const frames = await readings(`movie=${path},signalstats`, 'signalstats.YAVG');
  const audio = await readings(
    `amovie=${path},asetnsamples=220:p=0,astats=metadata=1:reset=1`,
    'astats.Overall.RMS_level',
  );
  const begins = (values: readonly (readonly [number, number])[], isOn: (value: number) => boolean): number[] =>
    values.flatMap(([atMs, value], n) => {
      const before = values[n - 1];
      return before !== undefined && isOn(value) && !isOn(before[1]) ? [atMs] : [];
    });
  return { flashesMs: begins(frames, (luma) => luma > 120), beepsMs: begins(audio, (level) => level > -30) };
}
