/**
 * The player's half of RTMP (RTMP 1.0): handshake, then messages, from which the dialogue and the media come. Pure: bytes
 * in; bytes to send and events out. Timeouts are the caller's. Shared objects are skipped; so is, and is counted, a message
 * that cannot be read: the next one can.
 */
import { WireError } from '../bytes/wire-error.js';
import { createRateLimit } from '../guard/rate.js';
import { createChunkReader } from './chunk-reader.js';
import { Dialogue, type DialogueEvent, type DialogueOptions, type Lateness, type Waiting } from './client-dialogue.js';
import { type ClientSend, createClientSend } from './client-send.js';
import { decodeCommand, decodeData } from './command.js';
import { createClientHandshake } from './handshake.js';
import { type LinkCall, readLinkCall } from './link-calls.js';
import type { MediaMessage, Track } from './media-message.js';
import {
  type Message,
  messageTypes,
  parseSetPeerBandwidth,
  parseUserControl,
  parseWindowAckSize,
  splitAggregate,
} from './message.js';

export interface ClientOptions extends DialogueOptions {
  /** `handshakeRandomBytes` of random data. */
  readonly random: Uint8Array;
  readonly maxMessageBytes: number;
  /** The server is another node of the cluster: what it tells is handed on. Default: it is not. */
  readonly isNode?: boolean;
}

export type ClientEvent =
  | DialogueEvent
  | { readonly kind: 'media'; readonly message: MediaMessage }
  | { readonly kind: 'told'; readonly call: LinkCall };

export interface ClientStep {
  /** In order. */
  readonly send: readonly Uint8Array[];
  readonly events: readonly ClientEvent[];
}

export interface RtmpClient {
  start(): ClientStep;
  /**
   * The server's next bytes, cut anywhere; ignored after the last event. Bytes that break the protocol are such an end
   * (source.protocol): what came before them counts. `nowMs`: monotonic.
   */
  push(bytes: Uint8Array, nowMs: number): ClientStep;
  /** Messages that could not be read, were longer than is taken, or more than anybody needs. */
  readonly skipped: number;
  /** What to send before the connection is closed. */
  close(): readonly Uint8Array[];
  readonly waitingFor: Waiting;
  /** What it means when that does not come in time. */
  readonly lateness: Lateness;
}

/** Commands that are decoded while the stream plays: a server has next to nothing to say then. */
const commandRules = { perMinute: 600, burst: 50 } as const;

export function createRtmpClient(options: ClientOptions): RtmpClient {
  const handshake = createClientHandshake(options.random);
  const reader = createChunkReader({ maxMessageBytes: options.maxMessageBytes });
  const send = createClientSend();
  let events: ClientEvent[] = [];
  const dialogue = new Dialogue(options, send, (event) => events.push(event));
  const { isNode = false } = options;
  const receiver = createReceiver({ dialogue, send, isNode, emit: (event) => events.push(event) });

  const step = (): ClientStep => {
    const taken = events;
    events = [];
    return { send: send.take(), events: taken };
  };

  /** What follows the handshake. */
  const shake = (bytes: Uint8Array): Uint8Array => {
    const shaken = handshake.push(bytes);
    for (const part of shaken.send) send.raw(part);
    if (shaken.done) dialogue.connect();
    return shaken.rest;
  };

  return {
    start() {
      send.raw(handshake.start());
      return step();
    },
    push(bytes, nowMs) {
      if (dialogue.waitingFor === 'nothing') return step();
      receiver.at(nowMs);
      try {
        reader.read(dialogue.waitingFor === 'handshake' ? shake(bytes) : bytes, receiver.receive);
        send.received(bytes.length);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        dialogue.end('source.protocol', error.message);
      }
      return step();
    },
    close() {
      if (dialogue.streamId > 0) send.notify('deleteStream', null, dialogue.streamId);
      return send.take();
    },
    get skipped() {
      return reader.skipped + receiver.skipped;
    },
    get waitingFor() {
      return dialogue.waitingFor;
    },
    get lateness() {
      return dialogue.lateness;
    },
  };
}

interface Receiver {
  /** What follows came at this time. */
  at(nowMs: number): void;
  receive(message: Message): void;
  readonly skipped: number;
}

interface ReceiverParts {
  readonly dialogue: Dialogue;
  readonly send: ClientSend;
  readonly isNode: boolean;
  readonly emit: (event: ClientEvent) => void;
}

function createReceiver({ dialogue, send, isNode, emit }: ReceiverParts): Receiver {
  const commands = createRateLimit(commandRules);
  let nowMs = 0;
  let skipped = 0;

  const isTooMany = (): boolean => {
    if (dialogue.waitingFor !== 'media' || commands.take('', nowMs)) return false;
    skipped += 1;
    return true;
  };

  /** Undefined for a body that cannot be read. */
  const read = <Read>(parse: (message: Message) => Read, message: Message): Read | undefined => {
    try {
      return parse(message);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      skipped += 1;
      return undefined;
    }
  };

  const onMedia = (track: Track, { timestampMs, body }: Message): void => {
    if (body.length === 0) return;
    if (track !== 'data') dialogue.accept();
    const isPlaying = dialogue.waitingFor === 'play' || dialogue.waitingFor === 'media';
    if (isPlaying) emit({ kind: 'media', message: { track, timestampMs, body } });
  };

  const onData = (message: Message): void => {
    // The end of a recording comes as data (Adobe Media Server); all other data is handed on as it is.
    const end = isPlayStatus(message.body) && !isTooMany() ? read(decodeData, message) : undefined;
    if (end !== undefined) dialogue.status(end.values);
    else onMedia('data', message);
  };

  const onCommand = (message: Message): void => {
    const command = !isNode && isTooMany() ? undefined : read(decodeCommand, message);
    if (command === undefined) return;
    const call = isNode ? readLinkCall(command) : null;
    if (call === null) dialogue.receive(command);
    else emit({ kind: 'told', call });
  };

  const onUserControl = (message: Message): void => {
    const control = read(parseUserControl, message);
    if (control?.kind === 'pingRequest') send.pong(control.timestamp);
    // Section 7.1.7: no more data without further commands. nginx-rtmp says so when the publisher leaves.
    const isOurEnd = control?.kind === 'streamEof' && control.streamId === dialogue.streamId;
    if (isOurEnd && dialogue.waitingFor === 'media') dialogue.end('source.ended', 'the stream came to its end');
  };

  const onAggregate = (message: Message): void => {
    const { messages, isWhole } = splitAggregate(message);
    if (!isWhole) skipped += 1;
    messages.forEach(receive);
  };

  const handlers: ReadonlyMap<number, (message: Message) => void> = new Map([
    [messageTypes.audio, (message: Message) => onMedia('audio', message)],
    [messageTypes.video, (message: Message) => onMedia('video', message)],
    [messageTypes.dataAmf0, onData],
    [messageTypes.dataAmf3, onData],
    [messageTypes.commandAmf0, onCommand],
    [messageTypes.commandAmf3, onCommand],
    [messageTypes.userControl, onUserControl],
    [
      messageTypes.windowAckSize,
      (message: Message) => {
        const windowBytes = read(parseWindowAckSize, message);
        if (windowBytes !== undefined) send.setPeerWindow(windowBytes);
      },
    ],
    [
      messageTypes.setPeerBandwidth,
      (message: Message) => send.answerBandwidth(read(parseSetPeerBandwidth, message)?.windowBytes ?? 0),
    ],
    [messageTypes.aggregate, onAggregate],
  ]);
  const receive = (message: Message): void => {
    // Acknowledgements, shared objects, and types that nobody knows have no handler.
    if (dialogue.waitingFor !== 'nothing') handlers.get(message.typeId)?.(message);
  };
  return {
    at(ms) {
      nowMs = ms;
    },
    receive,
    get skipped() {
      return skipped;
    },
  };
}

const playStatus = new TextEncoder().encode('\x02\x00\x0conPlayStatus');

function isPlayStatus(body: Uint8Array): boolean {
  const formatBytes = body[0] === 0 ? 1 : 0;
  return playStatus.every((byte, index) => body[index + formatBytes] === byte);
}
