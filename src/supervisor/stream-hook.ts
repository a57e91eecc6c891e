/**
 * Tells a back end when the media of a stream flows and when it does not any more (pulls.hookUrl). One POST after the other, in
 * the order in which it happened; one that fails is tried again, and later ones wait for it.
 */
import type { Settings } from '../config/schema.js';
import { readThrown } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { PullInfo } from './pull-info.js';

interface StreamHookOptions {
  readonly settings: Pick<Settings['pulls'], 'hookUrl' | 'hookTimeoutMs'>;
  readonly log: Logger;
  /** Between the tries; as many tries follow the first one. */
  readonly pausesMs?: readonly number[];
}

export interface StreamHook {
  /** How it stands, whenever that may have changed. */
  look(pull: PullInfo): void;
  close(): void;
}

const defaultPausesMs = [1000, 5000];
/** For a back end that is away: what happened first is forgotten. */
const maxWaiting = 1000;

export function createStreamHook({ settings, log, pausesMs = defaultPausesMs }: StreamHookOptions): StreamHook {
  const up = new Set<string>();
  const waiting: string[] = [];
  const closing = new AbortController();
  let isBusy = false;

  const post = async (body: string): Promise<void> => {
    const answer = await fetch(settings.hookUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(settings.hookTimeoutMs)]),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  };

  const deliver = async (body: string): Promise<void> => {
    for (const pauseMs of [0, ...pausesMs]) {
      await pause(pauseMs, closing.signal);
      try {
        if (!closing.signal.aborted && settings.hookUrl !== '') await post(body);
        return;
      } catch (error) {
        // The address may hold credentials.
        const why = readThrown(error).message.replaceAll(settings.hookUrl, '');
        if (!closing.signal.aborted) log('warn', 'pulls.hookFailed', { error: why });
      }
    }
  };

  const work = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) await deliver(body);
    isBusy = false;
  };

  return {
    look(pull) {
      const isUp = pull.state === 'PROCESSED_REMOTE';
      if (isUp === up.has(pull.pullId)) return;
      if (isUp) up.add(pull.pullId);
      else up.delete(pull.pullId);
      if (settings.hookUrl === '') return;
      waiting.push(JSON.stringify(eventOf(pull, isUp)));
      if (waiting.length > maxWaiting) waiting.shift();
      void work();
    },
    close: () => closing.abort(),
  };
}

function eventOf(pull: PullInfo, isUp: boolean): object {
  const { pullId: id, localName: name, uri, origin, state, reason, detail, media, viewers } = pull;
  const stream = { id, name, uri, origin, state, reason, detail, media, viewers };
  return { event: isUp ? 'stream.up' : 'stream.down', atMs: Date.now(), stream };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
