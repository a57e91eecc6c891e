/** The server process: what it starts in which order, what it does at signals, and in which order it ends. */
import { resolve } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { reachable } from './cli/server-at.js';
import { monotonicMs } from './clock.js';
import type { Cluster } from './cluster/cluster.js';
import type { Launch } from './config/load.js';
import type { Settings } from './config/schema.js';
import { listUris } from './core/source/uri-list.js';
import { SluiceError } from './errors.js';
import { createLog } from './log.js';
import type { Logger } from './log-line.js';
import { testNetwork } from './net/network-test.js';
import type { UpMessage } from './parent/respawn.js';
import { createServiceManager } from './parent/service-manager.js';
import { configured, reload } from './reload.js';
import { startRtmpListener } from './rtmp-out/listener.js';
import { createLogTail } from './server/log-tail.js';
import { type Server, startServer } from './server/server.js';
import { createKeeper, type Keeper } from './state/keeper.js';
import { inOrder, type KeptPull } from './state/kept-pulls.js';
import { openRevocations } from './state/revocations.js';
import { type Demo, startDemo } from './supervisor/demo.js';
import { createDrain, type Drain } from './supervisor/drain.js';
import type { PullRequest } from './supervisor/pull-info.js';
import type { LocalStreams, Streams } from './supervisor/streams.js';
import { createStreams } from './supervisor/supervisor.js';
import { armLastResort } from './threads/last-resort.js';
import { nativeThreads } from './threads/native/native-threads.js';
import { closeSinglePort, openSinglePort } from './threads/single-port.js';
import { commit } from './versions.js';

type Findings = Pick<RunLaunch, 'warnings' | 'wcsReport'>;
type RunLaunch = Pick<Launch & { readonly kind: 'run' }, 'settings' | 'warnings' | 'wcsReport'>;

/** Relative to the bundle, .build/dist/main/main.mjs. */
const place = (path: string): URL => new URL(path, import.meta.url);

/** What the server says of itself, and the pages that are delivered with it. */
const delivered = { version: packageJson.version, commit, webFolder: place('../web/') };

const kill = (): void => void process.kill(process.pid, 'SIGKILL');

/** `read`: the configuration as it is now, for SIGHUP. */
export async function serve({ settings, ...findings }: RunLaunch, read: () => Launch): Promise<Server> {
  const { log, levels, flush, discard, logTail } = openLog(settings, findings);
  const notify = nativeThreads()?.notify ?? null;
  const manager = createServiceManager({ env: process.env, pid: process.pid, notify, log, nowMs: monotonicMs });
  const keeper = createKeeper({ file: settings.pulls.stateFile, wanted: () => streams.wanted(), log });
  const { streams, cluster } = await openStreams(settings, log, keeper);
  let demo: Promise<Demo | null> = Promise.resolve(null);
  const drain = createDrain({
    refuse: (isRefused) => server.refuse(isRefused),
    handOver: cluster?.state.handOver,
    takeAgain: cluster?.state.takeAgain,
    steps: [
      manager.stopping,
      keeper.close,
      () => rtmpOut.close(),
      () => cluster?.leave(),
      streams.close,
      () => server.close(),
      async () => (await demo)?.stop(),
    ],
    log,
    ...endOfProcess(streams, flush, discard),
  });
  const server = await startServer({
    settings,
    streams,
    drain,
    log,
    logTail,
    logLevels: levels,
    ...delivered,
    revocations: await openRevocations(settings.playback.revokedFile, log),
    cluster: cluster?.state,
    peers: cluster?.peers,
  });
  const rtmpOut = await startRtmpListener({ settings, streams, links: cluster?.links ?? null, gate: server.gate, log });
  await cluster?.join(server);
  const ready = (): void => manager.ready(`serving at port ${server.restPort}`);
  listenToProcess(drain, log, () => {
    manager.reloading();
    void server.reloadCertificate();
    reload({ settings, read, streams, start: starter(streams, log), levels, log });
    ready();
  });
  tellParent(settings.pulls);
  ready();
  await startPulls({ settings, streams, keeper, log });
  if (settings.demo.enabled) demo = playDemo(settings, streams, log, server.restPort);
  return server;
}

/** Those of this process, or those of all nodes of its cluster. */
async function openStreams(settings: Settings, log: Logger, { changed }: Pick<Keeper, 'changed'>) {
  await learnNetwork(settings, log);
  openSinglePort(settings, log);
  const local = await createStreams({ settings, log, onWanted: changed });
  const cluster = await clusterOf(settings, local, log);
  return { streams: cluster?.streams ?? local, cluster };
}

/** Null where this server is alone: nothing of it is loaded. */
async function clusterOf(settings: Settings, local: LocalStreams, log: Logger): Promise<Cluster | null> {
  if (settings.cluster.redis === '') return null;
  const { createCluster } = await import('./cluster/cluster.js');
  const { openRegistry } = await import('./cluster/open-registry.js');
  const registry = await openRegistry(settings.cluster);
  return createCluster({ settings, registry, local, log, nowMs: monotonicMs });
}

/** What viewers are given, and what cannot work: the first thing to look at when they do not connect. */
async function learnNetwork({ webrtc, pulls }: Settings, log: Logger): Promise<void> {
  const { listen, interfaces, announce, stunServer, singlePort } = webrtc;
  const { portMin, portMax, maxStreams } =
    singlePort > 0
      ? { portMin: singlePort, portMax: singlePort, maxStreams: 1 }
      : { portMin: webrtc.portMin, portMax: webrtc.portMax, maxStreams: pulls.max };
  const network = await testNetwork({ listen, interfaces, announce, stunServer, portMin, portMax, maxStreams });
  webrtc.announce = [...network.announce];
  for (const { code, severity, evidence, advice } of network.problems) {
    log(severity === 'warning' ? 'warn' : severity, 'network.problem', { code, evidence, advice });
  }
}

async function playDemo(settings: Settings, streams: Streams, log: Logger, restPort: number): Promise<Demo | null> {
  const demo = await startDemo({ settings, entry: place('../actors/demo.cjs'), log, register: streams.register });
  if (demo === null) return null;
  const localStreamName = settings.demo.name;
  const tracks = { record: false, hasAudio: true, hasVideo: true };
  const wanted: PullRequest = { uris: [demo.uri], localStreamName, ...tracks, origin: 'demo' };
  // Not a log line: stdout holds those alone.
  if (await startPull(streams, log, wanted))
    console.error(addressesOf(settings.server.host, restPort, localStreamName));
  return demo;
}

/** The parent names the file where it gives up: what it holds may be why. */
function tellParent({ stateFile }: Settings['pulls']): void {
  process.send?.({ stateFile: stateFile === '' ? '' : resolve(stateFile) } satisfies UpMessage);
}

/** What the configuration made one wonder about. */
function logFindings(log: Logger, { warnings, wcsReport }: Findings): void {
  for (const warning of warnings) log('warn', 'config.unknownVariable', { warning });
  for (const property of wcsReport) log('info', 'config.wcsProperty', { property });
}

/** The last steps. `discard`: of lines that nobody reads. */
const endOfProcess = (streams: Pick<Streams, 'stuckThreads'>, flush: () => Promise<void>, discard: () => void) => ({
  flush,
  nowMs: monotonicMs,
  exit(code: number): void {
    discard();
    closeSinglePort();
    if (streams.stuckThreads > 0) kill();
    process.exit(code);
  },
  kill,
  arm: armLastResort,
});

/** With its newest lines kept, for the console. */
function openLog(settings: Settings, findings: Findings) {
  const { onLine, ...log } = createLog(settings.log);
  const logTail = createLogTail();
  onLine(logTail.take);
  logFindings(log.log, findings);
  return { ...log, logTail };
}

/** False when the pull is refused; the reason is logged. */
async function startPull(streams: Streams, log: Logger, request: PullRequest, client?: string): Promise<boolean> {
  try {
    await streams.pull(request, client);
    return true;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    log('error', 'pull.refused', { uri: listUris(request)[0], reason: error.code, detail: error.detail });
    return false;
  }
}

const starter =
  (streams: Streams, log: Logger) =>
  (request: PullRequest): void =>
    void startPull(streams, log, request);

interface PullsToStart {
  readonly settings: Settings;
  readonly streams: Streams;
  readonly keeper: Keeper;
  readonly log: Logger;
}

/** What the configuration wants, and what was wanted when the process ended. */
async function startPulls({ settings, streams, keeper, log }: PullsToStart): Promise<void> {
  const start = (wanted: readonly PullRequest[], kept: readonly KeptPull[]): void => {
    if (kept.length > 0) log('info', 'pulls.restored', { pulls: kept.length });
    for (const { request, client } of inOrder(wanted, kept)) void startPull(streams, log, request, client ?? undefined);
  };
  const kept = await keeper.open();
  start(settings.streams.map(configured), kept ?? []);
  if (kept === null) void keeper.whenFree().then((later) => start([], later));
}

/** A terminal that is closed ends what it started; a service is asked to read its configuration again. */
function listenToProcess(drain: Drain, log: Logger, reload: () => void): void {
  const ending = process.stdin.isTTY ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : ['SIGTERM', 'SIGINT'];
  for (const signal of ending) process.on(signal, drain.onSignal);
  if (!process.stdin.isTTY) process.on('SIGHUP', reload);
  process.on('SIGUSR2', (signal) => log('info', 'process.signalIgnored', { signal }));
  process.on('disconnect', drain.onOrphaned);
  process.on('uncaughtException', drain.onUncaught);
}

/** What a newcomer opens first. */
function addressesOf(host: string, port: number, name: string): string {
  const home = `http://${reachable(host)}:${port}/`;
  return `The demo plays at ${home}player?name=${encodeURIComponent(name)} and the console is at ${home}`;
}
