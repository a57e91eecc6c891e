/** Inputs of the sweep: media that are whole, from servers that answer, write and stamp them in ways that few do. */
import type { Socket } from 'node:net';
import { encodeAmf0 } from '../../../src/core/amf/amf0.js';
import type { FlvTag } from '../../support/source/flv-file.js';
import { input, mixed, type TagInput } from './input.js';
import type { Manner, Peer, Sent } from './manner.js';
import {
  before,
  control,
  inAggregates,
  inChunksOf,
  inHalves,
  interleaved,
  onStreams,
  u24,
  usualChunkStream,
} from './odd-chunks.js';
import type { PlainMedia } from './plain-media.js';

const started = { level: 'status', code: 'NetStream.Play.Start' };
const success = { level: 'status', code: 'NetConnection.Connect.Success' };
type Answers = Partial<Record<'connect' | 'createStream' | 'play', (peer: Peer, transactionId: number) => void>>;
const answering = (answers: Answers): Manner => ({
  answer: ({ name, transactionId }, peer) => {
    const answer = name === 'connect' || name === 'createStream' || name === 'play' ? answers[name] : undefined;
    answer?.(peer, transactionId);
    return answer !== undefined;
  },
});
const raw = (socket: Socket, typeId: number, body: Uint8Array): void => {
  socket.write(Buffer.concat([Uint8Array.of(3, 0, 0, 0, ...u24(body.length), typeId, 0, 0, 0, 0), body]));
};
const playsBy = (say: (peer: Peer, transactionId: number) => void): Manner =>
  answering({
    play: (peer, id) => {
      say(peer, id);
      peer.play();
    },
  });

const dialogues: Readonly<Record<string, Manner>> = {
  'createStream answered with 0': answering({ createStream: ({ say }, id) => say('_result', id, null, 0) }),
  'createStream answered with a text': answering({ createStream: ({ say }, id) => say('_result', id, null, '1') }),
  'createStream answered without a command object': answering({ createStream: ({ say }, id) => say('_result', id, 1) }),
  'createStream answered by another number': answering({ createStream: ({ say }) => say('_result', 0, null, 1) }),
  'createStream answered twice': answering({
    createStream: ({ say }, id) => {
      say('_result', id, null, 1);
      say('_result', id, null, 2);
    },
  }),
  'connect answered with nothing': answering({ connect: ({ say }, id) => say('_result', id) }),
  'connect answered with null': answering({ connect: ({ say }, id) => say('_result', id, null, null) }),
  'connect answered by another number': answering({ connect: ({ say }) => say('_result', 0, null, success) }),
  'connect answered by onStatus': answering({ connect: ({ say }) => say('onStatus', 0, null, success) }),
  'connect answered in AMF3': answering({
    connect: ({ socket }, id) => raw(socket, 17, Uint8Array.of(0, ...encodeAmf0('_result', id, null))),
  }),
  'connect answered with bytes behind it': answering({
    connect: ({ socket }, id) =>
      raw(socket, 20, Uint8Array.of(...encodeAmf0('_result', id, null, { code: success.code }), 0xff, 0xfe)),
  }),
  'a command without a number before the answer': answering({
    connect: ({ say, socket }, id) => {
      raw(socket, 20, encodeAmf0('onBWDone', null));
      raw(socket, 20, encodeAmf0('onStatus', 'x', null));
      say('_result', id, null, success);
    },
  }),
  'a command that nobody can read before the answer': answering({
    connect: ({ say, socket }, id) => {
      raw(socket, 20, Uint8Array.of(0xff, 1, 2));
      raw(socket, 20, new Uint8Array());
      raw(socket, 20, encodeAmf0(1, 2));
      say('_result', id, null, success);
    },
  }),
  'a command cut behind its name': answering({
    connect: ({ say, socket }, id) => {
      raw(socket, 20, encodeAmf0('onBWDone'));
      raw(socket, 20, Uint8Array.of(...encodeAmf0('onBWDone'), 0, 1));
      say('_result', id, null, success);
    },
  }),
  'play answered by _result': playsBy(({ say }, id) => say('_result', id, null, started)),
  'play answered by nothing': playsBy(() => {}),
  'play answered in AMF3': playsBy(({ socket }) =>
    raw(socket, 17, Uint8Array.of(0, ...encodeAmf0('onStatus', 0, null, started))),
  ),
  'play answered without a command object': playsBy(({ say }) => say('onStatus', 0, started)),
  'play answered with much': playsBy(({ say }) => {
    for (const code of [
      'Play.Reset',
      'Play.Start',
      'Play.PublishNotify',
      'Play.InsufficientBW',
      'Data.Start',
      'Buffer.Full',
      'Play.Other',
    ])
      say('onStatus', 0, null, { level: 'status', code: `NetStream.${code}` });
  }),
  'play answered by an empty status': playsBy(({ say }) => say('onStatus', 0, null, { level: 'status', code: '' })),
  'play answered by a text': playsBy(({ say }) => say('onStatus', 0, null, 'NetStream.Play.Start')),
  'windows of 1 and of 0 bytes': playsBy(({ socket }) => {
    for (const bytes of [control(5, 0, 0, 0, 1), control(6, 0, 0, 0, 0, 7), control(6, 0, 0, 0, 1)])
      socket.write(bytes);
  }),
  'no window': playsBy(({ socket }) => socket.write(control(5, 0, 0, 0, 0))),
  'user controls that nobody knows': playsBy(({ socket }) => {
    for (const body of [[], [0], [0, 31], [0, 32, 1, 2, 3, 4], [0, 0], [0, 2, 0, 0, 0, 1], [0, 1, 0, 0, 0, 9], [0, 6]])
      socket.write(control(4, ...body));
  }),
  'shared objects': playsBy(({ socket }) => raw(socket, 19, Uint8Array.of(0, 1, 0x61))),
  'acknowledgements and an unknown message': playsBy(({ socket }) => {
    socket.write(control(3, 0, 0, 1, 0));
    socket.write(control(3));
    socket.write(control(99, 1, 2, 3));
  }),
};

const stamps: Readonly<Record<string, (ms: number, type: Sent['type']) => number>> = {
  'all 0': () => 0,
  'of video 0': (ms, type) => (type === 'video' ? 0 : ms),
  'of audio 0': (ms, type) => (type === 'audio' ? 0 : ms),
  'that wrap at 2^32': (ms) => ms + 2 ** 32 - 1500,
  'that wrap at 2^24': (ms) => (ms + 2 ** 24 - 1500) % 2 ** 24,
  'that pass 2^31': (ms) => ms + 2 ** 31 - 1500,
  'that go back an hour each two seconds': (ms) => 3_600_000 * (1000 - Math.floor(ms / 2000)) + ms,
  'that go forward an hour each two seconds': (ms) => 3_600_000 * Math.floor(ms / 2000) + ms,
  'that begin anew each two seconds': (ms) => ms % 2000,
  'of a clock of 90 kHz': (ms) => ms * 90,
  'of a clock of seconds': (ms) => Math.floor(ms / 1000),
  'of video at half the speed': (ms, type) => (type === 'video' ? ms / 2 : ms),
  'of both at half the speed': (ms) => ms / 2,
  'of microseconds': (ms) => ms * 1000,
  'of pairs of messages': (ms) => ms - (ms % 80),
  'of a clock that is 5 % fast': (ms) => Math.round(ms * 1.05),
  'that jitter by 15 ms': (ms, type) => ms + (type === 'video' ? (ms * 7) % 31 : 0),
  'of video 900 ms ahead': (ms, type) => ms + (type === 'video' ? 900 : 0),
  'of audio days behind': (ms, type) => ms + (type === 'video' ? 2e9 : 0),
  'below 0': (ms) => ms - 5000,
};

export function makeOddServerInputs({ h264, aac }: PlainMedia): readonly TagInput[] {
  const whole: readonly FlvTag[] = mixed(h264, aac);
  const from = (name: string, manner: Manner, more: Partial<TagInput> = {}): TagInput =>
    input(name, whole, { manner, ...more });
  return [
    ...Object.entries(dialogues).map(([name, manner]) => from(name, manner)),
    ...Object.entries(stamps).map(([what, of]) =>
      from(
        `stamps ${what}`,
        { reword: (sent) => [{ ...sent, timestampMs: of(sent.timestampMs, sent.type) }] },
        { isTone: !what.includes('seconds') && !what.includes('fast') && !what.includes('90') },
      ),
    ),
    ...[1, 63, 65_536, 0x7fffffff].map((bytes) => from(`chunks of ${bytes} bytes`, inChunksOf(bytes))),
    from(
      'chunk streams 64 and 319',
      onStreams(({ type }) => (type === 'audio' ? 64 : 319)),
    ),
    from(
      'chunk streams 320 and 65599',
      onStreams(({ type }) => (type === 'audio' ? 320 : 65_599)),
    ),
    from(
      'all on chunk stream 3',
      onStreams(() => 3),
    ),
    from(
      'all on chunk stream 2',
      onStreams(() => 2),
    ),
    from('media on message stream 0', onStreams(usualChunkStream, 0)),
    from('media on message stream 77', onStreams(usualChunkStream, 77)),
    from('chunks of audio between those of pictures', interleaved),
    from('first bytes of messages alone', inHalves),
    from('a chunk size before each message', before(control(1, 0, 0, 0, 128))),
    from('pings before each message', before(control(4, 0, 6, 0, 0, 0, 1))),
    from('aborts before each message', before(control(2, 0, 0, 0, 6), control(2, 0, 0, 0, 9), control(2))),
    from('aggregates of eight messages', inAggregates({ messages: 8, fromMs: 0, backPointer: (bytes) => bytes })),
    from(
      'aggregates whose tags are of another time',
      inAggregates({ messages: 8, fromMs: 123_456_789, backPointer: (bytes) => bytes }),
    ),
    from(
      'aggregates whose sizes are false',
      inAggregates({ messages: 5, fromMs: 2 ** 32 - 296, backPointer: () => 0 }),
    ),
  ];
}
