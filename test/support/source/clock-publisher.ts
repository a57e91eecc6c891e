import { once } from 'node:events';
import { createTestPattern, type TestPattern } from '../../../actors/demo/test-pattern.js';
import { type Child, startChild } from '../server/child.js';

export interface ClockOptions {
  readonly gopSeconds: number;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** False: silent, as without it. */
  readonly hasTone?: boolean;
  /** Two in a row; without it none. */
  readonly hasBFrames?: boolean;
}

/**
 * Publishes a frame that carries the wall clock as a bar code (actors/demo/stamp.ts), drawn the moment it is sent,
 * with a keyframe every `gopSeconds`.
 */
export async function publishClock(url: string, options: ClockOptions): Promise<{ stop(): Promise<void> }> {
  const { gopSeconds, width = 640, height = 360, fps = 30, hasTone = false, hasBFrames = false } = options;
  const gopFrames = gopSeconds * fps;
  const child = await startChild(
    'ffmpeg',
    [
      '-hide_banner',
      '-loglevel',
      'info',
      '-progress',
      'pipe:1',
      '-stats_period',
      '0.2',
      '-f',
      'rawvideo',
      '-pix_fmt',
      'yuv420p',
      '-s',
      `${width}x${height}`,
      '-framerate',
      String(fps),
      '-probesize',
      '32',
      '-fflags',
      'nobuffer',
      '-i',
      'pipe:0',
      ...(hasTone ? ['-f', 'lavfi', '-i', 'sine=440:r=44100', '-c:a', 'aac', '-shortest'] : []),
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      ...(hasBFrames ? withBFrames : withoutBFrames),
      '-g',
      String(gopFrames),
      '-keyint_min',
      String(gopFrames),
      '-sc_threshold',
      '0',
      '-b:v',
      '2000k',
      '-flush_packets',
      '1',
      '-f',
      'flv',
      '-flvflags',
      'no_duration_filesize',
      url,
    ],
    { stdin: 'pipe' },
  );
  const stopDrawing = draw(child, createTestPattern(width, height), fps);
  await child.line('first frames published', (line) => /^frame=\s*[1-9]/.test(line));
  return {
    async stop() {
      stopDrawing();
      await child.stop();
    },
  };
}

const withoutBFrames = ['-tune', 'zerolatency', '-profile:v', 'baseline', '-bf', '0'];
const withBFrames = ['-rc-lookahead', '0', '-threads', '1', '-profile:v', 'main', '-bf', '2', '-b_strategy', '0'];

/** Writes the frames that are due, each with the time at which it is written; a full pipe leaves frames out. */
function draw(child: Child, frame: TestPattern, fps: number): () => void {
  const { stdin } = child.process;
  if (stdin === null) throw new Error('ffmpeg has no stdin');
  stdin.on('error', () => clearInterval(timer)); // ffmpeg is gone; the test that needs it says so.
  const startMs = performance.now();
  let written = 0;
  let isFull = false;
  const timer = setInterval(() => {
    if (isFull || ((performance.now() - startMs) * fps) / 1000 < written) return;
    written += 1;
    // The frame is drawn into one buffer again and again: the pipe gets a copy.
    if (stdin.write(Buffer.from(frame.draw(Date.now())))) return;
    isFull = true;
    once(stdin, 'drain').then(
      () => {
        isFull = false;
      },
      // Of a pipe that is full when ffmpeg goes.
      () => clearInterval(timer),
    );
  }, 2);
  return () => {
    clearInterval(timer);
    stdin.end();
  };
}
