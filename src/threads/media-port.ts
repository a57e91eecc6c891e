/** The main thread's end of a port on which a stream's fragments, or packets, come. */
import type { MediaFeed } from '../../actors/contract.js';

/** Resolves when the port is closed, by either side. */
export function listenToMedia<Message>(port: MediaFeed['port'], onMessage: (message: Message) => void): Promise<void> {
  return new Promise((resolve) => {
    port.on('message', onMessage);
    port.once('close', resolve);
  });
}
