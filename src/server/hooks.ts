/** The REST hooks of the configuration: their settings for sessions, and the client that calls the back ends. */
import { randomBytes } from 'node:crypto';
import { monotonicMs } from '../clock.js';
import type { Settings } from '../config/schema.js';
import type { HookSettings } from '../core/wcs/contract.js';
import { createHookClient, type HookClient } from './hook-client.js';

export interface Hooks {
  readonly settings: HookSettings;
  readonly client: HookClient;
}

/** Null when no application has a back end. */
export function createHooks({ hooks, rtmp, server }: Settings): Hooks | null {
  const apps = hooks.apps.map((app) => [app.slice(0, app.indexOf('=')), app.slice(app.indexOf('=') + 1)] as const);
  if (apps.every(([, url]) => url === '')) return null;
  return {
    settings: {
      nodeId: `${randomBytes(16).toString('hex')}@${server.host}`,
      apps: new Map(apps.map(([appKey, url]) => [appKey, url !== ''])),
      keepAliveMs: hooks.keepAliveMs,
      keepAliveAppKeys: new Set(hooks.keepAliveAppKeys),
    },
    client: createHookClient({
      urls: new Map(apps.map(([appKey, url]) => [appKey, url.replace(/\/$/, '')])),
      timeoutMs: hooks.timeoutMs,
      maxConnections: hooks.maxConnections,
      dnsTimeoutMs: rtmp.dnsTimeoutMs,
      nowMs: monotonicMs,
    }),
  };
}
