/** This node as it announces itself. */
import { randomUUID } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import type { Settings } from '../config/schema.js';
import type { NodeAddresses, NodeRecord, NodeRoom } from '../core/cluster/records.js';
import { listenAddresses } from '../net/listen-addresses.js';
import { protocol } from './protocol.js';

/** As the server has opened them. TLS: null where there is no certificate. */
export interface OpenPorts {
  readonly restPort: number;
  readonly wsPort: number;
  readonly restTlsPort: number | null;
  readonly wsTlsPort: number | null;
}

interface SelfOptions {
  readonly settings: Pick<Settings, 'cluster' | 'rtmpOut'>;
  /** As they are now. */
  readonly ports: () => OpenPorts;
  readonly room: () => NodeRoom;
}

export function createSelf({ settings, ports, room }: SelfOptions): () => Omit<NodeRecord, 'isDraining' | 'trialKey'> {
  const { node, label } = settings.cluster;
  const nodeId = randomUUID();
  const name = node === '' ? hostname() : node;
  const host = hostOf(settings.cluster.advertise);
  return () => ({ nodeId, name, protocol, label, addresses: addressesOf(settings, host, ports()), room: room() });
}

/** By TLS where there is a certificate: pages by https:// play from nowhere else. */
function addressesOf({ cluster, rtmpOut }: SelfOptions['settings'], host: string, ports: OpenPorts): NodeAddresses {
  const { restPort, wsPort, restTlsPort, wsTlsPort } = ports;
  const http = restTlsPort === null ? `http://${host}:${restPort}` : `https://${host}:${restTlsPort}`;
  const ws = wsTlsPort === null ? `ws://${host}:${wsPort}` : `wss://${host}:${wsTlsPort}`;
  return {
    http: withoutSlash(cluster.httpUrl || http),
    ws: withoutSlash(cluster.wsUrl || ws),
    rtmp: `${host}:${rtmpOut.port}`,
  };
}

/** As it stands in an address. */
function hostOf(advertise: string): string {
  const host = advertise === '' ? (listenAddresses(networkInterfaces())[0] ?? '') : advertise;
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

const withoutSlash = (url: string): string => url.replace(/\/$/, '');
