/** What each room of the tree may import: the arrows of the house (.github/ARCHITECTURE.md), and who may touch what of Node. */
import { type Import, isBelow, targetOf } from './tree.js';

/** Other rooms, npm packages, modules of Node. `types`: rooms of which only types. */
export interface Rule {
  readonly parts: readonly string[];
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  /** Left out: all of Node that is not in `notNode`. */
  readonly node?: readonly string[];
  readonly notNode?: readonly string[];
}

const sockets = ['net', 'tls', 'dgram', 'http', 'https'];

/** A protocol: pure, and above those that it names. */
const core = (...rooms: readonly string[]): Rule => ({
  parts: [...rooms.map((room) => `src/core/${room}`), 'src/errors.ts'],
  node: ['crypto'],
});

/** What every room of the actors may see; `parts` come on top. */
const actors = (parts: readonly string[], others: Omit<Rule, 'parts'> = {}): Rule => ({
  ...others,
  parts: [...parts, 'src/core', 'src/errors.ts'],
  types: [
    'actors/contract.ts',
    'actors/session-record.ts',
    'actors/settings.ts',
    'actors/stats.ts',
    'src/log-line.ts',
    ...(others.types ?? []),
  ],
});

/** A room to its rule; a file belongs to the longest name that it starts with. A room sees itself. */
export const rules: Readonly<Record<string, Rule>> = {
  'src/core/bytes': core(),
  'src/core/amf': core('bytes'),
  'src/core/cluster': core('bytes', 'source'),
  'src/core/captions': core(),
  'src/core/codec': core('bytes'),
  'src/core/dtls': core(),
  'src/core/guard': { ...core(), packages: ['ipaddr.js'] },
  'src/core/ice': core('bytes'),
  'src/core/rtcp': core('bytes'),
  'src/core/rtmp': core('amf', 'bytes', 'guard'),
  'src/core/flv': core('amf', 'bytes', 'codec'),
  'src/core/access-unit': core('bytes', 'codec'),
  'src/core/rtp': core('access-unit', 'codec'),
  'src/core/source': core('bytes', 'rtmp'),
  'src/core/receive': core('codec', 'flv', 'rtcp', 'rtmp', 'rtp'),
  'src/core/srtp': core('bytes'),
  'src/core/sdp': core('bytes', 'codec', 'flv', 'guard'),
  'src/core/timeline': core('codec', 'rtp'),
  'src/core/fragments': { ...core('codec', 'timeline'), types: ['src/core/sdp'] },
  'src/core/playout': core(),
  'src/core/hls': core('fragments', 'recording'),
  'src/core/recording': core(),
  'src/core/bandwidth': core('rtcp', 'rtp'),
  'src/core/supervise': core(),
  'src/core/diagnosis': core('codec'),
  'src/core/wcs': core('bytes', 'codec', 'guard', 'sdp'),
  'src/core/whep': core('bytes', 'sdp'),
  'src/errors.ts': { parts: ['src/error-table.ts'], node: [] },
  'src/error-table.ts': { parts: [], node: [] },
  'src/log-line.ts': { parts: [], node: [] },
  'src/clock.ts': { parts: [], node: [] },
  'src/add-on.ts': { parts: [], node: ['module', 'url'] },
  'src/free-cores.ts': { parts: ['src/core/supervise'], node: ['fs', 'os'] },
  'src/log-levels.ts': { parts: [], types: ['src/log-line.ts'], node: [] },
  'src/log.ts': {
    parts: ['src/core/rtmp', 'src/log-levels.ts'],
    types: ['src/log-line.ts'],
    packages: ['pino', 'pino-pretty'],
    node: ['tty'],
  },
  'src/wire': { parts: ['src/core/supervise'], types: ['actors'], packages: ['comlink'], node: ['worker_threads'] },
  'src/config': { parts: ['src/core', 'src/errors.ts'], packages: ['zod', 'yaml', 'ipaddr.js'], node: ['fs', 'util'] },
  'src/net': {
    parts: ['src/core', 'src/errors.ts'],
    node: ['crypto', 'dgram', 'dns', 'events', 'fs', 'net', 'os', 'tls'],
  },
  'src/threads/native': { parts: ['src/add-on.ts'], types: ['actors/session-record.ts'], node: [] },
  'src/threads': {
    parts: ['src/core', 'src/add-on.ts', 'src/clock.ts', 'src/errors.ts', 'src/free-cores.ts', 'src/net', 'src/wire'],
    types: ['actors', 'src/config', 'src/log-line.ts'],
    packages: ['piscina'],
    notNode: sockets,
  },
  'src/supervisor': {
    parts: ['src/threads', 'src/core', 'src/clock.ts', 'src/errors.ts', 'src/net'],
    types: ['actors', 'src/config', 'src/log-line.ts'],
    notNode: [...sockets, 'worker_threads'],
  },
  'src/cluster': {
    parts: [
      'src/core',
      'src/clock.ts',
      'src/errors.ts',
      'src/net',
      'src/supervisor/changes.ts',
      'src/supervisor/pull-request.ts',
    ],
    types: ['src/supervisor', 'src/config', 'src/log-line.ts'],
    packages: ['@redis/client', 'zod'],
    node: ['crypto', 'net', 'os', 'tls'],
  },
  'src/rtmp-out': {
    parts: ['src/clock.ts', 'src/core', 'src/errors.ts', 'src/net', 'src/threads/native'],
    types: ['src/cluster', 'src/server', 'src/supervisor', 'src/config', 'src/log-line.ts'],
    node: ['crypto', 'events', 'net'],
  },
  'src/server': {
    parts: ['src/core', 'src/clock.ts', 'src/errors.ts', 'src/net'],
    types: ['src/cluster', 'src/supervisor', 'src/config', 'src/log-line.ts'],
    packages: ['jose', 'uWebSockets.js', 'zod', 'prom-client'],
    notNode: ['net', 'tls', 'dgram', 'worker_threads'],
  },
  'src/web': {
    parts: ['src/core/fragments/boxes.ts', 'src/core/playout', 'src/server/api-paths.ts'],
    types: ['src/server/api-operations.ts'],
    node: [],
  },
  'src/web/console': {
    parts: ['src/web'],
    types: ['src/server/api-schemas.ts', 'src/server/cluster-schemas.ts', 'src/server/supervision-schemas.ts'],
    packages: ['lit'],
    node: [],
  },
  'src/web/player': { parts: ['src/web', 'src/core/captions'], packages: ['hls.js'], node: [] },
  'src/state': {
    parts: ['src/core', 'src/errors.ts'],
    types: ['src/supervisor', 'src/log-line.ts'],
    packages: ['zod'],
    node: ['crypto', 'fs', 'net', 'path'],
  },
  'src/parent': {
    parts: ['src/core', 'src/clock.ts', 'src/threads/native'],
    types: ['src/log-line.ts'],
    node: ['child_process', 'os', 'url'],
  },
  'src/cli': {
    parts: [
      'src/core',
      'src/errors.ts',
      'src/server/token-signer.ts',
      'src/web/api-client.ts',
      'src/web/http-refusal.ts',
    ],
    types: ['src/config', 'src/supervisor'],
    node: ['child_process', 'http', 'net', 'timers', 'tls'],
  },
  'src/reload.ts': { parts: ['src/config', 'src/core'], types: ['src/supervisor', 'src/log-line.ts'], node: ['util'] },
  'src/versions.ts': { parts: ['src/errors.ts'], packages: ['node-av'], node: [] },
  'src/serve.ts': { parts: ['src', 'package.json'], node: ['path'] },
  'src/main.ts': { parts: ['src', 'package.json'], node: ['url'] },
  // Types only.
  'actors/contract.ts': actors([], { types: ['actors/media'], node: ['worker_threads'] }),
  'actors/session-record.ts': { parts: [], types: ['src/core'], node: [] },
  'actors/settings.ts': { parts: [], types: ['src/core'], node: [] },
  'actors/stats.ts': { parts: [], types: ['src/core'], node: [] },
  // In the order of the bytes.
  'actors/source': actors(['actors/source/webrtc', 'src/net', 'src/threads/native']),
  'actors/source/webrtc': actors(['src/net'], { packages: ['werift', 'ws'] }),
  'actors/stream': actors([
    'actors/source',
    'actors/fragments',
    'actors/rtmp-out',
    'actors/rendition',
    'actors/viewers',
    'actors/media',
    'actors/runtime',
    'src/wire',
  ]),
  'actors/rtmp-out': actors(['src/threads/native']),
  'actors/fragments': { ...actors(['actors/media']), node: ['worker_threads'] },
  'actors/rendition': actors(['actors/media', 'actors/runtime']),
  'actors/viewers': actors(
    ['actors/rendition', 'actors/transport', 'actors/fanout', 'actors/runtime', 'src/free-cores.ts', 'src/wire'],
    { types: ['actors/media'] },
  ),
  'actors/transport': actors(['src/add-on.ts', 'src/net', 'src/threads/native'], { packages: ['werift', 'ipaddr.js'] }),
  // Stands in for packages of werift (src/launch/build.mjs).
  'actors/transport/werift': { parts: [], node: ['crypto'] },
  'actors/fanout': actors(['src/add-on.ts'], { types: ['actors/transport'], packages: ['ipaddr.js'] }),
  'actors/media': actors([], { packages: ['node-av'] }),
  'actors/runtime': actors(['actors/fanout', 'actors/media', 'actors/transport', 'src/threads/native', 'src/wire']),
  'actors/recording': actors(['actors/media', 'actors/runtime']),
  'actors/pool': { ...actors(['actors/media', 'actors/recording']), packages: ['piscina'] },
  'actors/demo': actors(['actors/media', 'actors/runtime'], { packages: ['node-av/constants'] }),
};

/** The name of the rule that a file stands under. */
export const rowOf = (file: string): string | undefined =>
  Object.keys(rules)
    .filter((name) => isBelow(file, name))
    .sort((a, b) => b.length - a.length)[0];

/** Why the file may not have this import; null when it may. */
export function objection(file: string, { what, isType }: Import): string | null {
  const row = rowOf(file);
  const rule = row === undefined ? undefined : rules[row];
  if (row === undefined || rule === undefined) return `${file}: no rule for it`;
  const complaint = `${file} imports ${what}`;
  if (what.startsWith('node:')) {
    const module = what.slice('node:'.length).split('/')[0] ?? '';
    const isGood = rule.node?.includes(module) ?? !(rule.notNode ?? []).includes(module);
    return isGood ? null : complaint;
  }
  if (what.startsWith('.')) {
    const target = targetOf(file, what);
    const parts = [row, ...rule.parts, ...(isType ? (rule.types ?? []) : [])];
    return parts.some((name) => isBelow(target, name)) ? null : complaint;
  }
  return (rule.packages ?? []).some((name) => isBelow(what, name)) ? null : complaint;
}
