/** A node of the cluster as a process on a host of its own. */
import { type Cluster, cluster } from '../../src/server/cluster-schemas.js';
import { type Host, hubAddress } from '../support/network/hosts.js';
import { type Child, startChild } from '../support/server/child.js';

const clusterSecret = 'a secret of the tests, long enough';

export interface ClusterNode {
  readonly name: string;
  readonly host: Host;
  readonly child: Child;
  /** By which the hub, and viewers elsewhere, reach it. */
  readonly http: string;
  /** By which viewers on its own host do. */
  readonly ownHttp: string;
  /** What it knows; undefined while it does not answer. */
  cluster(): Promise<Cluster | undefined>;
  ask(method: string, path: string, body?: unknown): Promise<Response>;
  /** How often the log has this event so far. */
  logged(event: string): number;
}

const ports = { rest: 8081, ws: 8080, rtmp: 1935 };
/** Of a node that stands still nothing comes. */
const lookTimeoutMs = 1500;
const orderTimeoutMs = 15_000;
/** On a machine that others use. */
const startMs = 60_000;

export async function startNode(host: Host, flags: readonly string[]): Promise<ClusterNode> {
  const { name, address, under } = host;
  const [command = '', ...words] = under;
  const http = `http://${address}:${ports.rest}`;
  const child = await startChild(command, [
    ...words,
    process.execPath,
    '.build/dist/main/main.mjs',
    `--server.restPort=${ports.rest}`,
    `--server.wsPort=${ports.ws}`,
    `--webrtc.listen=${address},127.0.0.1`,
    `--control.allow=${hubAddress}`,
    `--rtmpOut.port=${ports.rtmp}`,
    `--cluster.secret=${clusterSecret}`,
    `--cluster.node=${name}`,
    `--cluster.advertise=${address}`,
    ...['maxPerIp', 'maxPerStream', 'max', 'maxUnfinished', 'maxUnfinishedPerIp'].map(
      (key) => `--viewers.${key}=10000`,
    ),
    // The machine is shared: nobody is refused because others take its cores.
    '--viewers.maxCpuPercent=0',
    '--viewers.maxLoopLagMs=0',
    '--log.format=json',
    '--demo.enabled=false',
    '--pulls.stateFile=',
    '--playback.revokedFile=',
    '--recordings.folder=',
    ...flags,
  ]);
  await child.line('it serves', (line) => line.includes('"server.listening"'), startMs);
  const ask: ClusterNode['ask'] = (method, path, body) =>
    fetch(`${http}${path}`, {
      method,
      signal: AbortSignal.timeout(method === 'GET' ? lookTimeoutMs : orderTimeoutMs),
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
  return {
    name,
    host,
    child,
    http,
    ownHttp: `http://127.0.0.1:${ports.rest}`,
    async cluster() {
      try {
        return cluster.parse(await (await ask('GET', '/api/cluster')).json()) ?? undefined;
      } catch {
        return undefined;
      }
    },
    ask,
    logged: (event) => child.lines.filter((line) => line.includes(`"event":"${event}"`)).length,
  };
}
