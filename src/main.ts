/** The main thread: loads the configuration, then starts the supervisor, the server and the configured pulls. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { askForControl, report } from './check/outsider.js';
import { checkSource } from './check/source-check.js';
import { monotonicMs } from './clock.js';
import { load } from './config/load.js';
import type { Settings } from './config/schema.js';
import { listUris } from './core/source/uri-list.js';
import { SluiceError } from './errors.js';
import { createLog } from './log.js';
import type { Logger } from './log-line.js';
import type { UpMessage } from './parent/respawn.js';
import { startRtmpListener } from './rtmp-out/listener.js';
import { createLogTail } from './server/log-tail.js';
import { startServer } from './server/server.js';
import { createKeeper, type Keeper } from './state/keeper.js';
import { inOrder, type KeptPull } from './state/kept-pulls.js';
import { type Demo, startDemo } from './supervisor/demo.js';
import { createDrain, type Drain } from './supervisor/drain.js';
import type { PullRequest, Streams } from './supervisor/streams.js';
import { createStreams } from './supervisor/supervisor.js';
import { armLastResort } from './threads/last-resort.js';
import { versionText } from './versions.js';

const kill = (): void => void process.kill(process.pid, 'SIGKILL');

/** Relative to the bundle, .build/dist/main/main.mjs. */
const place = (path: string): URL => new URL(path, import.meta.url);

async function run(settings: Settings, warnings: readonly string[], wcsReport: readonly string[]): Promise<void> {
  const { log, flush, discard, logTail } = openLog(settings);
  for (const warning of warnings) log('warn', 'config.unknownVariable', { warning });
  for (const property of wcsReport) log('info', 'config.wcsProperty', { property });
  const { stateFile } = settings.pulls;
  const keeper = createKeeper({ file: stateFile, wanted: () => streams.wanted(), log });
  const streams = await createStreams({ settings, log, onWanted: keeper.changed });
  let demo: Promise<Demo | null> = Promise.resolve(null);
  const drain = createDrain({
    refuse: (isRefused) => server.refuse(isRefused),
    steps: [keeper.close, () => rtmpOut.close(), streams.close, () => server.close(), async () => (await demo)?.stop()],
    log,
    flush,
    exit(code) {
      discard();
      if (streams.stuckThreads > 0) kill();
      process.exit(code);
    },
    kill,
    arm: armLastResort,
    nowMs: monotonicMs,
  });
  const rtmpOut = await startRtmpListener({ settings, streams, log });
  const server = await startServer({
    settings,
    streams,
    drain,
    log,
    logTail,
    version: packageJson.version,
    webFolder: place('../web/'),
  });
  listenToProcess(drain, log);
  process.send?.({ stateFile: stateFile === '' ? '' : resolve(stateFile) } satisfies UpMessage);

  await startPulls({ settings, streams, keeper, log });
  if (!settings.demo.enabled) return;
  demo = startDemo({ settings, entry: place('../actors/demo.cjs'), log, register: streams.register });
  const uri = (await demo)?.uri;
  const localStreamName = settings.demo.name;
  const tracks = { record: false, hasAudio: true, hasVideo: true };
  const wantsDemo: PullRequest = { uris: uri === undefined ? [] : [uri], localStreamName, ...tracks, origin: 'demo' };
  if (uri === undefined || !startPull(streams, log, wantsDemo)) return;
  // Not a log line: stdout holds those alone.
  console.error(addressesOf(settings.server.host, server.restPort, localStreamName));
}

/** Nothing is served, and nothing logged: what is found is the output. */
async function runSourceCheck(uri: string, settings: Settings): Promise<void> {
  const streams = await createStreams({ settings, log: () => {} });
  try {
    const write = (text: string): void => void process.stdout.write(text);
    process.exitCode = await checkSource({ uri, streams, write, nowMs: monotonicMs });
  } catch (error) {
    console.error(error instanceof SluiceError ? error.message : error);
    process.exitCode = 1;
  }
  await streams.close();
}

/** With its newest lines kept, for the console. */
function openLog(settings: Settings) {
  const { onLine, ...log } = createLog(settings.log);
  const logTail = createLogTail();
  onLine(logTail.take);
  return { ...log, logTail };
}

/** False when the pull is refused; the reason is logged. */
function startPull(streams: Streams, log: Logger, request: PullRequest, client?: string): boolean {
  try {
    streams.pull(request, client);
    return true;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    log('error', 'pull.refused', { uri: listUris(request)[0], reason: error.code, detail: error.detail });
    return false;
  }
}

interface PullsToStart {
  readonly settings: Settings;
  readonly streams: Streams;
  readonly keeper: Keeper;
  readonly log: Logger;
}

/** What the configuration wants, and what was wanted when the process ended. */
async function startPulls({ settings, streams, keeper, log }: PullsToStart): Promise<void> {
  const start = (configured: readonly PullRequest[], kept: readonly KeptPull[]): void => {
    if (kept.length > 0) log('info', 'pulls.restored', { pulls: kept.length });
    for (const { request, client } of inOrder(configured, kept)) startPull(streams, log, request, client ?? undefined);
  };
  const configured = settings.streams.map((wanted): PullRequest => ({ ...wanted, origin: 'config' }));
  const kept = await keeper.open();
  start(configured, kept ?? []);
  if (kept === null) void keeper.whenFree().then((later) => start([], later));
}

/**
 * A terminal that is closed ends what it started; a service is only asked to read its configuration again, which it does
 * not.
 */
function listenToProcess(drain: Drain, log: Logger): void {
  const ending = process.stdin.isTTY ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : ['SIGTERM', 'SIGINT'];
  const ignored = process.stdin.isTTY ? ['SIGUSR2'] : ['SIGHUP', 'SIGUSR2'];
  for (const signal of ending) process.on(signal, drain.onSignal);
  for (const signal of ignored) process.on(signal, () => log('info', 'process.signalIgnored', { signal }));
  process.on('disconnect', drain.onOrphaned);
  process.on('uncaughtException', drain.onUncaught);
}

/** What a newcomer opens first. */
function addressesOf(host: string, port: number, name: string): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  const home = `http://${shown}:${port}/`;
  return `The demo plays at ${home}player?name=${encodeURIComponent(name)} and the console is at ${home}`;
}

const launch = load(process.argv.slice(2), process.env, {
  defaultFile: fileURLToPath(place('../../../config/sluice.yaml')),
  version: packageJson.version,
});
if (launch.kind === 'check') {
  const { text, exitCode } = report(await askForControl(launch.control));
  process.stdout.write(text);
  process.exitCode = exitCode;
} else if (launch.kind === 'checkSource') {
  await runSourceCheck(launch.uri, launch.settings);
} else if (launch.kind === 'version') {
  const { version, dependencies } = packageJson;
  const uWebSockets = dependencies['uWebSockets.js'];
  process.stdout.write(await versionText(version, dependencies['node-av'], uWebSockets));
} else if (launch.kind === 'print') {
  (launch.exitCode === 0 ? process.stdout : process.stderr).write(launch.text);
  process.exitCode = launch.exitCode;
} else {
  try {
    await run(launch.settings, launch.warnings, launch.wcsReport);
  } catch (error) {
    console.error(error instanceof SluiceError ? error.message : error);
    process.exit(1);
  }
}
