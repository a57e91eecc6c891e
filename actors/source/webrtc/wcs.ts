/** A stream of another WCS or Sluice as a source, by its signalling over a WebSocket. The session lasts as long as the socket. */
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { WireError } from '../../../src/core/bytes/wire-error.js';
import type { WcsFrame } from '../../../src/core/wcs/frame.js';
import { RemotePlay, type RemotePlayEvent } from '../../../src/core/wcs/remote-play.js';
import { type ErrorCode, SluiceError } from '../../../src/errors.js';
import { dialSignalling, hostOf, type Signalling, type SignallingOptions } from './signalling.js';

/** As much as a page may send us. */
const maxFrameBytes = 1_048_576;
/** A server pings every 5 s; one that says nothing for so long is gone. */
const silenceMs = 30_000;
/** A server may hold its answer back until its stream is there. */
const waits = 2;
const farewellMs = 500;

/** Errors: source.*. */
export async function openWcs(options: SignallingOptions, streamName: string): Promise<Signalling> {
  const { target, settings, signal } = options;
  const { dialogueTimeoutMs } = settings;
  const { socket, address } = await dialSignalling(options, target, null);
  const mediaSessionId = randomUUID();
  const play = new RemotePlay({ mediaSessionId, streamName });
  const webSocket = new WebSocket(`${target.isTls ? 'wss' : 'ws'}://${hostOf(target)}${target.path}`, {
    createConnection: () => socket,
    maxPayload: maxFrameBytes,
    handshakeTimeout: dialogueTimeoutMs,
    perMessageDeflate: false,
  });
  const next = createInbox(signal);
  const send = (frame: WcsFrame): void => webSocket.send(JSON.stringify(frame));
  const lose = (reason: ErrorCode, detail: string): void => next.put({ kind: 'ended', reason, detail });
  const watch = (): NodeJS.Timeout =>
    setTimeout(() => lose('source.stalled', `no word of its signalling for ${silenceMs} ms`), silenceMs);
  let silence = watch();
  let isClosed = false;

  webSocket.on('open', () => send(play.connect()));
  webSocket.on('unexpected-response', (_, { statusCode = 0 }) =>
    lose(statusCode === 401 || statusCode === 403 ? 'source.notAuthorised' : 'source.rejected', `HTTP ${statusCode}`),
  );
  webSocket.on('error', () => lose('source.protocol', 'its WebSocket cannot be read'));
  webSocket.on('close', () => lose('source.ended', 'the signalling was closed'));
  webSocket.on('message', (data, isBinary) => {
    if (isClosed) return;
    clearTimeout(silence);
    silence = watch();
    if (isBinary) return;
    try {
      const step = play.receive(String(data));
      for (const frame of step.send) send(frame);
      for (const event of step.events) next.put(event);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      lose('source.protocol', error.message);
    }
  });
  const close = async (): Promise<void> => {
    isClosed = true;
    clearTimeout(silence);
    if (webSocket.readyState === WebSocket.OPEN) send(play.stop());
    webSocket.close();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const late = setTimeout(() => socket.destroy(), farewellMs);
    if (!socket.destroyed) await closed;
    clearTimeout(late);
  };

  try {
    await next.get('established', dialogueTimeoutMs);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    from: { address, port: target.port },
    localAddress: socket.localAddress ?? '',
    remoteSessionId: mediaSessionId,
    async negotiate(offerSdp) {
      send(play.play(offerSdp));
      const { sdp } = await next.get('answer', waits * dialogueTimeoutMs);
      next.hand(({ reason, detail }) => options.onEnded(reason, detail));
      return sdp;
    },
    close,
  };
}

type Ended = RemotePlayEvent & { readonly kind: 'ended' };

interface Inbox {
  put(event: RemotePlayEvent): void;
  /** The next event of this kind. Errors: why the source ended the session, source.timeout. */
  get<Kind extends 'established' | 'answer'>(
    kind: Kind,
    timeoutMs: number,
  ): Promise<RemotePlayEvent & { readonly kind: Kind }>;
  /** From now on only the end is waited for. */
  hand(onEnded: (event: Ended) => void): void;
}

function createInbox(signal: AbortSignal): Inbox {
  let wake = (): void => {};
  let ended: Ended | null = null;
  const events: RemotePlayEvent[] = [];
  let onEnded: ((event: Ended) => void) | null = null;

  return {
    put(event) {
      if (ended !== null) return;
      if (event.kind === 'ended') ended = event;
      else events.push(event);
      if (event.kind === 'ended' && onEnded !== null) onEnded(event);
      wake();
    },
    get(kind, timeoutMs) {
      const isWanted = (event: RemotePlayEvent): event is RemotePlayEvent & { readonly kind: typeof kind } =>
        event.kind === kind;
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', look);
          wake = () => {};
          finish();
        };
        const timer = setTimeout(
          () => settle(() => reject(new SluiceError('source.timeout', `its signalling never said ${kind}`))),
          timeoutMs,
        );
        const look = (): void => {
          const found = events.find(isWanted);
          if (found !== undefined) settle(() => resolve(found));
          else if (ended !== null) {
            const { reason, detail } = ended;
            settle(() => reject(new SluiceError(reason, detail)));
          } else if (signal.aborted) settle(() => reject(new SluiceError('source.timeout', 'given up')));
        };
        wake = look;
        signal.addEventListener('abort', look);
        look();
      });
    },
    hand(take) {
      onEnded = take;
      if (ended !== null) take(ended);
    },
  };
}
