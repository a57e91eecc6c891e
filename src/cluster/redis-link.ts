/**
 * The connections to Redis: one for calls, and one that hears what is published. The client dials again by itself when a connection
 * breaks, and holds no calls back meanwhile. It waits for an answer for ever: so a call has a time of its own here, and a client that
 * did not answer in it is given up for a new one, since all that is asked behind it would wait too.
 */
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import { createClient, ErrorReply } from '@redis/client';
import type { RedisAddress } from '../core/cluster/redis-url.js';
import { readThrown, SluiceError } from '../errors.js';
import { scripts } from './redis-scripts.js';

export interface RedisTarget extends RedisAddress {
  /** Of authorities beside the public ones; empty: none. */
  readonly caPem: string;
}

const callMs = 1000;
const connectMs = 1000;
const firstRetryMs = 100;
const maxRetryMs = 1000;
/** A connection that is silent for so long is dialled again: a handshake that is never answered, a line that is dead. */
const silenceMs = 5000;
const pingMs = 2000;

const dialling = {
  connectTimeout: connectMs,
  socketTimeout: silenceMs,
  // The default gives up after a time-out.
  reconnectStrategy: (retries: number): number => Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(retries, 10)),
};

function open({ host, port, isTls, user, password, database, caPem }: RedisTarget) {
  const server = { host, port, ...dialling };
  const tls = { ca: [...rootCertificates, ...(caPem === '' ? [] : [caPem])], servername: isIP(host) === 0 ? host : '' };
  return createClient({
    socket: isTls ? { ...server, ...tls, tls: true } : server,
    ...(user === '' ? {} : { username: user }),
    ...(password === '' ? {} : { password }),
    database,
    name: 'sluice',
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    pingInterval: pingMs,
    scripts,
  });
}

type RedisClient = ReturnType<typeof open>;

interface RedisLinkOptions {
  readonly target: RedisTarget;
  readonly channel: string;
  readonly onMessage: (text: string) => void;
  /** Messages may have been missed, and are heard from now on. */
  readonly onHeard: () => void;
}

export interface RedisLink {
  readonly isReachable: boolean;
  /** Error: registry.unreachable, in a second at the latest. */
  call<T>(ask: (client: RedisClient) => Promise<T>): Promise<T>;
  close(): void;
}

export function openRedisLink({ target, channel, onMessage, onHeard }: RedisLinkOptions): RedisLink {
  let isClosed = false;
  let isReachable = false;
  /** Why there is no connection. */
  let trouble = '';
  let current = dial();

  /** Both: what does not answer one does not tell the other anything either. */
  function dial(): { readonly caller: RedisClient; readonly hearer: RedisClient } {
    const pair = { caller: open(target), hearer: open(target) };
    for (const client of [pair.caller, pair.hearer]) {
      client.on('error', (error: unknown) => {
        trouble = wordsOf(error);
      });
      // One that was ended while it was dialled is connected all the same, and left so.
      client.on('ready', () => {
        if (isClosed || current !== pair) client.destroy();
      });
    }
    // It subscribes again by itself, except where it was cut off before its first subscription was confirmed.
    pair.hearer.on('ready', () => void pair.hearer.subscribe(channel, onMessage).then(onHeard, () => {}));
    // Dialled again and again; it fails when it is ended only.
    for (const client of [pair.caller, pair.hearer]) client.connect().catch(() => {});
    return pair;
  }

  const giveUp = (pair: typeof current): void => {
    if (current !== pair || isClosed) return;
    current = dial();
    pair.caller.destroy();
    pair.hearer.destroy();
  };

  return {
    get isReachable() {
      return isReachable;
    },
    async call(ask) {
      const pair = current;
      const late = deadline(callMs);
      try {
        if (!pair.caller.isReady) throw new SluiceError('registry.unreachable', trouble);
        const answer = await Promise.race([ask(pair.caller), late.reached]);
        isReachable = true;
        return answer;
      } catch (error) {
        isReachable = false;
        if (error === late.error) giveUp(pair);
        throw error instanceof SluiceError ? error : new SluiceError('registry.unreachable', wordsOf(error));
      } finally {
        late.clear();
      }
    },
    close() {
      isClosed = true;
      current.caller.destroy();
      current.hearer.destroy();
    },
  };
}

function deadline(ms: number) {
  const error = new SluiceError('registry.unreachable', `no answer in ${ms} ms`);
  let timer: NodeJS.Timeout | undefined;
  const reached = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, ms, error);
  });
  // It may come when nobody waits any more.
  reached.catch(() => {});
  return { error, reached, clear: () => clearTimeout(timer) };
}

/** Of an answer its first word alone (NOAUTH, OOM, READONLY): some quote what was asked, passwords included. */
function wordsOf(error: unknown): string {
  const { code, message } = readThrown(error);
  if (error instanceof ErrorReply) return /^[A-Z]+/.exec(message)?.[0] ?? 'an error';
  return code || message;
}
