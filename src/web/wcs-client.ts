/**
 * A client of WCS signalling (docs/wcs.md 3), as far as a page that plays needs it: one session, its plays by WebRTC, and
 * whether a stream is available.
 */

export type SessionStatus = 'PENDING' | 'ESTABLISHED' | 'DISCONNECTED' | 'FAILED';

export interface PlayStatus {
  /** PENDING, PLAYING, PLAYBACK_PROBLEM, STOPPED or FAILED. */
  readonly status: string;
  /** Why, in WCS's words; empty without a reason. */
  readonly info: string;
}

interface Play {
  readonly connection: RTCPeerConnection;
  readonly tell: (status: PlayStatus) => void;
}

type Fields = Readonly<Record<string, unknown>>;

export class WcsClient {
  readonly #socket: WebSocket;
  readonly #plays = new Map<string, Play>();
  readonly #asked = new Map<string, (info: string | null) => void>();
  readonly #tell: (status: SessionStatus) => void;
  #isEstablished = false;

  /** Throws SyntaxError for what is no ws:// or wss:// address. */
  constructor(urlServer: string, tell: (status: SessionStatus) => void) {
    this.#socket = new WebSocket(urlServer);
    this.#tell = tell;
    tell('PENDING');
    const connection = { appKey: 'defaultApp', mediaProviders: ['WebRTC'], clientVersion: '2.0' };
    this.#socket.addEventListener('open', () => this.#send('connection', connection));
    this.#socket.addEventListener('message', ({ data }) => void this.#receive(String(data)));
    this.#socket.addEventListener('close', () => this.#closed());
  }

  disconnect(): void {
    this.#socket.close();
  }

  /** Resolves with null when the stream is there, else with the reason. */
  available(name: string): Promise<string | null> {
    const id = crypto.randomUUID();
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#send('availableStream', { mediaSessionId: id, name });
    });
  }

  /** Plays a name, or an rtmp:// address, in the element. Returns what stops it. */
  async play(name: string, video: HTMLVideoElement, tell: (status: PlayStatus) => void): Promise<() => void> {
    const mediaSessionId = crypto.randomUUID();
    const connection = new RTCPeerConnection();
    const stream = new MediaStream();
    connection.addEventListener('track', ({ track }) => stream.addTrack(track));
    this.#plays.set(mediaSessionId, { connection, tell });
    for (const kind of ['audio', 'video']) connection.addTransceiver(kind, { direction: 'recvonly' });
    await connection.setLocalDescription(await connection.createOffer());
    const sdp = connection.localDescription?.sdp;
    video.srcObject = stream;
    this.#send('playStream', { mediaSessionId, name, published: false, mediaProvider: 'WebRTC', sdp });
    return () => this.#send('stopStream', { mediaSessionId, name });
  }

  #send(message: string, ...data: readonly unknown[]): void {
    this.#socket.send(JSON.stringify({ message, data }));
  }

  async #receive(text: string): Promise<void> {
    const { message, data }: { message: string; data: readonly unknown[] } = JSON.parse(text);
    const [first, second] = data;
    const fields = fieldsOf(first);
    switch (message) {
      case 'ping':
        this.#send('pong', null);
        break;
      case 'getUserData':
        this.#isEstablished = true;
        this.#tell('ESTABLISHED');
        break;
      case 'setRemoteSDP':
        await this.#plays.get(String(first))?.connection.setRemoteDescription({ type: 'answer', sdp: String(second) });
        break;
      case 'notifyStreamStatusEvent':
        this.#changed(String(fields.mediaSessionId), { status: String(fields.status), info: textOf(fields.info) });
        break;
      case 'availableStream':
        this.#asked.get(String(fields.id))?.(fields.status === 'true' ? null : textOf(fields.info));
        this.#asked.delete(String(fields.id));
        break;
    }
  }

  #changed(id: string, status: PlayStatus): void {
    const play = this.#plays.get(id);
    if (play === undefined) return;
    if (status.status === 'STOPPED' || status.status === 'FAILED') {
      play.connection.close();
      this.#plays.delete(id);
    }
    play.tell(status);
  }

  #closed(): void {
    for (const id of [...this.#plays.keys()]) this.#changed(id, { status: 'FAILED', info: 'The session is closed' });
    for (const answer of this.#asked.values()) answer('The session is closed');
    this.#asked.clear();
    this.#tell(this.#isEstablished ? 'DISCONNECTED' : 'FAILED');
  }
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
