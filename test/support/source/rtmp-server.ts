/** A server program of the kind that publishers and players meet at: on a free port of loopback, with a folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from '../server/child.js';
import { freePort } from '../server/free-port.js';

export interface RtmpServer {
  readonly port: number;
  /** The address of a stream, for publishers and players alike. */
  url(name: string): string;
  stop(): Promise<void>;
}

/** `start` resolves when the program takes connections on the port; application `live`. */
export async function startRtmpServer(start: (port: number, folder: string) => Promise<Child>): Promise<RtmpServer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-rtmp-'));
  const child = await start(port, folder);
  return {
    port,
    url: (name) => `rtmp://127.0.0.1:${port}/live/${name}`,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
