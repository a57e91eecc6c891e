/** The built pages: read at the start, served from memory. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Handle, type HttpRequest, knowsTag } from './http.js';
import type { Route } from './router.js';

interface Page {
  readonly paths: readonly string[];
  readonly file: string;
  readonly type: string;
  /** It opens a WebSocket to whatever port of this host. */
  readonly dialsSignalling?: boolean;
  /** It is made for the frames of other sites. */
  readonly isForFrames?: boolean;
}

const html = 'text/html; charset=utf-8';
const script = 'text/javascript; charset=utf-8';
const css = 'text/css; charset=utf-8';

const pages: readonly Page[] = [
  { paths: ['/'], file: 'console.html', type: html },
  { paths: ['/console.js'], file: 'console.js', type: script },
  { paths: ['/console.css'], file: 'console.css', type: css },
  { paths: ['/player', '/player.html'], file: 'player.html', type: html },
  { paths: ['/player.js'], file: 'player.js', type: script },
  { paths: ['/player.css'], file: 'player.css', type: css },
  { paths: ['/embed_player'], file: 'embed.html', type: html, isForFrames: true },
  { paths: ['/embed.js'], file: 'embed.js', type: script },
  { paths: ['/embed.css'], file: 'embed.css', type: css },
  { paths: ['/two_way_streaming'], file: 'two-way.html', type: html, dialsSignalling: true },
  { paths: ['/two-way.js'], file: 'two-way.js', type: script },
  { paths: ['/play/*'], file: 'play.html', type: html },
  { paths: ['/embed/*'], file: 'play.html', type: html, isForFrames: true },
  { paths: ['/play.js'], file: 'play.js', type: script },
  { paths: ['/play.css'], file: 'play.css', type: css },
  { paths: ['/api-docs'], file: 'api-docs.html', type: html },
  { paths: ['/api-docs.js'], file: 'api-docs.js', type: script },
  { paths: ['/api-docs.css'], file: 'api-docs.css', type: css },
  { paths: ['/swagger-ui-bundle.js'], file: 'swagger-ui-bundle.js', type: script },
  { paths: ['/swagger-ui.css'], file: 'swagger-ui.css', type: css },
  // For pages of other sites too.
  { paths: ['/sluice-player.js'], file: 'sluice-player.js', type: script },
  { paths: ['/sluice-hls.js'], file: 'sluice-hls.js', type: script },
  { paths: ['/icon.svg'], file: 'icon.svg', type: 'image/svg+xml' },
  // For pages of other sites that embed the player.
  { paths: ['/whep-client.js'], file: 'whep-client.js', type: script },
  { paths: ['/mse-client.js'], file: 'mse-client.js', type: script },
];

/** Where links to WCS's own pages lead: path below the folder of its examples, and ours. */
const wcsExamples = '/client2/examples/demo/streaming';
const wcsPages = { player: '/player', embed_player: '/embed_player', two_way_streaming: '/two_way_streaming' } as const;

const commonHeaders = {
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Cache-Control': 'no-cache',
};

/**
 * The page loads only its own files (blob: is what it has fetched with a key), and connects to no host but those named: the name of a
 * stream may be a uri.
 */
const policy = (connect: readonly string[], frameAncestors: readonly string[]): string =>
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
  `connect-src ${["'self'", ...connect].join(' ')}; base-uri 'none'; form-action 'self'; ` +
  `frame-ancestors ${frameAncestors.join(' ')}`;

/** The signalling of this host, on whatever port. An IPv6 address has no form in a policy (CSP3 2.3.1). */
function ownSignalling(request: HttpRequest): readonly string[] {
  const host = /^([a-z0-9.-]+)(:\d+)?$/i.exec(request.header('host'))?.[1];
  return host === undefined ? [] : [`ws://${host}:*`, `wss://${host}:*`];
}

/** An address of a node by HTTP, and by WebSocket; nothing where it has no form in a policy. */
const sourcesOf = (url: string): readonly string[] =>
  /^https?:\/\/[a-z0-9.-]+(:\d+)?$/i.test(url) ? [url, url.replace(/^http/i, 'ws')] : [];

interface PageOptions {
  /** The output of src/launch/build.mjs for src/web. */
  readonly webFolder: URL | string;
  /** Origins of other servers (ws, wss) that the pages may play from. */
  readonly playerServers: readonly string[];
  /** Where the nodes of its cluster are (http, https), which viewers are sent on to. */
  readonly nodeUrls: () => readonly string[];
  /** Origins of pages that may hold ours in a frame; those of this host may, and all may hold what is made for it. */
  readonly frameAncestors: readonly string[];
  /** Where they are listed, only pages of these may hold what is made for frames. */
  readonly playerOrigins: readonly string[];
}

/** Throws when a file is missing. */
export function createPageRoutes({
  webFolder,
  playerServers,
  nodeUrls,
  frameAncestors,
  playerOrigins,
}: PageOptions): readonly Route[] {
  const folder = typeof webFolder === 'string' ? webFolder : fileURLToPath(webFolder);
  const configured = playerServers.flatMap((origin) => [origin, origin.replace(/^ws/i, 'http')]);
  const others = (): readonly string[] => [...configured, ...nodeUrls().flatMap(sourcesOf)];
  const players = playerOrigins.length === 0 ? ['*'] : ["'self'", ...frameAncestors, ...playerOrigins];
  const open = (path: string, handle: Handle): Route => ({
    methods: ['GET'],
    path,
    access: 'open',
    bodyLimitBytes: 0,
    handle,
  });
  const files = pages.flatMap(({ paths, file, type, dialsSignalling = false, isForFrames = false }) => {
    const holders = isForFrames ? players : ["'self'", ...frameAncestors];
    const connect = (request: HttpRequest): readonly string[] =>
      dialsSignalling ? [...ownSignalling(request), ...others()] : others();
    const handle = serveFile(readFileSync(`${folder}/${file}`), type, (request) => policy(connect(request), holders));
    return paths.map((path) => open(path, handle));
  });
  const moved = Object.entries(wcsPages).map(([name, path]) => open(`${wcsExamples}/${name}/*`, redirectTo(path)));
  return [...files, ...moved];
}

/** With the query as it is: our pages take the parameters of WCS's. */
const redirectTo =
  (path: string): Handle =>
  ({ query }) => ({ status: 302, headers: { Location: query.size === 0 ? path : `${path}?${query}` } });

/** A page below a folder finds its files one level up: the slashes of a name are encoded. Null where it is as it should be. */
function wholeName(path: string): string | null {
  const [, ...parts] = /^\/(?:play|embed)\/(.*)$/.exec(path)?.[1]?.split('/') ?? [];
  const name = path.replace(/^\/(?:play|embed)\//, '');
  return parts.length === 0 ? null : `${'../'.repeat(parts.length)}${name.replaceAll('/', '%2F')}`;
}

function serveFile(body: Buffer, type: string, policyFor: (request: HttpRequest) => string): Handle {
  const tag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  return (request) => {
    const whole = wholeName(request.path);
    if (whole !== null) return { status: 302, headers: { Location: whole } };
    const headers = {
      ...commonHeaders,
      'Content-Security-Policy': policyFor(request),
      'Content-Type': type,
      ETag: tag,
    };
    return knowsTag(request, tag) ? { status: 304, headers } : { status: 200, headers, body };
  };
}
