/** The main thread: reads the configuration and the command, and does what that says; without one it serves. */
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { checkControl } from './cli/check-control.js';
import { checkSource } from './cli/check-source.js';
import { drainServer } from './cli/drain.js';
import { openPage } from './cli/open-page.js';
import { isServing, pageOf, pullSource } from './cli/pull-source.js';
import { reachable, refusalWords, serverAt } from './cli/server-at.js';
import { serverStatus } from './cli/status.js';
import { printedToken } from './cli/token.js';
import { monotonicMs } from './clock.js';
import { type Launch, load } from './config/load.js';
import type { Settings } from './config/schema.js';
import { SluiceError } from './errors.js';
import { serve } from './serve.js';
import { createStreams } from './supervisor/supervisor.js';
import { versionText } from './versions.js';

type ClientLaunch = Launch & { readonly settings: Settings };

/** Nothing is served, and nothing logged: what is found is the output. */
async function runSourceCheck(uri: string, settings: Settings): Promise<void> {
  const streams = await createStreams({ settings, log: () => {} });
  try {
    const write = (text: string): void => void process.stdout.write(text);
    process.exitCode = await checkSource({ uri, streams, write, nowMs: monotonicMs });
  } finally {
    await streams.close();
  }
}

/** By the server that runs, else by one of our own. */
async function runPull(command: ClientLaunch & { readonly kind: 'pullSource' }): Promise<void> {
  const { uri, name, opens, at, settings } = command;
  const server = serverAt(at, settings, process.env.SLUICE_API_KEY);
  const show = async (page: URL): Promise<void> => {
    console.error(`The page of ${name} is ${page.href} and the console is at ${new URL('/', page).href}`);
    if (opens && !(await openPage(page))) console.error('It was not opened: there is no xdg-open.');
  };
  if (await isServing(server)) {
    const { page, isLive } = await pullSource(server, { uri, name }, (line) => console.error(line));
    await show(page);
    process.exitCode = isLive ? 0 : 1;
    return;
  }
  if (at !== null) throw new SluiceError('config.invalid', `nobody answers at ${at.href}`);
  settings.demo.enabled = false;
  settings.streams.push({ uri, localStreamName: name, record: false, hasAudio: true, hasVideo: true });
  const { restPort } = await serve({ settings, warnings: [], wcsReport: [] }, readConfiguration);
  await show(pageOf(new URL(`http://${reachable(settings.server.host)}:${restPort}/`), name));
}

/** The path of its default file is relative to the bundle, .build/dist/main/main.mjs. */
const readConfiguration = (): Launch =>
  load(process.argv.slice(2), process.env, {
    defaultFile: fileURLToPath(new URL('../../../config/sluice.yaml', import.meta.url)),
    version: packageJson.version,
  });

async function follow(launch: Launch): Promise<void> {
  switch (launch.kind) {
    case 'check': {
      const { text, exitCode } = await checkControl(launch.control);
      return print(text, exitCode);
    }
    case 'checkSource':
      return runSourceCheck(launch.uri, launch.settings);
    case 'version': {
      const { version, dependencies } = packageJson;
      return print(await versionText(version, dependencies['node-av'], dependencies['uWebSockets.js']), 0);
    }
    case 'print':
      return print(launch.text, launch.exitCode, launch.exitCode === 0 ? process.stdout : process.stderr);
    case 'token':
      return print(await printedToken(launch.wish, launch.settings, Date.now()), 0);
    case 'status': {
      const { text, exitCode } = await serverStatus(serverAt(launch.at, launch.settings, process.env.SLUICE_API_KEY));
      return print(text, exitCode);
    }
    case 'drain': {
      const { at, settings, afterMs, isTakenBack } = launch;
      const server = serverAt(at, settings, process.env.SLUICE_API_KEY);
      const wish = { afterMs, isTakenBack };
      process.exitCode = await drainServer(server, wish, (line) => console.error(line));
      return;
    }
    case 'pullSource':
      return runPull(launch);
    case 'run':
      await serve(launch, readConfiguration);
  }
}

function print(text: string, exitCode: number, output: NodeJS.WritableStream = process.stdout): void {
  output.write(text);
  process.exitCode = exitCode;
}

try {
  await follow(readConfiguration());
} catch (error) {
  console.error(refusalWords(error) ?? error);
  process.exit(1);
}
