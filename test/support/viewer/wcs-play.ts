/** A play by WCS signalling, as its page sees it: what it asks for, and what it is told. */
import { openWebSocket } from '../server/websocket-client.js';

/** Of notifyStreamStatusEvent. */
export interface PlayStatus {
  readonly status: string;
  readonly info: string;
  /** Of the reason that Sluice adds; null: there is none. */
  readonly code: string | null;
}

export interface WcsPlay {
  /** Gives the answer's SDP. Fails with the info that it is told where the play fails. `wishes`: further fields of playStream. */
  play(name: string, sdp: string, wishes?: object): Promise<string>;
  close(): void;
}

/** `onEvent`: what REST sends to all who play. */
export async function openWcsPlay(
  signalling: string,
  onStatus: (told: PlayStatus) => void,
  onEvent = (_payload: unknown): void => {},
): Promise<WcsPlay> {
  const socket = await openWebSocket(signalling);
  const send = (message: string, argument: object): void => socket.sendJson({ message, data: [argument] });
  let isOver = false;
  // Of a socket that is closed every frame that is asked for is refused at once.
  void socket.closed.then(() => {
    isOver = true;
  });
  let answered = (_sdp: string): void => {};
  let failed = (_error: Error): void => {};
  const listen = async (): Promise<void> => {
    while (!isOver) {
      // A server that has nothing to say is silent for long.
      const frame = Object(await socket.next().catch(() => null));
      const [first, second] = frame.data ?? [];
      if (frame.message === 'setRemoteSDP') answered(String(second));
      if (frame.message === 'notifyStreamEvent') onEvent(Object(first).payload);
      if (frame.message !== 'notifyStreamStatusEvent') continue;
      const { status, info, reason } = Object(first);
      const code = reason === undefined ? null : String(Object(reason).code);
      onStatus({ status: String(status), info: String(info), code });
      if (status === 'FAILED') failed(new Error(String(info)));
    }
  };
  void listen();
  send('connection', { appKey: 'defaultApp', mediaProviders: ['WebRTC'] });
  return {
    play: (name, sdp, wishes = {}) =>
      new Promise((resolve, reject) => {
        answered = resolve;
        failed = reject;
        send('playStream', { mediaSessionId: name, name, mediaProvider: 'WebRTC', sdp, ...wishes });
      }),
    close() {
      isOver = true;
      socket.close();
    },
  };
}
