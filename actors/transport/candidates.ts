/** The ICE candidates of an answer. */
import type { Candidate } from '../../src/core/sdp/answer.js';

/** RFC 8445 5.1.2.1, RFC 6544 4.2: host candidates, UDP before TCP; a passive one gets direction preference 2. */
function priorityOf(protocol: 'udp' | 'tcp', index: number): number {
  const typePreference = protocol === 'udp' ? 126 : 90;
  const localPreference = protocol === 'udp' ? 65_535 - index : 2 * 8192 + (8191 - index);
  return typePreference * 2 ** 24 + localPreference * 2 ** 8 + 255;
}

/** `addresses` in order of preference. */
export function candidatesOf(
  addresses: readonly string[],
  port: number,
  protocols: readonly ('udp' | 'tcp')[],
): readonly Candidate[] {
  return protocols.flatMap((protocol) =>
    addresses.map((address, index) => ({ address, port, protocol, priority: priorityOf(protocol, index) })),
  );
}
