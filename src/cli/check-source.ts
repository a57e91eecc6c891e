/**
 * `sluice check rtmp://…`: pulls an address as a server would, and tells each check of its diagnosis as soon as it is known
 * (docs/diagnosis.md).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Check } from '../core/diagnosis/facts.js';
import { readThrown } from '../errors.js';
import type { LocalStreams, Streams } from '../supervisor/streams.js';

interface SourceCheck {
  readonly uri: string;
  readonly streams: Pick<LocalStreams, 'pull' | 'list' | 'diagnose' | 'snapshot' | 'terminate'>;
  readonly write: (text: string) => void;
  readonly nowMs: () => number;
  /** For the way to the source, and for its media after that. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 15_000;
const lookEveryMs = 200;
/** Rates are those of a whole second. */
const settledMs = 2500;
/** What is of the source: nobody watches. */
const isOfSource = ({ name }: Check): boolean => /^(source|video|audio|time|tracks)\b/.test(name);

/** The exit code: 0 it plays, 1 it does not. Errors: those of `Streams.pull`. */
export async function checkSource(options: SourceCheck): Promise<0 | 1> {
  const { uri, streams, write, nowMs, timeoutMs = defaultTimeoutMs } = options;
  const { pullId } = streams.pull({ uri, record: false, hasAudio: true, hasVideo: true, origin: 'rest' });
  const told = new Set<string>();
  const tell = (checks: readonly Check[]): void => {
    for (const check of checks) if (!told.has(check.name)) write(lineOf(check));
    for (const { name } of checks) told.add(name);
  };
  let liveSinceMs: number | null = null;
  const endMs = nowMs() + timeoutMs;
  let checks: readonly Check[] = [];
  while (nowMs() < endMs) {
    checks = (await streams.diagnose(pullId)).filter(isOfSource);
    const way = checks.filter(({ name }) => name.startsWith('source.'));
    const stop = way.find(({ status }) => status === 'error');
    tell(way.filter(({ status }) => status === 'ok'));
    if (stop !== undefined) {
      tell([stop]);
      return 1;
    }
    if (streams.list().find((pull) => pull.pullId === pullId)?.state === 'PROCESSED_REMOTE') liveSinceMs ??= nowMs();
    if (liveSinceMs !== null && nowMs() - liveSinceMs > settledMs && hasKeyframes(checks)) break;
    await delay(lookEveryMs);
  }
  tell(checks);
  if (liveSinceMs === null) return 1;
  tell([await decoded(streams, pullId)]);
  return checks.some(({ status }) => status === 'error') ? 1 : 0;
}

const hasKeyframes = (checks: readonly Check[]): boolean =>
  checks.every(({ name, status }) => name !== 'video.keyframes' || status !== 'unknown');

/** A picture of it, made by FFmpeg. */
async function decoded(streams: Pick<Streams, 'snapshot'>, pullId: string): Promise<Check> {
  const check = { name: 'video.decode', title: 'A frame decodes', advice: '' };
  try {
    const { bytes } = await streams.snapshot(pullId, { format: 'png', width: null });
    return { ...check, code: 'OK', status: 'ok', evidence: `${(await bytes()).length} bytes as PNG` };
  } catch (error) {
    return { ...check, code: 'UNKNOWN', status: 'unknown', evidence: readThrown(error).message };
  }
}

function lineOf({ name, status, title, evidence, code, advice }: Check): string {
  const words = evidence === '' ? title : `${title}: ${evidence}`;
  const shownCode = code === 'OK' || code === 'UNKNOWN' ? '' : `  ${code}`;
  const wayOut = advice === '' ? '' : `         → ${advice}\n`;
  return `${status.padEnd(8)} ${name.padEnd(18)} ${words}${shownCode}\n${wayOut}`;
}
