/** The addresses that viewers are given for media: what is logged of them at the start, and what they say of the machine. */
import { networkInterfaces } from 'node:os';
import type { Settings } from '../config/schema.js';
import { isPublicAddress } from '../core/guard/address.js';
import type { Logger } from '../log-line.js';
import { listenAddresses } from '../net/listen-addresses.js';

/** The first thing to check when viewers do not connect. */
export function logAddresses(settings: Settings, log: Logger): void {
  const { portMin, portMax, singlePort } = settings.webrtc;
  const addresses = boundAddresses(settings);
  const announced = offeredAddresses(settings);
  const range = portMax === 0 ? 'any' : `${portMin} to ${portMax}`;
  const ports = singlePort > 0 ? singlePort : range;
  log('info', 'webrtc.addresses', { addresses: addresses.join(', '), announced: announced.join(', '), ports });
  const exposure = exposureOf(settings, announced);
  if (exposure !== null) log('warn', 'control.loopbackTrusted', { because: exposure, set: wayOut });
}

const boundAddresses = ({ webrtc }: Pick<Settings, 'webrtc'>): readonly string[] =>
  webrtc.listen.length > 0 ? webrtc.listen : listenAddresses(networkInterfaces(), webrtc.interfaces);

/** What viewers are told. */
export const offeredAddresses = (settings: Pick<Settings, 'webrtc'>): readonly string[] =>
  settings.webrtc.announce.length > 0 ? settings.webrtc.announce : boundAddresses(settings);

const wayOut =
  'behind a proxy set server.trustedProxies: ["127.0.0.1"], control.listen or control.loopback: false (docs/proxies.md)';

/** Why a proxy on this machine is likely while loopback alone controls; null when it is not, or does not. */
function exposureOf({ server, control }: Settings, announced: readonly string[]): string | null {
  if (!control.loopback || control.listen !== '' || server.trustedProxies.length > 0) return null;
  const publicAddress = announced.find(isPublicAddress);
  if (publicAddress !== undefined) return `viewers are told the public address ${publicAddress}`;
  return server.tlsCertFile === '' ? null : 'TLS is on';
}
