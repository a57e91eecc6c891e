import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../server/child.js';
import { cutFlv, type FlvTag } from './flv-file.js';
import type { EnhancedCodecs } from './publisher.js';

const publisher = '.build/js/test/support/source/enhanced-publisher.js';

/** Three seconds of what `publishEnhanced` would send, as tags. */
export async function recordEnhanced({ video, audio }: EnhancedCodecs): Promise<FlvTag[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-recording-'));
  try {
    const file = join(folder, 'recording.flv');
    const child = await startChild(process.execPath, [publisher, file, video, audio]);
    const code = await child.exited;
    if (code !== 0) throw new Error(`${code}\n${child.lines.join('\n')}`);
    return cutFlv(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
