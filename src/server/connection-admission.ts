/** Each TCP connection as it comes: kept, or closed at once. core/guard/admission.ts decides. */

import type { HttpResponse, TemplatedApp } from 'uWebSockets.js';
import { readFileSync } from 'node:fs';
import type { Settings } from '../config/schema.js';
import { type Admitted, createAdmission } from '../core/guard/admission.js';
import { clientKey, isWithin, parseAddress, parseRange } from '../core/guard/ip-address.js';
import { createRateLimit } from '../core/guard/rate.js';
import { countClients } from '../core/guard/tcp-table.js';
import type { Logger } from '../log-line.js';
import { createDescriptors, reservedOf } from '../net/descriptors.js';

export interface ConnectionAdmission {
  /** Open now. */
  readonly open: number;
  /** Closed at once so far, by the reason. */
  readonly refused: ReadonlyMap<Refused, number>;
  /** From now on. */
  watch(app: TemplatedApp, kind: PortKind): void;
  /** The ports on which clients are counted. */
  listening(ports: ReadonlySet<number>): void;
}

/** To that of control everybody may connect. */
export type PortKind = 'plain' | 'tls' | 'control';

type Refused = Exclude<Admitted, 'kept'>;

interface ConnectionAdmissionOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** Monotonic ms. */
  readonly nowMs: () => number;
}

/** Strangers leave a quarter of the descriptors to sources, media ports, threads, and those who may control. */
const strangersShare = 0.75;
/** Of its connections so many may be new in a second by TLS, where each takes a millisecond of this thread. */
const newByTlsShare = 0.1;
const betweenLogsMs = 60_000;

declare module 'uWebSockets.js' {
  // The binary has it; its types want a number object.
  interface TemplatedApp {
    filter(cb: (response: HttpResponse, count: number) => void): TemplatedApp;
  }
}

export function createConnectionAdmission({ settings, log, nowMs }: ConnectionAdmissionOptions): ConnectionAdmission {
  const { server, control } = settings;
  const descriptors = createDescriptors();
  const limit = descriptors.limit ?? Number.POSITIVE_INFINITY;
  const admission = createAdmission({
    maxConnections: Math.min(server.maxConnections, Math.floor(limit * strangersShare)),
    maxPerClient: server.maxConnectionsPerClient,
    reservedDescriptors: reservedOf(Math.min(limit, server.maxConnections)),
  });
  const ranges = [...control.allow, ...server.trustedProxies].map(parseRange).filter((range) => range !== null);
  const handshakes = createRateLimit({
    perMinute: 60 * newByTlsShare * server.maxConnectionsPerClient,
    burst: server.maxConnectionsPerClient,
  });
  const refused = new Map<Refused, number>();
  const loggedMs = new Map<Refused, number>();
  let ports: ReadonlySet<number> = new Set();
  let isRefusing = false;

  const isOperator = (ip: string): boolean => {
    const address = parseAddress(ip);
    return address !== null && ((control.loopback && address.range() === 'loopback') || isWithin(address, ranges));
  };

  const note = (why: Refused, ip: string, freeDescriptors: number | null): void => {
    const total = (refused.get(why) ?? 0) + 1;
    refused.set(why, total);
    if (nowMs() - (loggedMs.get(why) ?? Number.NEGATIVE_INFINITY) < betweenLogsMs) return;
    loggedMs.set(why, nowMs());
    log('warn', 'server.connectionRefused', { why, clientIp: ip, total, open: admission.open, freeDescriptors });
  };

  const count = (): ReadonlyMap<string, number> =>
    new Map(['tcp', 'tcp6'].flatMap((table) => [...countClients(readTable(table), ports)]));

  return {
    get open() {
      return admission.open;
    },
    refused,
    listening(given) {
      ports = given;
    },
    watch(app, kind) {
      // It must not throw: uWebSockets.js calls it.
      const onChange = (response: HttpResponse, change: number): void => {
        if (isRefusing) return;
        if (change < 0) {
          admission.gone();
          descriptors.add(-1);
          return;
        }
        const ip = Buffer.from(response.getRemoteAddressAsText()).toString('latin1');
        descriptors.add(1);
        const freeDescriptors = descriptors.free(nowMs());
        const isTrusted = kind === 'control' || isOperator(ip);
        const isTooFast = kind === 'tls' && !isTrusted && !handshakes.take(clientKey(ip), nowMs());
        const arrival = { ip, isTrusted, freeDescriptors };
        const admitted = isTooFast ? 'tooManyOfClient' : admission.arrived(arrival, nowMs(), count);
        if (admitted === 'kept') return;
        note(admitted, ip, freeDescriptors);
        // It is called within `close` for the end of this one, which was never counted.
        isRefusing = true;
        response.close();
        isRefusing = false;
        descriptors.add(-1);
      };
      app.filter(onChange);
    },
  };
}

function readTable(name: string): string {
  try {
    return readFileSync(`/proc/self/net/${name}`, 'latin1');
  } catch {
    return '';
  }
}
