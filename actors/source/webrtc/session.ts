/** One session with a WebRTC source: its signalling and its receiver, from the offer to the end. */
import { WireError } from '../../../src/core/bytes/wire-error.js';
import type { RedirectedFrom } from '../../../src/core/guard/address.js';
import type { MediaMessage } from '../../../src/core/rtmp/media-message.js';
import { type CandidatePlace, keepCandidates, type ReadAnswer, readAnswer } from '../../../src/core/sdp/read-answer.js';
import type { SourceAddress } from '../../../src/core/source/address.js';
import { type ErrorCode, SluiceError } from '../../../src/errors.js';
import type { SourceAccess } from './access.js';
import { openReceiver, type Receiver } from './receiver.js';
import type { Signalling, SignallingOptions } from './signalling.js';
import { openWcs } from './wcs.js';
import { openWhep } from './whep.js';

export interface WebRtcSessionOptions
  extends Pick<SourceAccess, 'origin' | 'settings' | 'resolve' | 'certificate' | 'nowMs' | 'log'> {
  readonly address: Exclude<SourceAddress, { readonly kind: 'rtmp' }>;
  /** How long it may be silent. */
  readonly patience: { readonly ms: number };
  readonly signal: AbortSignal;
  readonly onMedia: (message: MediaMessage) => void;
  /** Called once, after `openWebRtcSession` has given the session; never after `close`. */
  readonly onEnd: (reason: ErrorCode, detail: string) => void;
}

export interface WebRtcSession {
  /** Where the source was dialled. */
  readonly address: string;
  readonly remoteSessionId: string | null;
  readonly receivedBytes: number;
  /** Packets that never came. */
  readonly lostPackets: number;
  /** What came goes on from now on. */
  begin(): void;
  /** Says goodbye and closes; resolves when all is gone, after half a second or so. */
  close(): Promise<void>;
}

/** Resolves when the source is connected. Errors: source.*. */
export async function openWebRtcSession(options: WebRtcSessionOptions): Promise<WebRtcSession> {
  let onSignalled = (reason: ErrorCode, detail: string): void => void lost.push([reason, detail]);
  const lost: (readonly [ErrorCode, string])[] = [];
  const signalling = await openSignalling(
    {
      ...options,
      target: options.address.target,
      onEnded: (reason, detail) => onSignalled(reason, detail),
    },
    options.address,
  );
  let receiver: Receiver | null = null;
  try {
    receiver = await openReceiver({ ...options, localAddress: signalling.localAddress });
    const answer = await signalling.negotiate(receiver.offerSdp);
    const read = parse(answer);
    const places = await allowedPlaces(options, read, signalling.from);
    await receiver.connect(keepCandidates(answer, places), read.tracks, places);
  } catch (error) {
    await endAll(signalling, receiver);
    throw error;
  }
  const watch = watchMedia(options, receiver, (reason, detail) => onSignalled(reason, detail));
  const opened = receiver;
  return {
    address: signalling.from.address,
    remoteSessionId: signalling.remoteSessionId,
    get receivedBytes() {
      return opened.receivedBytes;
    },
    get lostPackets() {
      return opened.lostPackets;
    },
    begin() {
      onSignalled = options.onEnd;
      const [first] = lost;
      if (first !== undefined) options.onEnd(...first);
      else watch.begin();
    },
    async close() {
      onSignalled = () => {};
      watch.close();
      await endAll(signalling, opened);
    },
  };
}

function openSignalling(options: SignallingOptions, address: WebRtcSessionOptions['address']): Promise<Signalling> {
  return address.kind === 'whep' ? openWhep(options) : openWcs(options, address.streamName);
}

async function endAll(signalling: Signalling, receiver: Receiver | null): Promise<void> {
  // A source that cannot be told learns it by its own timeout.
  await Promise.allSettled([signalling.close(), receiver?.close()]);
}

function parse(answer: string): ReadAnswer {
  try {
    return readAnswer(answer);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new SluiceError('source.protocol', `its answer is no SDP: ${error.detail}`);
  }
}

/** Those that the guard passes: it is the source's word where its packets come from, as with a redirect. */
async function allowedPlaces(
  { resolve, origin }: Pick<SourceAccess, 'resolve' | 'origin'>,
  { candidates }: ReadAnswer,
  from: RedirectedFrom,
): Promise<readonly CandidatePlace[]> {
  const judged = await Promise.all(
    candidates.map(async (place) => {
      try {
        await resolve(place.address, origin, place.port, from);
        return [place];
      } catch (error) {
        if (error instanceof SluiceError) return [];
        throw error;
      }
    }),
  );
  const allowed = judged.flat();
  if (allowed.length > 0) return allowed;
  if (candidates.length === 0) throw new SluiceError('source.protocol', 'its answer has no candidate by UDP');
  throw new SluiceError('source.addressDenied', 'the candidates of its answer');
}

interface Watch {
  begin(): void;
  close(): void;
}

/** Hands media on, and ends a session in which none comes. */
function watchMedia(
  { onMedia, patience, nowMs }: WebRtcSessionOptions,
  receiver: Receiver,
  onEnd: WebRtcSessionOptions['onEnd'],
): Watch {
  let timer: NodeJS.Timeout | undefined;
  let lastMs = 0;
  let hasMedia = false;

  const judge = (): void => {
    const silentMs = nowMs() - lastMs;
    if (silentMs < patience.ms) watch(patience.ms - silentMs);
    else onEnd(hasMedia ? 'source.stalled' : 'source.noMedia', `no media for ${Math.round(silentMs)} ms`);
  };
  const watch = (delayMs: number): void => {
    clearTimeout(timer);
    // After a stop of this thread the timer comes before what the sockets have: that is read first.
    timer = setTimeout(() => setImmediate(judge), Math.ceil(delayMs));
  };

  return {
    begin() {
      lastMs = nowMs();
      receiver.begin((message) => {
        lastMs = nowMs();
        hasMedia = true;
        onMedia(message);
      }, onEnd);
      watch(patience.ms);
    },
    close: () => clearTimeout(timer),
  };
}
