/** An RTMP origin in a process of its own: any number of live streams of 720p30 H.264 with AAC, whose frames say when they were sent. */
import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface CamerasUsage {
  /** Playing now. */
  readonly cameras: number;
  /** Of the process, since it started. */
  readonly cpuMs: number;
  /** By how much a frame came after its time, since it was last asked. A mark bears the time at which it was sent. */
  readonly longestLateMs: number;
  /** Of players that did not read. */
  readonly missedFrames: number;
  readonly sentBytes: number;
}

export interface Cameras {
  /** An address of its own for each name. */
  url(name: string): string;
  usage(): Promise<CamerasUsage>;
  stop(): Promise<void>;
}

/** Resolves when its few seconds are encoded; they are played over and over. `host`: the address that it listens at. */
export async function startCameras(bitrateKbps = 2500, host = '127.0.0.1'): Promise<Cameras> {
  const child = fork(new URL('./cameras-process.js', import.meta.url), [String(bitrateKbps), host]);
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit');
  const ended = exited.then(() => Promise.reject(new Error('the cameras ended')));
  ended.catch(() => {});
  const [port] = await Promise.race([once(child, 'message'), ended]);
  return {
    url: (name) => `rtmp://${host}:${Number(port)}/live/${name}`,
    async usage() {
      const answer: Promise<CamerasUsage> = new Promise((resolve) => child.once('message', resolve));
      child.send('usage');
      return Promise.race([answer, ended]);
    },
    async stop() {
      process.off('exit', kill);
      child.kill('SIGKILL');
      await exited;
    },
  };
}
