/** What ffmpeg itself sees and hears in a stream or file of flashes and beeps: the truth to compare with. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type FlashesAndBeeps, flashesOf } from '../source/flash-and-beep.js';

const run = promisify(execFile);
const timeoutMs = 60_000;
/** A quarter of full scale: half of a beep. */
const quietDb = -12;

/** @param crop filter that leaves the part of the video that flashes, without one the whole. */
export async function seeAndHear(input: string, seconds: number, crop = 'null'): Promise<FlashesAndBeeps> {
  const { stdout, stderr } = await run(
    'ffmpeg',
    [
      '-hide_banner',
      '-nostdin',
      '-nostats',
      '-t',
      String(seconds),
      '-i',
      input,
      '-map',
      '0:v',
      '-vf',
      `${crop},signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-`,
      '-map',
      '0:a',
      '-af',
      `silencedetect=noise=${quietDb}dB:duration=0.05`,
      '-f',
      'null',
      '-',
    ],
    { timeout: timeoutMs, maxBuffer: 1 << 26 },
  );
  const shown = [...stdout.matchAll(/pts_time:(\S+)\s+lavfi\.signalstats\.YAVG=(\S+)/g)];
  const frames = shown.map(([, time, luma]) => ({ atMs: Number(time) * 1000, luma: Number(luma) }));
  // The silence before the end of the input ends too, but no silence begins after it.
  const heard = [...stderr.matchAll(/silence_end: (\S+)(?=.*silence_start)/gs)].map(([, time]) => Number(time) * 1000);
  return { flashesMs: flashesOf(frames), beepsMs: heard };
}
