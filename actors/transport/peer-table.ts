/**
 * Whose a datagram is: a binding request by its ufrag, anything else by its validated address (RFC 7983). What belongs to no peer
 * is dropped without an answer (docs/reliability.md S4, S6).
 */
import { readBindingRequest } from '../../src/core/ice/stun-message.js';
import type { AddressClaims } from './inbox.js';
import type { Peer } from './peer.js';
import type { OnDatagram } from './route.js';

export interface PeerTable {
  readonly peers: readonly Peer[];
  /** `keys`: of addresses that it has validated before. */
  add(peer: Peer, keys: readonly string[]): void;
  remove(peer: Peer): void;
  /** The peer may be named so too. */
  name(localUfrag: string, peer: Peer): void;
  unname(localUfrag: string): void;
  /** The address is nobody's any more. */
  forgetAddress(key: string): void;
  /** The connection with this key is closed. */
  readonly onGone: (key: string) => void;
  readonly onDatagram: OnDatagram;
}

export function createPeerTable({ disclaim }: Pick<AddressClaims, 'disclaim'>): PeerTable {
  const peers = new Set<Peer>();
  const byUfrag = new Map<string, Peer>();
  const byAddress = new Map<string, Peer>();

  const forgetAddress = (key: string): void => {
    byAddress.delete(key);
    disclaim(key);
  };

  return {
    get peers() {
      return [...peers];
    },
    add(peer, keys) {
      peers.add(peer);
      for (const { localUfrag } of peer.credentials) byUfrag.set(localUfrag, peer);
      for (const key of keys) byAddress.set(key, peer);
    },
    remove(peer) {
      peers.delete(peer);
      for (const [ufrag, owner] of byUfrag) if (owner === peer) byUfrag.delete(ufrag);
      for (const [key, owner] of byAddress) if (owner === peer) forgetAddress(key);
    },
    name: (localUfrag, peer) => byUfrag.set(localUfrag, peer),
    unname: (localUfrag) => byUfrag.delete(localUfrag),
    forgetAddress,
    onGone(key) {
      byAddress.get(key)?.forget(key);
      byAddress.delete(key);
    },
    onDatagram(datagram, remote) {
      // RFC 7983 7: 0 to 3 is STUN.
      const owner = byAddress.get(remote.key);
      if ((datagram[0] ?? 0) > 3) {
        owner?.receive(datagram, remote);
        return owner !== undefined;
      }
      const request = readBindingRequest(datagram);
      const peer = request === null ? undefined : byUfrag.get(request.localUfrag);
      // One check of somebody else does not take a viewer's address away, whoever forged its source.
      if (owner !== undefined && owner !== peer && owner.holds(remote.key)) return true;
      if (request === null || peer?.check(datagram, request, remote) !== true) return owner !== undefined;
      if (owner !== peer) owner?.forget(remote.key);
      byAddress.set(remote.key, peer);
      return true;
    },
  };
}
