/**
 * What a WHEP request asks for (draft-ietf-wish-whep-04), decided from its method and headers alone. The shell knows
 * streams and sessions; nothing here does.
 */
import { SluiceError } from '../../errors.js';
import { WireError } from '../bytes/wire-error.js';
import { parseFragment, type SdpFragment } from '../sdp/fragment.js';

export interface WhepHead {
  /** Upper case. */
  readonly method: string;
  readonly contentType: string;
  readonly ifMatch: string;
}

/** What the server remembers of one session. */
export interface IceSession {
  readonly iceTag: string;
  /** The viewer's ufrag: another one in a PATCH asks for an ICE restart. */
  readonly viewerUfrag: string;
}

export const offerType = 'application/sdp';
export const fragmentType = 'application/trickle-ice-sdpfrag';

/** True for `application/sdp`, `Application/SDP; charset=utf-8` and the like. */
export const isMediaType = (contentType: string, wanted: string): boolean =>
  contentType.split(';', 1)[0]?.trim().toLowerCase() === wanted;

export type EndpointAction = 'offer' | 'describe' | 'nothing';

/** Errors: request.mediaType, route.methodNotAllowed. */
export function decideEndpoint(head: WhepHead): EndpointAction {
  switch (head.method) {
    case 'POST':
      if (!isMediaType(head.contentType, offerType)) throw new SluiceError('request.mediaType', `send ${offerType}`);
      return 'offer';
    // How players find out that a URL is WHEP.
    case 'HEAD':
      return 'describe';
    case 'GET':
      return 'nothing';
    default:
      throw new SluiceError('route.methodNotAllowed');
  }
}

export type SessionAction =
  | { readonly kind: 'end' | 'trickle' | 'nothing' }
  | { readonly kind: 'restart'; readonly viewerUfrag: string };

/**
 * `session` is undefined when there is none (any more). A viewer's candidates are read and dropped: an ICE-lite agent
 * (RFC 8445 2.5) waits for the viewer's checks and needs none of them, nor the viewer's password. Errors: the session.* rows, request.mediaType,
 * request.invalid, route.methodNotAllowed.
 */
export function decideSession(head: WhepHead, body: string, session: IceSession | undefined): SessionAction {
  if (session === undefined) throw new SluiceError('session.notFound');
  switch (head.method) {
    // Entity tags are ignored here (draft 4.3).
    case 'DELETE':
      return { kind: 'end' };
    case 'GET':
    case 'HEAD':
      return { kind: 'nothing' };
    case 'PATCH':
      return decidePatch(head, body, session);
    default:
      throw new SluiceError('route.methodNotAllowed');
  }
}

function decidePatch(head: WhepHead, body: string, session: IceSession): SessionAction {
  const isEmpty = body === '' && head.contentType === '';
  if (!isEmpty && !isMediaType(head.contentType, fragmentType)) {
    throw new SluiceError('request.mediaType', `send ${fragmentType}`);
  }
  const { iceUfrag, hasCandidates } = readFragment(body);
  const isRestart = iceUfrag !== null && iceUfrag !== session.viewerUfrag;
  // Clients of early drafts know no entity tags, and say the end of candidates by a body without any: nothing comes of it.
  if (!isRestart && !hasCandidates) return { kind: 'trickle' };
  if (head.ifMatch === '') throw new SluiceError('session.preconditionRequired');
  if (!isMatch(head.ifMatch, session.iceTag)) throw new SluiceError('session.preconditionFailed');
  return isRestart ? { kind: 'restart', viewerUfrag: iceUfrag } : { kind: 'trickle' };
}

function readFragment(body: string): SdpFragment {
  try {
    return parseFragment(body);
  } catch (error) {
    throw error instanceof WireError ? new SluiceError('request.invalid', error.message) : error;
  }
}

/**
 * RFC 9110 13.1.1; RFC 9725 writes the star of a restart in quotes as well. A proxy that compresses makes our tag a weak one,
 * and some clients leave out the quotes: it names the same ICE session.
 */
function isMatch(ifMatch: string, iceTag: string): boolean {
  const tags = ifMatch.split(',').map((tag) =>
    tag
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1'),
  );
  return tags.some((tag) => tag === '*' || tag === iceTag);
}
