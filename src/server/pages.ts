/** The built pages: read at the start, served from memory. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Handle, HttpReply } from './http.js';
import type { Route } from './router.js';

interface Page {
  readonly paths: readonly string[];
  readonly file: string;
  readonly type: string;
}

const pages: readonly Page[] = [
  { paths: ['/player', '/player.html'], file: 'player.html', type: 'text/html; charset=utf-8' },
  { paths: ['/player.js'], file: 'player.js', type: 'text/javascript; charset=utf-8' },
  { paths: ['/player.css'], file: 'player.css', type: 'text/css; charset=utf-8' },
  { paths: ['/icon.svg'], file: 'icon.svg', type: 'image/svg+xml' },
  // For pages of other sites that embed the player.
  { paths: ['/whep-client.js'], file: 'whep-client.js', type: 'text/javascript; charset=utf-8' },
];

const commonHeaders = {
  // The page loads only its own files, and sends the name of a stream (which may be a uri) to no other host.
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'self'",
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Cache-Control': 'no-cache',
};

/** `webFolder`: the output of src/launch/build.mjs for src/web. Throws when a file is missing. */
export function createPageRoutes(webFolder: URL | string): readonly Route[] {
  const folder = typeof webFolder === 'string' ? webFolder : fileURLToPath(webFolder);
  return pages.flatMap((page) => {
    const handle = serveFile(readFileSync(`${folder}/${page.file}`), page.type);
    return page.paths.map((path): Route => ({ methods: ['GET'], path, access: 'open', bodyLimitBytes: 0, handle }));
  });
}

function serveFile(body: Buffer, type: string): Handle {
  const tag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  const headers = { ...commonHeaders, 'Content-Type': type, ETag: tag };
  const whole: HttpReply = { status: 200, headers, body };
  const unchanged: HttpReply = { status: 304, headers };
  return (request) => (request.header('if-none-match').split(/, */).includes(tag) ? unchanged : whole);
}
