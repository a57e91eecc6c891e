/** Inputs of the sweep: servers that wait for what players have to answer, that say odd things while they play, and chunks of other types. */
import type { Socket } from 'node:net';
import { encodeAmf0 } from '../../../src/core/amf/amf0.js';
import type { AmfValue } from '../../../src/core/rtmp/command.js';
import { encodeSetChunkSize, messageTypes } from '../../../src/core/rtmp/message.js';
import { type LazyInput, lazy, mixed, type TagInput } from './input.js';
import type { Manner, Peer, Sent } from './manner.js';
import { control, u24, usualChunkStream } from './odd-chunks.js';
import type { PlainMedia } from './plain-media.js';

const u32 = (value: number): readonly number[] => [(value >>> 24) & 255, ...u24(value & 0xffffff)];
const chunkBytes = 128;
const longest = 0xffffff;
const status = (code: string, more: Readonly<Record<string, AmfValue>> = {}) => ({ level: 'status', code, ...more });
const netStream = (code: string) => status(`NetStream.Play.${code}`);

/** Calls back once this is among what the player sends. */
function whenSent(socket: Socket, bytes: readonly number[] | string, then: () => void): void {
  const wanted = typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(Uint8Array.from(bytes));
  let seen: Buffer = Buffer.alloc(0);
  const look = (data: Buffer): void => {
    seen = Buffer.concat([seen, data]);
    if (!seen.includes(wanted)) return;
    socket.off('data', look);
    then();
  };
  socket.on('data', look);
}

const onPlay = (answer: (peer: Peer) => void): Manner => ({
  answer: ({ name }, peer) => {
    if (name !== 'play') return false;
    answer(peer);
    return true;
  },
});
const saying = (...codes: readonly string[]): Manner =>
  onPlay((peer) => {
    for (const code of codes) peer.say('onStatus', 0, null, netStream(code));
    peer.play();
  });
/** These before each twenty-fifth message. */
const between = (...messages: readonly Pick<Sent, 'type' | 'body'>[]): Manner => ({
  reword: (sent, n) => (n % 25 === 7 ? [...messages.map((one) => ({ ...sent, ...one })), sent] : [sent]),
});
const command = (name: string, ...args: readonly AmfValue[]): Pick<Sent, 'type' | 'body'> => ({
  type: 'commandAmf0',
  body: encodeAmf0(name, 0, null, ...args),
});
const data = (...values: readonly AmfValue[]): Pick<Sent, 'type' | 'body'> => ({
  type: 'dataAmf0',
  body: encodeAmf0(...values),
});

const dialogues: Readonly<Record<string, Manner>> = {
  'a server that waits for an answer to its ping': onPlay((peer) => {
    whenSent(peer.socket, [0, 7, 0, 0, 0, 99], () => {
      peer.say('onStatus', 0, null, netStream('Start'));
      peer.play();
    });
    peer.socket.write(control(messageTypes.userControl, 0, 6, 0, 0, 0, 99));
  }),
  'a server that waits for an answer to its bandwidth check': onPlay((peer) => {
    whenSent(peer.socket, '_result', () => {
      peer.say('onBWDone', 0, null, 8192, 0, 0, 0);
      peer.say('onStatus', 0, null, netStream('Start'));
      peer.play();
    });
    peer.say('_onbwcheck', 77, null, 'x'.repeat(1000));
  }),
  'a server that waits for _checkbw': onPlay((peer) => {
    whenSent(peer.socket, '_checkbw', () => {
      peer.say('onStatus', 0, null, netStream('Start'));
      peer.play();
    });
    peer.say('onBWDone', 0, null);
  }),
  'media before the answer to play': onPlay((peer) => {
    peer.play();
    setTimeout(() => peer.say('onStatus', 0, null, netStream('Start')), 500);
  }),
  'an error of a command that nobody gave, while it plays': onPlay((peer) => {
    peer.say('onStatus', 0, null, netStream('Start'));
    peer.play();
    peer.say('_error', 99, null, { level: 'error', code: 'NetConnection.Call.Failed' });
    peer.say('_result', 98, null, 5);
  }),
  'a stream that is reset, stopped and started': saying('Reset', 'Stop', 'Start'),
  'a stream that is switched and paused': saying('Start', 'Transition', 'TransitionComplete', 'Switch'),
  'a stream whose bandwidth does not do': saying('Start', 'InsufficientBW', 'Failed2'),
  'user controls of a stream that is dry, recorded and ready': onPlay((peer) => {
    for (const type of [0, 4, 1, 31, 32, 0]) peer.socket.write(control(messageTypes.userControl, 0, type, 0, 0, 0, 1));
    peer.say('onStatus', 0, null, netStream('Start'));
    peer.play();
  }),
  'the end of another stream': onPlay((peer) => {
    peer.say('onStatus', 0, null, netStream('Start'));
    peer.socket.write(control(messageTypes.userControl, 0, 1, 0, 0, 0, 7));
    peer.play();
  }),
};

const spoken: Readonly<Record<string, Manner>> = {
  'metadata as a command': between(command('onMetaData', { width: 4, height: 4, videocodecid: 2 })),
  'commands of any name while it plays': between(
    ...['onTextData', 'onFI', 'getStats', 'close2', '|RtmpSampleAccess', ''].map((name) => command(name, 'x', 1)),
  ),
  'switches and notices while it plays': between(
    ...['Reset', 'Start', 'PublishNotify', 'Transition', 'Switch'].map((code) => command('onStatus', netStream(code))),
  ),
  'access to samples that is denied': between(data('|RtmpSampleAccess', false, false)),
  'metadata of 60 kB': between(data('onMetaData', { text: 'x'.repeat(60_000), width: 160 })),
  'metadata within @setDataFrame twice': between(data('@setDataFrame', '@setDataFrame', 'onMetaData', { width: 160 })),
  'metadata of a thousand fields': between(
    data('onMetaData', Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`field${n}`, n]))),
  ),
  'metadata of other codecs by name': between(
    data('onMetaData', { videocodecid: 'hvc1', audiocodecid: 'opus', framerate: 1e9, width: -1, height: Number.NaN }),
  ),
  'data of AMF3 that is cut': between({ type: 'dataAmf3', body: Uint8Array.of(0, 17, 10, 0xff, 0xff, 0xff) }),
  'commands of AMF3 of no format byte': between({ type: 'commandAmf3', body: encodeAmf0('onBWDone', 0, null) }),
  'aggregates of nothing between': between({ type: 'aggregate', body: Uint8Array.of(8, 0, 0) }),
  'empty messages of audio and video between': between(
    { type: 'audio', body: new Uint8Array() },
    { type: 'video', body: new Uint8Array() },
  ),
};

interface Written {
  readonly timestampMs: number;
  readonly deltaMs: number;
  readonly bytes: number;
  readonly typeId: number;
}

/** Header types as few bytes as may be (RTMP 1.0 5.3.1.2). `isExtended`: whether chunks of type 3 repeat an extended timestamp. */
function createShortWriter(socket: Socket, repeatsExtended: boolean) {
  const last = new Map<number, Written>();
  return (sent: Sent): void => {
    const chunkStreamId = usualChunkStream(sent);
    const typeId = messageTypes[sent.type];
    const before = last.get(chunkStreamId);
    const deltaMs = before === undefined ? 0 : sent.timestampMs - before.timestampMs;
    const isNew = before === undefined || deltaMs < 0;
    const isSameKind = !isNew && before.bytes === sent.body.length && before.typeId === typeId;
    const type = isNew ? 0 : !isSameKind ? 1 : before.deltaMs === deltaMs ? 3 : 2;
    const field = isNew ? sent.timestampMs >>> 0 : deltaMs;
    const isExtended = type < 3 && field >= longest;
    const extended = isExtended ? u32(field) : [];
    const stamp = u24(isExtended ? longest : field);
    const kind = [...u24(sent.body.length), typeId];
    const head = [[...stamp, ...kind, 1, 0, 0, 0], [...stamp, ...kind], [...stamp], []][type] ?? [];
    const parts: number[] = [(type << 6) | chunkStreamId, ...head, ...extended];
    for (let from = 0; from < sent.body.length; from += chunkBytes) {
      if (from > 0) parts.push(0xc0 | chunkStreamId, ...(repeatsExtended ? extended : []));
      parts.push(...sent.body.subarray(from, from + chunkBytes));
    }
    socket.write(Uint8Array.from(parts));
    last.set(chunkStreamId, {
      timestampMs: sent.timestampMs,
      deltaMs: isNew ? field : deltaMs,
      bytes: sent.body.length,
      typeId,
    });
  };
}
const shortly = (repeatsExtended: boolean, fromMs: number): Manner => ({
  reword: (sent) => [{ ...sent, timestampMs: sent.timestampMs + fromMs }],
  writer: (socket) => createShortWriter(socket, repeatsExtended),
});

const fullHead = (sent: Sent): readonly number[] => [
  ...[usualChunkStream(sent), ...u24(sent.timestampMs), ...u24(sent.body.length), messageTypes[sent.type], 1, 0, 0, 0],
];
/** The first chunk of each picture, `between`, and the rest by chunks of so many bytes. */
const broken = (bytesBetween: (sent: Sent) => readonly number[], laterBytes: number): Manner => ({
  writer: (socket) => (sent) => {
    const parts: number[] = [...fullHead(sent), ...sent.body.subarray(0, chunkBytes)];
    if (sent.body.length > chunkBytes) parts.push(...bytesBetween(sent));
    for (let from = chunkBytes; from < sent.body.length; from += laterBytes)
      parts.push(0xc0 | usualChunkStream(sent), ...sent.body.subarray(from, from + laterBytes));
    if (sent.body.length > chunkBytes && laterBytes !== chunkBytes)
      parts.push(...control(messageTypes.setChunkSize, ...encodeSetChunkSize(chunkBytes)));
    socket.write(Uint8Array.from(parts));
  },
});
const chunks: Readonly<Record<string, Manner>> = {
  'the shortest headers': shortly(true, 0),
  'the shortest headers, extended timestamps': shortly(true, 2 ** 24),
  'the shortest headers, extended timestamps left out of type 3': shortly(false, 2 ** 24),
  'the shortest headers across 2^24': shortly(true, 2 ** 24 - 1500),
  'the shortest headers across 2^32': shortly(true, 2 ** 32 - 1500),
  'a chunk size that changes within a message': broken(
    () => [...control(messageTypes.setChunkSize, ...encodeSetChunkSize(4096))],
    4096,
  ),
  'pings within messages': broken(() => [...control(messageTypes.userControl, 0, 6, 0, 0, 0, 1)], chunkBytes),
  'messages begun, given up by an abort, and sent again': broken(
    (sent) => [
      ...control(messageTypes.abort, ...u32(usualChunkStream(sent))),
      ...fullHead(sent),
      ...sent.body.subarray(0, chunkBytes),
    ],
    chunkBytes,
  ),
  'messages begun twice': broken((sent) => [...fullHead(sent), ...sent.body.subarray(0, chunkBytes)], chunkBytes),
  'a server that waits for acknowledgements of a window of 2 kB': { writer: createWaitingWriter },
};

const ackHead = [2, 0, 0, 0, 0, 0, 4, messageTypes.ack, 0, 0, 0, 0];

/** No more than two windows are sent before the player has acknowledged some. */
function createWaitingWriter(socket: Socket): (sent: Sent) => void {
  const windowBytes = 2000;
  const waiting: Uint8Array[] = [];
  let unacknowledged = 0;
  const flush = (): void => {
    while (unacknowledged < 2 * windowBytes) {
      const next = waiting.shift();
      if (next === undefined) return;
      unacknowledged += next.length;
      socket.write(next);
    }
  };
  socket.write(control(messageTypes.windowAckSize, ...u32(windowBytes)));
  socket.on('data', (bytes) => {
    if (!bytes.includes(Buffer.from(ackHead))) return;
    unacknowledged = 0;
    flush();
  });
  return (sent) => {
    const parts: number[] = [...fullHead(sent)];
    for (let from = 0; from < sent.body.length; from += chunkBytes) {
      if (from > 0) parts.push(0xc0 | usualChunkStream(sent));
      parts.push(...sent.body.subarray(from, from + chunkBytes));
    }
    waiting.push(Uint8Array.from(parts));
    flush();
  };
}

export function listOddWireInputs({ h264, aac }: PlainMedia): readonly LazyInput[] {
  const whole = mixed(h264, aac);
  const from = (name: string, manner: Manner, more: Partial<TagInput> = {}): LazyInput =>
    lazy(name, () => whole, { manner, ...more });
  return [
    ...Object.entries({ ...dialogues, ...spoken, ...chunks }).map(([name, manner]) => from(name, manner)),
    from('stamps of audio alone that wrap at 2^24', {
      reword: (sent) => {
        const ms = 2 ** 24 - 3000 + sent.timestampMs;
        return [{ ...sent, timestampMs: sent.type === 'audio' ? ms % 2 ** 24 : ms }];
      },
    }),
    from('stamps of audio that jump back and forth by 5 s', {
      reword: (sent) => [
        {
          ...sent,
          timestampMs:
            100_000 + sent.timestampMs - (sent.type === 'audio' && sent.timestampMs % 4000 > 2000 ? 5000 : 0),
        },
      ],
    }),
    from('stamps of one picture in ten an hour ahead', {
      reword: (sent, n) => [
        { ...sent, timestampMs: sent.timestampMs + (sent.type === 'video' && n % 10 === 0 ? 3_600_000 : 0) },
      ],
    }),
  ];
}
