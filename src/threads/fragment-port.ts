/** The main thread's end of a port on which a stream's fragments come. */
import type { FragmentFeed } from '../../actors/contract.js';
import type { FragmentMessage } from '../core/fragments/fragment.js';

/** Resolves when the port is closed, by either side. */
export function listenToFragments(
  port: FragmentFeed['port'],
  onMessage: (message: FragmentMessage) => void,
): Promise<void> {
  return new Promise((resolve) => {
    port.on('message', onMessage);
    port.once('close', resolve);
  });
}
