/**
 * Where all streams share one port (webrtc.singlePort): the inbox of one endpoint, and the addresses of its viewers. Checks come to it
 * by the ufrag, anything else by the address that a viewer has proved (src/threads/native/inbox.h).
 */
import { SluiceError } from '../../src/errors.js';
import { nativeThreads } from '../../src/threads/native/native-threads.js';
import type { HeldPort } from '../session-record.js';
import type { RemotePath, UdpRoute } from './route.js';

export interface AddressClaims {
  /** A viewer has proved it. False: it is that of another thread's viewer, from whom something came a moment ago. */
  claim(remote: RemotePath): boolean;
  /** The address with this key is nobody's any more. */
  disclaim(key: string): void;
}

/** The part of what comes to the one port that is for this endpoint. */
export interface Share {
  readonly number: number;
  /** To read from; it is the taker's. */
  readonly descriptor: number;
}

export interface Inbox extends AddressClaims {
  /** Null: the port is the endpoint's own, and nobody else's addresses are met there. */
  readonly share: Share | null;
  /** What ufrags of its viewers begin with. */
  readonly ufragPrefix: string;
}

const none: Inbox = { share: null, ufragPrefix: '', claim: () => true, disclaim: () => {} };

/** Three bytes of a number make four characters (RFC 4648 4), all of which ICE takes (RFC 8839 5.4). */
const nameOf = (number: number): string =>
  Buffer.from([number >> 16, (number >> 8) & 0xff, number & 0xff]).toString('base64');

/** A new one, or that of a thread that is gone. Error: viewer.limit when no descriptor is left. */
function takeInbox(inherited: HeldPort | null): Inbox {
  const native = nativeThreads();
  const number = inherited?.inbox ?? native?.openInbox() ?? -1;
  const reader = native?.copyInbox(number) ?? -1;
  if (native === null || reader < 0) {
    if (inherited === null) native?.closeInbox(number);
    throw new SluiceError('viewer.limit', 'no descriptor is left for a share in webrtc.singlePort');
  }
  const routes = new Map<string, UdpRoute>();
  return {
    share: { number, descriptor: reader },
    ufragPrefix: nameOf(number),
    claim({ key, route }) {
      if (route === null) return true;
      if (!native.claim(number, reader, route.localAddress, route.localPort, route.address, route.port)) return false;
      routes.set(key, route);
      return true;
    },
    disclaim(key) {
      const route = routes.get(key);
      if (route === undefined) return;
      routes.delete(key);
      native.disclaim(number, reader, route.localAddress, route.localPort, route.address, route.port);
    },
  };
}

/** Of an endpoint whose port is its own, or of one that shares it. */
export const inboxOf = (singlePort: number, inherited: HeldPort | null): Inbox =>
  singlePort > 0 ? takeInbox(inherited) : none;
