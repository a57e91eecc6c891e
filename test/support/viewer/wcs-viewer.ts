/** A viewer without a browser that plays by WCS signalling. */
import { openWebSocket } from '../server/websocket-client.js';
import { chromiumOffer } from './offers.js';
import { joinStream, type StreamViewer } from './stream-viewer.js';
import { offerOf } from './whep-viewer.js';

export interface WcsViewer extends StreamViewer {
  /** The statuses that it was told, in order. */
  readonly statuses: readonly string[];
}

/** Fails with the info that it is told where its play fails. */
export async function joinWcs(signalling: string, name: string): Promise<WcsViewer> {
  const socket = await openWebSocket(signalling);
  const statuses: string[] = [];
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
      if (frame.message !== 'notifyStreamStatusEvent') continue;
      const { status, info } = Object(first);
      statuses.push(String(status));
      if (status === 'FAILED') failed(new Error(String(info)));
    }
  };
  void listen();
  const close = (): void => {
    isOver = true;
    socket.close();
  };
  send('connection', { appKey: 'defaultApp', mediaProviders: ['WebRTC'] });
  try {
    const viewer = await joinStream((offer) => {
      const answer = new Promise<string>((resolve, reject) => {
        answered = resolve;
        failed = reject;
      });
      const sdp = offerOf(chromiumOffer, offer);
      send('playStream', { mediaSessionId: name, name, mediaProvider: 'WebRTC', sdp });
      return answer;
    });
    return {
      ...viewer,
      statuses,
      close() {
        close();
        viewer.close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}
