/** Tells that a recording is finished: by a POST, or by a command that gets the stream's name and the path, as with WCS. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Settings } from '../config/schema.js';
import type { RecordingPart } from '../core/recording/part.js';
import { readThrown } from '../errors.js';
import type { Logger } from '../log-line.js';

interface HookOptions {
  readonly settings: Pick<Settings['recordings'], 'hookUrl' | 'hookCommand' | 'hookTimeoutMs'>;
  readonly folder: string;
  readonly log: Logger;
}

/** What fails is logged; the address may hold credentials, and is not. */
export function createRecordHook({ settings, folder, log }: HookOptions): (part: RecordingPart) => void {
  const { hookUrl, hookCommand, hookTimeoutMs } = settings;

  const post = async (part: RecordingPart): Promise<void> => {
    const answer = await fetch(hookUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(part),
      signal: AbortSignal.timeout(hookTimeoutMs),
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
  };
  const run = (part: RecordingPart, path: string): Promise<void> =>
    new Promise((resolve, reject) => {
      // No shell: a name is a word, whatever stands in it.
      execFile(hookCommand, [part.streamName, path], { timeout: hookTimeoutMs }, (error) =>
        error === null ? resolve() : reject(new Error(`the command failed: ${error.code ?? error.signal ?? ''}`)),
      );
    });
  const tell = async (step: Promise<void>, partId: string, what: string): Promise<void> => {
    try {
      await step;
    } catch (error) {
      const { message } = readThrown(error);
      log('warn', 'recording.hookFailed', {
        partId,
        what,
        error: hookUrl === '' ? message : message.replaceAll(hookUrl, ''),
      });
    }
  };

  return (part) => {
    if (part.fileName === null) return;
    if (hookUrl !== '') void tell(post(part), part.partId, 'hookUrl');
    if (hookCommand !== '') void tell(run(part, join(folder, part.fileName)), part.partId, 'hookCommand');
  };
}
