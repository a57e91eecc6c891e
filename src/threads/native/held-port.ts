/**
 * Holds a media port beside the thread that has it, so that the port outlives the thread: another one uses the same sockets, and
 * in between what comes waits in them. Without the add-on nothing is held, and the other thread binds the number again.
 */
import type { HeldPort, HeldSockets } from '../../../actors/session-record.js';
import { nativeThreads } from './native-threads.js';

const notHeld = -1;

/** Resolves when the loop has waited for the sockets: one turn ends that they were opened in, the next one begins with that. */
async function whenWaitedFor(): Promise<void> {
  for (const _turn of ['this one', 'the next']) await new Promise(setImmediate);
}

/** Holds the sockets that the calling thread has just opened. */
export async function holdPort(
  ports: readonly (Pick<HeldSockets, 'address'> & Pick<HeldPort, 'port'>)[],
): Promise<HeldPort> {
  await whenWaitedFor();
  const native = nativeThreads();
  const loop = native?.loopDescriptor() ?? notHeld;
  const hold = (address: string, port: number, listens: boolean): number =>
    native?.hold(loop, address.split('%')[0] ?? '', port, listens) ?? notHeld;
  const sockets = ports.map(({ address, port }) => ({
    address,
    udp: hold(address, port, false),
    tcp: hold(address, port, true),
  }));
  const port = ports[0]?.port ?? 0;
  return { id: `${port}`, port, inbox: null, sockets };
}

/** A descriptor to use in place of a socket of one's own; -1: there is none. */
export const copyHeld = (descriptor = notHeld): number =>
  descriptor === notHeld ? notHeld : (nativeThreads()?.copyHeld(descriptor) ?? notHeld);

export function releasePort({ inbox, sockets }: HeldPort): void {
  const native = nativeThreads();
  if (inbox !== null) native?.closeInbox(inbox);
  for (const { udp, tcp } of sockets) for (const held of [udp, tcp]) native?.release(held);
}
