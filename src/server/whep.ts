/**
 * WHEP at /whep/{name} and /whep?src=, with `width`, `height`, `bitrate` and `quality` as further parameters, as in the constraints
 * of WCS signalling. core/whep/whep.ts decides what a request asks for; here it is carried out.
 */

import { parseAddress } from '../core/guard/ip-address.js';
import { keptText } from '../core/guard/kept-text.js';
import { parseOffer } from '../core/sdp/parse-offer.js';
import { wishFrom } from '../core/wcs/wish.js';
import { type IceServerRules, iceServerLinks } from '../core/whep/ice-servers.js';
import { decideEndpoint, decideSession, fragmentType, type IceSession, offerType } from '../core/whep/whep.js';
import { SluiceError } from '../errors.js';
import type { Streams } from '../supervisor/streams.js';
import { endViewer } from './end-viewer.js';
import { decodedName, type Handle, type HttpReply, type HttpRequest, jsonReply } from './http.js';
import { readJson } from './json-body.js';
import type { PlaybackGate } from './playback-gate.js';
import { playbackReportSchema } from './playback-report.js';
import { keptUserAgent, playbackRequest } from './playback-request.js';
import { createViewerChannel, type ViewerChannel } from './viewer-channel.js';

const nothing: HttpReply = { status: 204 };
const sessionPath = /^\/whep\/session\/([0-9a-f]{32})(\/events|\/report)?$/;
const maxNameBytes = 2048;
/** RFC 8839 5.4. */
const maxUfragChars = 256;

interface Session {
  ice: IceSession;
  /** Resolves when the earlier requests of this session are done. */
  turn: Promise<unknown>;
  readonly channel: ViewerChannel;
  /** Its place among those of its token. */
  readonly release: () => void;
}

interface WhepParts {
  readonly streams: Streams;
  readonly gate: Pick<PlaybackGate, 'admit'>;
  /** True once new sessions are refused. */
  readonly isDraining: () => boolean;
  /** False: nobody is let in this way. */
  readonly allowsOffers: boolean;
  /** That viewers are told of. */
  readonly iceServers: IceServerRules;
  /** By which viewers reach this node, whose sessions no other one knows; empty: there are no others. */
  readonly nodeUrl: string;
}

export function createWhep({ streams, gate, isDraining, allowsOffers, iceServers, nodeUrl }: WhepParts): Handle {
  const sessions = new Map<string, Session>();

  const begin = async (request: HttpRequest, name: string, body: Buffer): Promise<HttpReply> => {
    if (!allowsOffers) throw new SluiceError('viewer.hooksOnly');
    if (isDraining()) throw new SluiceError('server.draining');
    const offer = parseOffer(body.toString());
    let isOver = false;
    let viewerId: string | undefined;
    const channel = createViewerChannel();
    const pass = await gate.admit(playbackRequest(request, 'whep', name));
    const asked = streams.view({
      name,
      offer,
      wish: wishFrom((field) => request.query.get(field)),
      clientIp: request.client.ip,
      userAgent: keptUserAgent(request.header('user-agent')),
      onConnected: () => {},
      ...channel.listeners,
      onEnded: (reason) => {
        isOver = true;
        channel.end(reason);
        pass.release();
        if (viewerId !== undefined) sessions.delete(viewerId);
      },
    });
    const view = await asked.catch((error: unknown) => {
      pass.release();
      throw error;
    });
    viewerId = view.viewerId;
    if (!isOver) pass.onRevoked(() => endViewer(streams, view.viewerId));
    if (!isOver) {
      sessions.set(viewerId, {
        ice: { iceTag: view.iceTag, viewerUfrag: keptText(offer.iceUfrag, maxUfragChars) },
        turn: Promise.resolve(),
        channel,
        release: pass.release,
      });
    }
    const links = iceServerLinks(iceServers, viewerId.slice(-8), Date.now() / 1000);
    return {
      status: 201,
      headers: {
        'Content-Type': offerType,
        Location: `${sessionRoot(nodeUrl, request)}/whep/session/${viewerId}`,
        ETag: `"${view.iceTag}"`,
        'Cache-Control': 'no-store',
        ...(links === '' ? {} : { Link: links }),
      },
      body: view.answerSdp,
    };
  };

  const restart = async (id: string, session: Session, viewerUfrag: string): Promise<HttpReply> => {
    const { fragment, iceTag } = await streams.restart(id, viewerUfrag);
    session.ice = { iceTag, viewerUfrag: keptText(viewerUfrag, maxUfragChars) };
    return {
      status: 200,
      headers: { 'Content-Type': fragmentType, ETag: `"${iceTag}"`, 'Cache-Control': 'no-store' },
      body: fragment,
    };
  };

  const atSession = async (request: HttpRequest, id: string, body: Buffer): Promise<HttpReply> => {
    const session = sessions.get(id);
    const action = decideSession(headOf(request), body.toString(), session?.ice);
    if (action.kind === 'restart' && session !== undefined) return restart(id, session, action.viewerUfrag);
    if (action.kind !== 'end') return nothing;
    sessions.delete(id);
    session?.release();
    session?.channel.end(null);
    await streams.leave(id);
    return { status: 200 };
  };

  /** Runs the PATCH requests of a session one after the other, each on the result of the one before. */
  const inTurn = (request: HttpRequest, id: string, body: Buffer): Promise<HttpReply> => {
    const session = sessions.get(id);
    const reply = (session?.turn ?? Promise.resolve()).then(() => atSession(request, id, body));
    if (session !== undefined) session.turn = reply.catch(() => {});
    return reply;
  };

  /** What our player asks for beside WHEP. */
  const beside = (request: HttpRequest, id: string, what: string, body: Buffer): HttpReply => {
    const session = sessions.get(id);
    if (session === undefined) throw new SluiceError('session.notFound');
    if (what === '/events' && request.method === 'GET') return session.channel.open();
    if (what !== '/report' || request.method !== 'POST') throw new SluiceError('route.methodNotAllowed');
    streams.report(id, readJson(playbackReportSchema, request, body));
    // By it the player learns how far its clock is from ours, and so how old a frame is that it shows.
    return jsonReply({ nowMs: Date.now() });
  };

  return async (request, body) => {
    if (request.method === 'OPTIONS') return { status: 204, headers: { 'Accept-Post': offerType } };
    const [, sessionId, what] = sessionPath.exec(request.path) ?? [];
    if (sessionId !== undefined && what !== undefined) return beside(request, sessionId, what, body);
    const id = request.method === 'POST' ? undefined : sessionId;
    if (id !== undefined) return request.method === 'PATCH' ? inTurn(request, id, body) : atSession(request, id, body);
    const name = nameOf(request);
    switch (decideEndpoint(headOf(request))) {
      case 'offer':
        return begin(request, name, body);
      case 'describe':
        return { status: 200, headers: { 'Content-Type': offerType, 'Accept-Post': offerType } };
      case 'nothing':
        return nothing;
    }
  };
}

/**
 * Empty where the client reached this very node: by its name, on whatever port, or from this machine. Through a balancer its next
 * request may reach another node.
 */
function sessionRoot(nodeUrl: string, { client, header }: Pick<HttpRequest, 'client' | 'header'>): string {
  if (nodeUrl === '') return '';
  const isNear =
    client.reach === 'unix' || (client.reach === 'direct' && parseAddress(client.ip)?.range() === 'loopback');
  const isNamed = header('host').replace(/:\d+$/, '') === new URL(nodeUrl).hostname;
  return isNear || isNamed ? '' : nodeUrl;
}

const headOf = (request: HttpRequest) => ({
  method: request.method,
  contentType: request.header('content-type'),
  ifMatch: request.header('if-match'),
});

/** The requested stream: the rest of the path, percent-decoded (it may hold slashes), or `?src=`. */
function nameOf(request: HttpRequest): string {
  const name = decodedName(request.path.slice('/whep/'.length)) || (request.query.get('src') ?? '');
  if (name === '') throw new SluiceError('request.invalid', 'name the stream: /whep/{name} or /whep?src={address}');
  if (Buffer.byteLength(name) > maxNameBytes) throw new SluiceError('request.invalid', 'the name is too long');
  return name;
}
