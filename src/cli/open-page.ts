/** Opens an address in the browser of the desktop. */
import { spawn } from 'node:child_process';

/** Resolves false where there is nothing to open it with. */
export function openPage(page: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const opener = spawn('xdg-open', [page.href], { stdio: 'ignore', detached: true });
    opener.once('error', () => resolve(false));
    opener.once('spawn', () => {
      opener.unref();
      resolve(true);
    });
  });
}
