/**
 * webrtc.singlePort: one port for all streams, UDP and TCP, which a thread without JavaScript reads (native/demultiplexer.h). Threads
 * of streams send from it by themselves.
 */
import { networkInterfaces } from 'node:os';
import { loadAddOn } from '../add-on.js';
import type { Settings } from '../config/schema.js';
import { readThrown, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import { listenAddresses } from '../net/listen-addresses.js';
import { nativeThreads } from './native/native-threads.js';

/** Datagrams that came since the start. */
export interface SinglePortCounts {
  readonly received: number;
  /** Of them, those of nobody that is known. */
  readonly unknown: number;
  /** Of them, those whose thread did not read. */
  readonly lost: number;
}

/**
 * Nothing happens where it is 0. `webrtc.listen` names the addresses from now on, for all threads. Error: config.invalid for a port
 * that cannot be bound, or where the add-on was not built.
 */
export function openSinglePort({ webrtc }: Pick<Settings, 'webrtc'>, log: Logger): void {
  const { singlePort } = webrtc;
  if (singlePort === 0) return;
  const native = nativeThreads();
  if (native === null || loadAddOn('fanout') === null) {
    const detail = 'webrtc.singlePort needs the add-on, which was not built: install a C compiler, or set it to 0';
    throw new SluiceError('config.invalid', detail);
  }
  const addresses =
    webrtc.listen.length > 0 ? webrtc.listen : [...listenAddresses(networkInterfaces(), webrtc.interfaces)];
  try {
    native.startDemultiplexer(addresses, singlePort);
  } catch (error) {
    const { code, message } = readThrown(error);
    throw new SluiceError('config.invalid', `webrtc.singlePort: ${singlePort} cannot be bound at ${message} (${code})`);
  }
  webrtc.listen = addresses;
  log('info', 'webrtc.singlePort', { port: singlePort, addresses: addresses.join(', ') });
}

/** When all streams have ended. */
export const closeSinglePort = (): void => nativeThreads()?.stopDemultiplexer();

export function countSinglePort(): SinglePortCounts {
  const counts = new Float64Array(3);
  nativeThreads()?.countDemultiplexed(counts);
  const [received = 0, unknown = 0, lost = 0] = counts;
  return { received, unknown, lost };
}
