/** The main thread: loads the configuration, then starts the supervisor, the server and the configured pulls. */
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { askForControl, report } from './check/outsider.js';
import { checkSource } from './check/source-check.js';
import { monotonicMs } from './clock.js';
import { load } from './config/load.js';
import type { Settings } from './config/schema.js';
import { listUris } from './core/rtmp/uri-list.js';
import { SluiceError } from './errors.js';
import { createLog } from './log.js';
import type { Logger } from './log-line.js';
import { createLogTail } from './server/log-tail.js';
import { startServer } from './server/server.js';
import { type Demo, startDemo } from './supervisor/demo.js';
import { createDrain, type Drain } from './supervisor/drain.js';
import type { PullRequest } from './supervisor/streams.js';
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
  const streams = await createStreams({ settings, log });
  const server = await startServer({
    settings,
    streams,
    log,
    logTail,
    version: packageJson.version,
    webFolder: place('../web/'),
  });
  let demo: Promise<Demo | null> = Promise.resolve(null);
  const drain = createDrain({
    steps: [() => server.drain(), () => streams.close(), () => server.close(), async () => (await demo)?.stop()],
    log,
    flush,
    exit(code) {
      discard();
      if (streams.stuckThreads > 0) kill();
      process.exit(code);
    },
    kill,
    arm: armLastResort,
  });
  listenToSignals(drain, log);
  process.on('uncaughtException', drain.onUncaught);

  /** False when the pull is refused; the reason is logged. */
  const pull = (request: PullRequest): boolean => {
    try {
      streams.pull(request);
      return true;
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      log('error', 'pull.refused', { uri: listUris(request)[0], reason: error.code, detail: error.detail });
      return false;
    }
  };
  for (const wanted of settings.streams) pull({ ...wanted, origin: 'config' });
  if (!settings.demo.enabled) return;
  demo = startDemo({ settings, entry: place('../actors/demo.cjs'), log, register: streams.register });
  const uri = (await demo)?.uri;
  const localStreamName = settings.demo.name;
  const tracks = { record: false, hasAudio: true, hasVideo: true };
  if (uri === undefined || !pull({ uri, localStreamName, ...tracks, origin: 'demo' })) return;
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

/**
 * A terminal that is closed ends what it started; a service is only asked to read its configuration again, which it does
 * not.
 */
function listenToSignals(drain: Pick<Drain, 'onSignal'>, log: Logger): void {
  const ending = process.stdin.isTTY ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : ['SIGTERM', 'SIGINT'];
  const ignored = process.stdin.isTTY ? ['SIGUSR2'] : ['SIGHUP', 'SIGUSR2'];
  for (const signal of ending) process.on(signal, drain.onSignal);
  for (const signal of ignored) process.on(signal, () => log('info', 'process.signalIgnored', { signal }));
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
