import { type Child, startChild } from './child.js';

export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface RunningSluice {
  readonly child: Child;
  readonly rest: string;
  readonly signalling: string;
  /** POSTs JSON to the control API. */
  post(path: string, body?: unknown): Promise<Response>;
  /** Lines of the log that are JSON, in order. `from`: behind the first so many lines of its output. */
  log(from?: number): readonly LogLine[];
  logged(event: string, timeoutMs?: number, isWanted?: (line: LogLine) => boolean): Promise<LogLine>;
  stop(): Promise<number | string>;
}

/** Some 0.5 s, but for a machine that others use. */
const startMs = 60_000;

/**
 * The bundled server as a process of its own, on loopback and free ports, drills allowed, without the demo source. `folder`
 * is where its build stands; `under`: a program that starts it, with its arguments; `script`: `parent` starts it again when it
 * crashes.
 */
export async function startSluice(
  flags: readonly string[] = [],
  folder = '.',
  under: readonly string[] = [],
  script: 'main' | 'parent' = 'main',
): Promise<RunningSluice> {
  const [command = process.execPath, ...words] = [...under, process.execPath];
  const child = await startChild(command, [
    ...words,
    `${folder}/.build/dist/main/${script}.mjs`,
    '--server.host=127.0.0.1',
    '--server.restPort=0',
    '--server.wsPort=0',
    '--webrtc.listen=127.0.0.1',
    '--webrtc.portMin=0',
    '--webrtc.portMax=0',
    '--log.format=json',
    '--demo.enabled=false',
    '--recordings.folder=',
    '--supervisor.faultInjection=true',
    '--pulls.stateFile=',
    '--playback.revokedFile=',
    ...flags,
  ]);
  const logged = async (event: string, timeoutMs = 15_000, isWanted: (line: LogLine) => boolean = () => true) =>
    parse(
      await child.line(
        event,
        (line) => {
          const parsed = parse(line);
          return parsed.event === event && isWanted(parsed);
        },
        timeoutMs,
      ),
    );
  const ready = await logged('server.listening', startMs);
  const rest = `http://127.0.0.1:${Number(ready.restPort)}`;
  return {
    child,
    rest,
    signalling: `ws://127.0.0.1:${Number(ready.wsPort)}`,
    post: (path, body) =>
      fetch(`${rest}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    log: (from = 0) =>
      child.lines
        .slice(from)
        .map(parse)
        .filter(({ event }) => event !== ''),
    logged,
    stop: () => child.stop(),
  };
}

function parse(line: string): LogLine {
  if (!line.startsWith('{')) return { event: '' };
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null && 'event' in value && typeof value.event === 'string'
    ? { ...value, event: value.event }
    : { event: '' };
}
