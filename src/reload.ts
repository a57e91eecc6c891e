/**
 * SIGHUP: the configuration is read again. What may change at run time does; what runs is not touched, but for the streams of
 * the list `streams`: those that are new in it start, and those that are gone from it end.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Launch } from './config/load.js';
import { reloadSettings } from './config/reload.js';
import type { Settings } from './config/schema.js';
import { listUris } from './core/source/uri-list.js';
import type { Logger, LogLevels } from './log-line.js';
import type { PullRequest } from './supervisor/pull-info.js';
import type { Streams } from './supervisor/streams.js';

interface ReloadOptions {
  /** In force: changed in place. */
  readonly settings: Settings;
  readonly read: () => Launch;
  readonly streams: Pick<Streams, 'find' | 'terminate' | 'settingsChanged'>;
  /** Logs why it does not. */
  readonly start: (request: PullRequest) => void;
  readonly levels: Pick<LogLevels, 'set'>;
  readonly log: Logger;
}

export const configured = (wanted: Settings['streams'][number]): PullRequest => ({ ...wanted, origin: 'config' });

export function reload({ settings, read, streams, start, levels, log }: ReloadOptions): void {
  const launch = read();
  if (launch.kind !== 'run') {
    const why = launch.kind === 'print' ? launch.text.trim() : launch.kind;
    log('error', 'config.notReloaded', { error: why });
    return;
  }
  const { atOnce, byNewThreads, byNextStart } = reloadSettings(settings, launch.settings);
  levels.set(settings.log.level);
  if (byNewThreads.length > 0) streams.settingsChanged();
  const [gone, added] = [
    without(settings.streams, launch.settings.streams),
    without(launch.settings.streams, settings.streams),
  ];
  settings.streams = launch.settings.streams;
  log('info', 'config.reloaded', {
    atOnce: atOnce.join(', '),
    byNewThreads: byNewThreads.join(', '),
    byNextStart: byNextStart.join(', '),
    started: added.map(nameOf).join(', '),
    ended: gone.map(nameOf).join(', '),
  });
  for (const stream of gone) {
    const pull = streams.find(nameOf(stream));
    if (pull?.origin === 'config') void streams.terminate({ pullId: pull.pullId });
  }
  for (const stream of added) start(configured(stream));
}

type Configured = Settings['streams'];

const without = (streams: Configured, others: Configured): Configured =>
  streams.filter((stream) => !others.some((other) => isDeepStrictEqual(stream, other)));

const nameOf = (stream: Configured[number]): string => stream.localStreamName ?? listUris(stream)[0] ?? '';
