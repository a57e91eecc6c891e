/** Looks for a port number that is free on every address at once. */
import { randomInt } from 'node:crypto';
import { readThrown, SluiceError } from '../../src/errors.js';

/** What a socket was refused for when the number itself is taken; any other cause holds for every port. */
const taken = new Set(['EADDRINUSE', 'EACCES']);
/** With any port: the number that the first address got may be taken on the next one. */
const maxTriesAnyPort = 32;

export interface Closable {
  readonly port: number;
  close(): Promise<void>;
}

export type Open<T extends Closable> = (address: string, port: number) => Promise<T>;

const codeOf = (error: unknown): string => readThrown(error).code || String(error);

/** All addresses at one port; null when that number is taken somewhere. */
async function openAll<T extends Closable>(
  addresses: readonly string[],
  port: number,
  open: Open<T>,
): Promise<T[] | null> {
  const opened: T[] = [];
  try {
    for (const address of addresses) opened.push(await open(address, opened[0]?.port ?? port));
    return opened;
  } catch (error) {
    await Promise.all(opened.map((one) => one.close()));
    const code = codeOf(error);
    if (taken.has(code)) return null;
    const address = addresses[opened.length];
    throw new SluiceError('config.invalid', `webrtc.listen: the address ${address} cannot be used (${code})`);
  }
}

/**
 * Begins somewhere in the range, so that actors that start together do not all try the same numbers.
 * Errors: viewer.limit when all are taken, config.invalid for an address that cannot be bound.
 */
export async function openOnFreePort<T extends Closable>(
  addresses: readonly string[],
  range: { readonly portMin: number; readonly portMax: number },
  open: Open<T>,
): Promise<readonly T[]> {
  const { portMin, portMax } = range;
  const anyPort = portMin === 0 && portMax === 0;
  const count = anyPort ? maxTriesAnyPort : portMax - portMin + 1;
  const first = randomInt(count);
  for (let tried = 0; tried < count; tried += 1) {
    const opened = await openAll(addresses, anyPort ? 0 : portMin + ((first + tried) % count), open);
    if (opened !== null) return opened;
  }
  throw new SluiceError(
    'viewer.limit',
    `no port from webrtc.portMin (${portMin}) to webrtc.portMax (${portMax}) is free`,
  );
}
