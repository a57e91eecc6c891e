/**
 * Whose a file is: that of one process at a time. The lock is a unix socket in the abstract name space (unix(7)), which is gone
 * with its process however that ends.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';

/** Resolves with what gives it back; null where another process has it. Error: that of the system. */
export function lockFile(file: string): Promise<(() => void) | null> {
  const name = createHash('sha256').update(wholePath(file)).digest('hex').slice(0, 32);
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(null) : fail(error)));
    server.listen(`\0sluice-${name}`, () => done(() => void server.close()));
  });
}

/** The same for all names of one file. */
function wholePath(file: string): string {
  const folder = dirname(resolve(file));
  try {
    return join(realpathSync(folder), basename(file));
  } catch {
    return resolve(file);
  }
}
