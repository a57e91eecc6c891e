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
const deadlineSteps = 4;
const connectMs = 1000;
/** Nobody waits longer for the first connections, whatever they do. */
const openMs = 3000;
const firstRetryMs = 100;
const maxRetryMs = 1000;
/** A connection that is silent for so long is dialled again: a handshake that is never answered, a line that is dead. */
const silenceMs = 5000;
const pingMs = 2000;

const dialling = {
  connectTimeout: connectMs,
  socketTimeout: silenceMs,
  // The default gives up after a timeout.
  reconnectStrategy: (retries: number): number => Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(retries, 10)),
};

function createRedisClient({ host, port, isTls, user, password, database, caPem }: RedisTarget) {
  const server = { host, port, ...dialling };
  // Without a file those of Node are taken.
  const trust = caPem === '' ? {} : { ca: [...rootCertificates, caPem] };
  return createClient({
    socket: isTls ? { ...server, ...trust, tls: true, servername: isIP(host) === 0 ? host : '' } : server,
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

type RedisClient = ReturnType<typeof createRedisClient>;

/** What does not answer one of them does not tell the other anything either. */
interface Connections {
  readonly caller: RedisClient;
  readonly hearer: RedisClient;
}

interface RedisLinkOptions {
  readonly target: RedisTarget;
  readonly channel: string;
  readonly onMessage: (text: string) => void;
  /** Both connections are there. Messages may have been missed, and are heard from now on. */
  readonly onBack: () => void;
}

export interface RedisLink {
  readonly isReachable: boolean;
  /** Error: registry.unreachable, in a second at the latest. */
  call<T>(ask: (client: RedisClient) => Promise<T>): Promise<T>;
  close(): void;
}

/** Resolves when both connections are there, or it is known that they are not. */
export async function openRedisLink({ target, channel, onMessage, onBack }: RedisLinkOptions): Promise<RedisLink> {
  let isClosed = false;
  let isReachable = false;
  /** Why there is no connection. */
  let trouble = '';
  let onTried = (): void => {};

  const dial = (): Connections => {
    const pair = { caller: createRedisClient(target), hearer: createRedisClient(target) };
    const isWanted = (): boolean => !isClosed && current === pair;
    for (const client of [pair.caller, pair.hearer]) {
      client.on('error', (error: unknown) => {
        trouble = wordsOf(error);
        onTried();
      });
      // One that was ended while it was dialled is connected all the same, and left so.
      client.on('ready', () => {
        if (!isWanted()) client.destroy();
      });
    }
    let isHearing = false;
    const isBack = (): void => {
      if (!isHearing || !pair.caller.isReady || !isWanted()) return;
      onTried();
      onBack();
    };
    // Once more after each loss: the client does so too, but not where it was cut off before the first was confirmed.
    pair.hearer.on('ready', () => {
      if (!isWanted()) return;
      const heard = (): void => {
        isHearing = true;
        isBack();
      };
      pair.hearer.subscribe(channel, onMessage).then(heard, () => {});
    });
    pair.hearer.on('error', () => {
      isHearing = false;
    });
    pair.caller.on('ready', isBack);
    return pair;
  };
  /** They are dialled again and again: this fails when they are ended alone. */
  const connect = ({ caller, hearer }: Connections): void => {
    for (const client of [caller, hearer]) client.connect().catch(() => {});
  };
  const end = ({ caller, hearer }: Connections): void => {
    caller.destroy();
    hearer.destroy();
  };
  const giveUp = (pair: Connections): void => {
    if (current !== pair || isClosed) return;
    current = dial();
    connect(current);
    end(pair);
  };

  let current = dial();
  await new Promise<void>((resolve) => {
    onTried = resolve;
    setTimeout(resolve, openMs).unref();
    connect(current);
  });

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
        // A replica: after a fail-over the name leads to another server.
        if (error === late.error || wordsOf(error) === 'READONLY') giveUp(pair);
        throw error instanceof SluiceError ? error : new SluiceError('registry.unreachable', wordsOf(error));
      } finally {
        late.clear();
      }
    },
    close() {
      isClosed = true;
      end(current);
    },
  };
}

/**
 * Of time in which this process ran: where it stood still itself, no answer could be read. A step that comes late counts as one, and
 * what lies in the socket then is read before the last one is judged.
 */
function deadline(ms: number) {
  const error = new SluiceError('registry.unreachable', `no answer in ${ms} ms`);
  let timer: NodeJS.Timeout | undefined;
  const reached = new Promise<never>((_, reject) => {
    const step = (left: number): void => {
      if (left === 0) setImmediate(reject, error);
      else timer = setTimeout(step, ms / deadlineSteps, left - 1);
    };
    step(deadlineSteps);
  });
  return { error, reached, clear: () => clearTimeout(timer) };
}

/** Of an answer its first word alone (NOAUTH, OOM, READONLY): some quote what was asked, passwords included. */
function wordsOf(error: unknown): string {
  const { code, message } = readThrown(error);
  if (error instanceof ErrorReply) return /^[A-Z]+/.exec(message)?.[0] ?? 'an error';
  return code || message;
}
