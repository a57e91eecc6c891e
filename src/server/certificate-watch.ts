/** Notices another certificate in the files of the configuration, as renewals put it there, and says so when it is whole. */
import { readFile } from 'node:fs/promises';
import { readThrown } from '../errors.js';
import type { Logger } from '../log-line.js';
import { readCertificate } from './certificate-pair.js';

interface WatchOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly everyMs: number;
  /** Takes it into use. Error: any, which leaves what there was in use. */
  readonly onChanged: () => void;
  readonly log: Logger;
}

export interface CertificateWatch {
  /** Looks now. */
  check(): Promise<void>;
  close(): void;
}

export async function watchCertificate(options: WatchOptions): Promise<CertificateWatch> {
  const { certFile, keyFile, everyMs, onChanged, log } = options;
  const read = async (): Promise<string> =>
    (await Promise.all([certFile, keyFile].map((file) => readFile(file)))).join('\n');
  let inUse = await read().catch(() => '');
  let complained = '';
  let looking: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    try {
      const found = await read();
      if (found === inUse) return;
      // The one file is written before the other.
      const { validTo } = readCertificate(certFile, keyFile);
      onChanged();
      inUse = found;
      complained = '';
      log('info', 'server.certificateReloaded', { certFile, validTo });
    } catch (error) {
      const { message } = readThrown(error);
      if (message !== complained) log('warn', 'server.certificateNotReloaded', { certFile, error: message });
      complained = message;
    }
  };
  const check = (): Promise<void> => {
    looking = looking.then(look);
    return looking;
  };
  const timer = setInterval(() => void check(), everyMs).unref();

  return { check, close: () => clearInterval(timer) };
}
