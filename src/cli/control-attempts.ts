/** What an outsider tries to control a server with: every kind of control call, in every disguise. Nothing is changed by it. */

export interface Attempt {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent before the request; empty for none. */
  readonly preface: Uint8Array;
  /** How it pretends to be somebody else. */
  readonly disguise: string;
  /** What only a server that was controlled answers. */
  readonly opened: RegExp;
}

const calls: readonly Pick<Attempt, 'method' | 'path' | 'opened'>[] = [
  { method: 'GET', path: '/rest-api/pull/rtmp/find_all', opened: /^HTTP 200\n\[/ },
  // Without a uri nothing is pulled.
  { method: 'POST', path: '/rest-api/pull/rtmp/pull', opened: /^HTTP 400\n.*"code":"request\.invalid"/ },
  { method: 'GET', path: '/api/streams', opened: /^HTTP 200\n\[/ },
  { method: 'GET', path: '/metrics', opened: /^HTTP 200\n[\s\S]*^# HELP sluice_/m },
  { method: 'GET', path: '/?action=stat', opened: /^HTTP 200\n-----Connection Stats/ },
];

/** A PROXY protocol 2 preface (section 2.2): TCP over IPv4, from 127.0.0.1 to 127.0.0.1. */
const loopbackPreface = Uint8Array.of(
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a, 0x21, 0x11, 0, 12],
  ...[127, 0, 0, 1, 127, 0, 0, 1, 0xc0, 0x00, 0x1f, 0x91],
);

type Disguise = Pick<Attempt, 'disguise' | 'headers' | 'preface'>;

const none = new Uint8Array();

/** `host`: the Host header of who does not disguise. */
function disguisesOf(host: string): readonly Disguise[] {
  const as = (disguise: string, headers: Readonly<Record<string, string>>, preface = none): Disguise => ({
    disguise,
    headers: { Host: '127.0.0.1', ...headers },
    preface,
  });
  return [
    { disguise: 'none', headers: { Host: host }, preface: none },
    as('Host: 127.0.0.1', {}),
    as('Host: localhost', { Host: 'localhost' }),
    as('X-Forwarded-For: 127.0.0.1', { 'X-Forwarded-For': '127.0.0.1' }),
    as('Forwarded: for=127.0.0.1', { Forwarded: 'for=127.0.0.1' }),
    as('X-Real-IP: 127.0.0.1', { 'X-Real-IP': '127.0.0.1' }),
    as('a page of this host', { Origin: 'http://127.0.0.1' }),
    as('a PROXY preface of 127.0.0.1', {}, loopbackPreface),
  ];
}

export function attemptsAt(host: string): readonly Attempt[] {
  return disguisesOf(host).flatMap(({ disguise, headers, preface }) =>
    calls.map(({ method, path, opened }) => ({ method, path, opened, disguise, headers, preface })),
  );
}
