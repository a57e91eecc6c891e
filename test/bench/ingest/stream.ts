/** Ten seconds of 2.5 Mbit/s, made once. */
import { spawnSync } from 'node:child_process';

export const bitrateKbps = 2500;
const seconds = 10;
const rate = `${bitrateKbps}k`;

/** As FLV into this file. */
export function writeStream(file: string): void {
  const encoding = spawnSync('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=1280x720:rate=30:duration=${seconds}`,
    '-f',
    'lavfi',
    '-i',
    `sine=440:duration=${seconds}`,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-bf',
    '0',
    '-g',
    '60',
    '-pix_fmt',
    'yuv420p',
    '-b:v',
    rate,
    '-minrate',
    rate,
    '-maxrate',
    rate,
    '-bufsize',
    rate,
    '-x264-params',
    'nal-hrd=cbr',
    '-c:a',
    'aac',
    '-b:a',
    '128k',
    '-f',
    'flv',
    file,
  ]);
  if (encoding.status !== 0) throw new Error(String(encoding.stderr));
}
