import { spawnSync } from 'node:child_process';

/** Frames as a camera might give them: ffmpeg's moving test pattern under noise. Planar 4:2:0, without padding. */
export function rawFrames(width: number, height: number, frames: number): readonly Uint8Array[] {
  const bytes = (width * height * 3) / 2;
  const graph = `testsrc2=size=${width}x${height}:rate=30,noise=alls=6:allf=t`;
  const format = ['-frames:v', String(frames), '-pix_fmt', 'yuv420p', '-f', 'rawvideo', 'pipe:1'];
  const ran = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', graph, ...format], {
    maxBuffer: bytes * frames + 4096,
  });
  if (ran.status !== 0 || ran.stdout.length !== bytes * frames) throw new Error(`ffmpeg: ${ran.stderr}`);
  return Array.from({ length: frames }, (_, n) => ran.stdout.subarray(n * bytes, (n + 1) * bytes));
}
