import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

/** What test pages are made of, by path. Tests run from the repository's root. */
const files: Readonly<Record<string, readonly [string, string]>> = {
  '/whep.html': ['test/support/browser/pages/whep.html', 'text/html'],
  '/whep.js': ['test/support/browser/pages/whep.js', 'text/javascript'],
  '/wcs.html': ['test/support/browser/pages/wcs.html', 'text/html'],
  '/wcs.js': ['test/support/browser/pages/wcs.js', 'text/javascript'],
  '/mse.html': ['test/support/browser/pages/mse.html', 'text/html'],
  '/mse.js': ['test/support/browser/pages/mse.js', 'text/javascript'],
  '/hls.html': ['test/support/browser/pages/hls.html', 'text/html'],
  '/hls.js': ['test/support/browser/pages/hls.js', 'text/javascript'],
  '/hls-js.js': ['node_modules/hls.js/dist/hls.min.js', 'text/javascript'],
  '/lip-sync.js': ['test/support/browser/pages/lip-sync.js', 'text/javascript'],
  '/reception.js': ['test/support/browser/pages/reception.js', 'text/javascript'],
  '/flashphoner-2.0.180.js': ['node_modules/@flashphoner/websdk-2.0.180/flashphoner.js', 'text/javascript'],
  '/rest.html': ['test/support/browser/pages/rest.html', 'text/html'],
  '/flashphoner-rest-api.js': ['node_modules/@flashphoner/websdk/flashphoner-rest-api.js', 'text/javascript'],
  '/flashphoner.js': ['node_modules/@flashphoner/websdk/flashphoner.js', 'text/javascript'],
};

const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };

/** The package of the SDK as a web server of WCS has it, with its own pages: /websdk/examples/… */
function sdkFile(pathname: string): readonly [string, string] | undefined {
  const [, path] = /^\/websdk\/(.+)$/.exec(pathname) ?? [];
  if (path === undefined) return undefined;
  return [
    `node_modules/@flashphoner/websdk/${path}`,
    types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
  ];
}

export interface PageServer {
  readonly origin: string;
  /** A page of the test's own. */
  put(path: string, html: string): void;
  stop(): Promise<void>;
}

/** Serves the test pages on a free port of loopback: an origin other than the server's, as embedding pages have. */
export async function startPageServer(): Promise<PageServer> {
  const own = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = files[pathname] ?? sdkFile(pathname);
    const html = own.get(pathname);
    if (html !== undefined) {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end(html);
      return;
    }
    const body = file === undefined ? null : await readFile(file[0]).catch(() => null);
    if (file === undefined || body === null) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': file[1] }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    put: (path, html) => own.set(path, html),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
