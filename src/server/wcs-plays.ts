/** What a WCS session plays: its views are opened and left, by WebRTC or as packets, and it hears what becomes of them. */

import type { PlayedMedia } from '../core/sdp/played-media.js';
import type { WcsOutput } from '../core/wcs/contract.js';
import type { WcsData } from '../core/wcs/frame.js';
import { mseAnswer } from '../core/wcs/mse-media.js';
import { ElsewhereError, type ErrorCode, errorTable, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import { letIn } from './wcs-admission.js';
import { askOf, type Client, codeOf } from './wcs-client.js';

/** RFC 6455 7.4.1. */
const closePolicy = 1008;

/** What a play asks of its stream, by whatever its media comes. */
function requestOf(client: Client, wanted: Extract<WcsOutput, { kind: 'view' | 'view.packets' }>) {
  const { parts, peer, token } = client;
  const { play, mediaSessionId, name, wish } = wanted;
  if (parts.isDraining()) throw new SluiceError('server.draining');
  return {
    name,
    wish,
    clientIp: peer.clientIp,
    userAgent: peer.userAgent,
    signalled: { mediaSessionId, sessionId: token, isTcpOnly: wanted.kind === 'view' && wanted.isTcpOnly },
    onConnected: () => client.feed({ kind: 'view.connected', play }),
    onSourceChanged: (lost: ErrorCode | null) => client.feed({ kind: 'view.source', play, lost }),
    onMedia: (media: PlayedMedia) => client.feed({ kind: 'view.media', play, media }),
    onEvent: (payload: unknown) => client.feed({ kind: 'view.event', play, payload }),
    onData: (data: WcsData) => client.feed({ kind: 'view.data', play, data }),
    onEnded: (code: ErrorCode | null) => client.feed({ kind: 'view.ended', play, code }),
  };
}

export async function view(client: Client, wanted: Extract<WcsOutput, { kind: 'view' }>): Promise<void> {
  const { parts } = client;
  const { play, offer } = wanted;
  let left = (): void => {};
  try {
    const request = requestOf(client, wanted);
    const leave = await letIn(parts, askOf(client, wanted.name, wanted.token), client.releases);
    left = leave.ended;
    const { viewerId, answerSdp, media } = await parts.streams.view({
      ...request,
      offer,
      onVideoRate: (videoBps) => client.feed({ kind: 'view.rate', play, videoBps }),
      onLowered: (sourceKbps, estimateKbps) => client.feed({ kind: 'view.lowered', play, sourceKbps, estimateKbps }),
      onEnded(code) {
        left();
        request.onEnded(code);
      },
    });
    leave.joined(viewerId);
    client.feed({ kind: 'view.answered', play, viewerId, answerSdp, media });
  } catch (error) {
    left();
    client.feed({ kind: 'view.failed', play, ...failureOf(error, parts.log) });
  }
}

/** The SDK's MSE player has no use for the rate of its video, and breaks at it. */
export async function viewPackets(client: Client, wanted: Extract<WcsOutput, { kind: 'view.packets' }>): Promise<void> {
  const { parts, peer, packets } = client;
  const { play, name } = wanted;
  let left = (): void => {};
  try {
    const request = requestOf(client, wanted);
    const leave = await letIn(parts, askOf(client, wanted.name, wanted.token), client.releases);
    left = leave.ended;
    const view = await parts.streams.viewPackets({
      ...request,
      onEnded(code) {
        left();
        packets.delete(view.viewerId);
        client.feed({ kind: 'view.ended', play, code });
      },
    });
    const { viewerId, media, wish, connected } = view;
    packets.set(viewerId, { request: { name, wish, clientIp: peer.clientIp }, connected });
    leave.joined(viewerId);
    client.feed({ kind: 'view.answered', play, viewerId, answerSdp: mseAnswer(media), media });
  } catch (error) {
    left();
    client.feed({ kind: 'view.failed', play, ...failureOf(error, parts.log) });
  }
}

/** The socket of `client` is for media of the session with this token, which is as good as a password. */
export function openMedia({ peer, shared }: Client, authToken: string): void {
  const owner = shared.clientOf(authToken);
  if (owner === undefined) peer.close(closePolicy, errorTable['session.notFound'].info);
  else owner.feed({ kind: 'media.opened', socket: shared.media.open(peer) });
}

export async function feedMedia(
  client: Client,
  { play, viewerId, socket }: Extract<WcsOutput, { kind: 'media.feed' }>,
): Promise<void> {
  const { packets, parts, shared } = client;
  const wanted = packets.get(viewerId);
  if (wanted === undefined) return;
  try {
    await shared.media.feed(socket, wanted.request, {
      onBegun: wanted.connected,
      onOver: (reason) => client.feed({ kind: 'media.over', play, code: reason ?? 'source.ended' }),
      onClosed: () => client.feed({ kind: 'media.over', play, code: 'viewer.mediaSocket' }),
    });
  } catch (error) {
    client.feed({ kind: 'media.over', play, code: codeOf(error, parts.log) });
  }
}

export async function leave({ parts, packets, releases }: Client, viewerId: string): Promise<void> {
  packets.delete(viewerId);
  releases.get(viewerId)?.();
  releases.delete(viewerId);
  try {
    await parts.streams.leave(viewerId);
  } catch (error) {
    // The actor is dead or does not answer; the supervisor ends the viewer together with it.
    parts.log('warn', 'viewer.leaveFailed', { viewerId, code: codeOf(error, parts.log) });
  }
}

const failureOf = (error: unknown, log: Logger) =>
  error instanceof ElsewhereError ? { code: error.code, elsewhere: error.ws } : { code: codeOf(error, log) };
