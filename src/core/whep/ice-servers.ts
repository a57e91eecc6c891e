/**
 * STUN and TURN servers that a viewer is told of, as Link headers (draft-ietf-wish-whep-04, "STUN/TURN server configuration"; RFC
 * 9725 4.6), with credentials that end (draft-uberti-behave-turn-rest-00, 2.2: what coturn calls use-auth-secret).
 */
import { createHmac } from 'node:crypto';

export interface IceServerRules {
  /** "stun:", "stuns:", "turn:" and "turns:" (RFC 7064, RFC 7065). */
  readonly urls: readonly string[];
  /** That the TURN servers share with us; empty: no credentials are given. */
  readonly secret: string;
  readonly ttlS: number;
}

/** The value of the header; empty: there is none. `name`: of the viewer, for the log of the TURN server. `nowS`: UTC. */
export function iceServerLinks({ urls, secret, ttlS }: IceServerRules, name: string, nowS: number): string {
  const username = `${Math.floor(nowS) + ttlS}:${name}`;
  const credential = secret === '' ? '' : createHmac('sha1', secret).update(username).digest('base64');
  const access = `; username="${username}"; credential="${credential}"; credential-type="password"`;
  return urls
    .map((url) => `<${url}>; rel="ice-server"${credential !== '' && /^turns?:/i.test(url) ? access : ''}`)
    .join(', ');
}
