/**
 * The small parent that `npm start` and `sluice` run the server under: starts it again after a crash (respawn.ts), passes
 * signals on, and ends with it. A service manager that does the same runs the server without it (`--no-parent`).
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../clock.js';
import { nativeThreads } from '../threads/native/native-threads.js';
import { createRespawn, type ServerProcess, type StartedServer, type UpMessage } from './respawn.js';

/** An npm that dies without passing its signal on (before 10.5, or by SIGKILL) is noticed within this time. */
const npmLookMs = 500;

/** Beside this bundle. */
const main = fileURLToPath(new URL('main.mjs', import.meta.url));

const isUp = (message: unknown): message is UpMessage =>
  typeof message === 'object' && message !== null && 'stateFile' in message && typeof message.stateFile === 'string';

let serverPid = 0;

function startServer({ onUp, onEnd }: StartedServer): ServerProcess {
  const child = fork(main, process.argv.slice(2), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  child.on('message', (message) => {
    if (isUp(message)) onUp(message);
  });
  child.once('error', (error) => {
    console.error(error.message);
    if (child.pid === undefined) onEnd({ code: 1, signal: null });
  });
  child.once('exit', (code, signal) => {
    if (process.pid === 1) reapOthers();
    onEnd({ code, signal });
  });
  serverPid = child.pid ?? 0;
  return { kill: (signal) => void child.kill(signal) };
}

/** The first process of a container is given those whose parents have ended: renditions of a server that crashed. */
const reapOthers = (): void => void nativeThreads()?.reapOthers(serverPid);

function schedule(run: () => void, afterMs: number): () => void {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
}

const respawn = createRespawn({
  start: startServer,
  exit: (code) => process.exit(code),
  say: (text) => console.error(text),
  nowMs: monotonicMs,
  random: Math.random,
  schedule,
});

// What the server does at each is in src/serve.ts.
const ending: readonly NodeJS.Signals[] = process.stdin.isTTY ? ['SIGTERM', 'SIGINT', 'SIGHUP'] : ['SIGTERM', 'SIGINT'];
const others: readonly NodeJS.Signals[] = process.stdin.isTTY ? ['SIGUSR2'] : ['SIGHUP', 'SIGUSR2'];
for (const signal of ending) process.on(signal, () => respawn.onEndingSignal(signal));
for (const signal of others) process.on(signal, () => respawn.onSignal(signal));

if (process.pid === 1) process.on('SIGCHLD', reapOthers);

if (process.env.npm_lifecycle_event === 'start') {
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    respawn.onOrphaned();
  }, npmLookMs);
}

respawn.begin();
