/** One WHEP session: a peer connection, its offer and answer, and its end. */
import { HttpRefusal } from './http-refusal.js';
import { deleteSession, isForgotten, postOffer, sendCounterAnswer, type WhepRequest } from './whep-exchange.js';

/** While the connection is disconnected. */
const askEveryMs = 1000;

export interface WhepSession {
  readonly connection: RTCPeerConnection;
  readonly stream: MediaStream;
  /** At the server. */
  readonly address: URL;
  /** Resolves with the reason, a text, once the connection has failed or was closed by the server. */
  readonly ended: Promise<string>;
  close(): void;
}

/** The server has answered: nothing is connected yet. Once more where that session leads nowhere, and another one takes its place. */
type OnSession = (stream: MediaStream, address: URL) => void;

/**
 * Resolves when ICE and DTLS are connected. Errors: HttpRefusal; Error after `connectTimeoutMs`; AbortError after `signal`.
 */
export async function openSession(
  request: WhepRequest,
  connectTimeoutMs: number,
  onSession: OnSession,
): Promise<WhepSession> {
  const servers: IceServers = { used: [], told: [] };
  try {
    return await attempt(request, connectTimeoutMs, onSession, servers);
  } catch (error) {
    // Relays are asked for where there is no direct path alone: to ask first would cost every viewer a round trip.
    const hasRelay = servers.told.some(({ urls }) => /^turns?:/i.test(String(urls)));
    if (request.signal.aborted || error instanceof HttpRefusal || !hasRelay) throw error;
    return attempt(request, connectTimeoutMs, onSession, { used: servers.told, told: [] });
  }
}

interface IceServers {
  readonly used: RTCIceServer[];
  /** Is given those of the answer. */
  readonly told: RTCIceServer[];
}

async function attempt(
  request: WhepRequest,
  connectTimeoutMs: number,
  onSession: OnSession,
  servers: IceServers,
): Promise<WhepSession> {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: servers.used });
  const stream = new MediaStream();
  connection.addEventListener('track', ({ track }) => stream.addTrack(track));
  let address: URL | undefined;
  const close = (): void => {
    connection.close();
    if (address !== undefined) void deleteSession(address, request.token);
  };
  try {
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.addTransceiver('audio', { direction: 'recvonly' });
    const offer = await connection.createOffer();
    // Sent without our candidates: a server on a public address learns them from ICE checks (peer-reflexive).
    await connection.setLocalDescription({ type: 'offer', sdp: askForStereo(offer.sdp ?? '') });
    const exchange = await postOffer(request, connection.localDescription?.sdp ?? '');
    address = exchange.session;
    servers.told.push(...exchange.iceServers);
    if (exchange.type === 'offer') await connection.setLocalDescription({ type: 'rollback' });
    await connection.setRemoteDescription({ type: exchange.type, sdp: exchange.sdp });
    // Not before its tracks are there: Chromium's video element does not play audio alone if they are added later.
    onSession(stream, address);
    if (exchange.type === 'offer') {
      await connection.setLocalDescription(await connection.createAnswer());
      await sendCounterAnswer(request, address, connection.localDescription?.sdp ?? '');
    }
    await connected(connection, connectTimeoutMs, request.signal);
  } catch (error) {
    close();
    throw error;
  }
  return { connection, stream, address, ended: whenEnded(connection, address), close };
}

/** Chromium decodes Opus to one channel unless its offer has `stereo=1` (RFC 7587 6.1). */
function askForStereo(sdp: string): string {
  const type = /^a=rtpmap:(\d+) opus\/48000/im.exec(sdp)?.[1];
  if (type === undefined || sdp.includes('stereo=1')) return sdp;
  return sdp.replace(new RegExp(`^(a=fmtp:${type} [^\\r\\n]*)`, 'm'), '$1;stereo=1');
}

function connected(connection: RTCPeerConnection, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('No media path to the server was found in time')), timeoutMs);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    const look = (): void => {
      if (connection.connectionState === 'failed') reject(new Error('No media path to the server was found'));
      if (connection.connectionState !== 'connected') return;
      clearTimeout(timer);
      resolve();
    };
    connection.addEventListener('connectionstatechange', look);
    look();
  });
}

/**
 * `disconnected` is no end: browsers recover from it, and Firefox reports it even seconds after media has come back. But a
 * server that was started again knows nothing of the session, and says so long before the browser gives the connection up. When
 * the server ends the session it closes DTLS, which leaves the connection `connected`.
 */
function whenEnded(connection: RTCPeerConnection, session: URL): Promise<string> {
  return new Promise((resolve) => {
    const ask = async (): Promise<void> => {
      while (connection.connectionState === 'disconnected') {
        if (await isForgotten(session)) resolve('The server was started again');
        await new Promise((done) => setTimeout(done, askEveryMs));
      }
    };
    connection.addEventListener('connectionstatechange', () => {
      if (connection.connectionState === 'failed') resolve('The connection to the server was lost');
      if (connection.connectionState === 'disconnected') void ask();
    });
    for (const { transport } of connection.getReceivers()) {
      transport?.addEventListener('statechange', () => {
        if (transport.state === 'closed' || transport.state === 'failed') resolve('The server ended the session');
      });
    }
  });
}
