/** What a player sends: commands, and the protocol's own messages with the account of bytes that they need (RTMP 1.0 5.4). */
import type { AmfValue } from '../amf/amf-value.js';
import { createChunkWriter } from './chunk-writer.js';
import { encodeCommand } from './command.js';
import { encodeAck, encodePong, encodeSetBufferLength, encodeWindowAckSize, messageTypes } from './message.js';

/** What servers assume while nobody has said otherwise. */
const defaultWindowBytes = 2_500_000;
/** Live if there is a live stream of that name, else recorded (section 7.2.2.1): -2 s in ms, as players send it. */
const liveOrRecorded = -2000;
const chunkStreams = { control: 2, command: 3, stream: 8 } as const;

export interface ClientSend {
  /** What is to be sent, in order; each only once. */
  take(): readonly Uint8Array[];
  /** Bytes before all chunks: the handshake. */
  raw(bytes: Uint8Array): void;
  /** A command that wants an answer; returns its transaction id. */
  call(name: string, ...args: readonly AmfValue[]): number;
  /** A command without an answer. */
  notify(name: string, ...args: readonly AmfValue[]): void;
  answer(transactionId: number, result: AmfValue): void;
  play(streamId: number, stream: string): number;
  bufferLength(streamId: number, bufferMs: number): void;
  pong(timestamp: number): void;
  offerWindow(): void;
  /** The server's wish for acknowledgements; 0: none. */
  setPeerWindow(windowBytes: number): void;
  /** A limit of what we may send without acknowledgement is answered with our window, once for each size (5.4.5). */
  answerBandwidth(windowBytes: number): void;
  /** Counts, and acknowledges every half window, so that no server waits for it (5.4.3). */
  received(moreBytes: number): void;
}

export function createClientSend(): ClientSend {
  const writer = createChunkWriter();
  let pending: Uint8Array[] = [];
  let transactions = 0;
  let peerWindowBytes = defaultWindowBytes;
  let ourWindowBytes = 0;
  let receivedBytes = 0;
  let acknowledgedBytes = 0;

  const control = (typeId: number, body: Uint8Array): void => {
    const message = { typeId, streamId: 0, timestampMs: 0, chunkStreamId: chunkStreams.control, body };
    pending.push(...writer.write(message));
  };
  const command = (chunkStreamId: number, streamId: number, body: Uint8Array): void => {
    const typeId = messageTypes.commandAmf0;
    pending.push(...writer.write({ typeId, streamId, timestampMs: 0, chunkStreamId, body }));
  };
  const connection = (name: string, transactionId: number, args: readonly AmfValue[]): void =>
    command(chunkStreams.command, 0, encodeCommand(name, transactionId, ...args));
  const sendWindow = (windowBytes: number): void => {
    if (windowBytes === ourWindowBytes) return;
    ourWindowBytes = windowBytes;
    control(messageTypes.windowAckSize, encodeWindowAckSize(windowBytes));
  };

  return {
    take() {
      const taken = pending;
      pending = [];
      return taken;
    },
    raw: (bytes) => pending.push(bytes),
    call(name, ...args) {
      transactions += 1;
      connection(name, transactions, args);
      return transactions;
    },
    notify: (name, ...args) => connection(name, 0, args),
    answer: (transactionId, result) => connection('_result', transactionId, [null, result]),
    play(streamId, stream) {
      transactions += 1;
      command(chunkStreams.stream, streamId, encodeCommand('play', transactions, null, stream, liveOrRecorded));
      return transactions;
    },
    bufferLength: (streamId, bufferMs) => control(messageTypes.userControl, encodeSetBufferLength(streamId, bufferMs)),
    pong: (timestamp) => control(messageTypes.userControl, encodePong(timestamp)),
    offerWindow: () => sendWindow(defaultWindowBytes),
    setPeerWindow(windowBytes) {
      peerWindowBytes = windowBytes;
    },
    answerBandwidth(windowBytes) {
      if (windowBytes > 0) sendWindow(windowBytes);
    },
    received(moreBytes) {
      receivedBytes += moreBytes;
      if (peerWindowBytes === 0 || receivedBytes - acknowledgedBytes < peerWindowBytes / 2) return;
      acknowledgedBytes = receivedBytes;
      control(messageTypes.ack, encodeAck(receivedBytes));
    },
  };
}
