/** Bytes made by the rules of RTMP, and of feedback, from values at random. */
import fc from 'fast-check';
import { encodeAmf0 } from '../../src/core/amf/amf0.js';
import { createChunkWriter } from '../../src/core/rtmp/chunk-writer.js';
import { encodeCommand } from '../../src/core/rtmp/command.js';
import { type Message, messageTypes } from '../../src/core/rtmp/message.js';
import { writeTwccBody } from '../support/rtp/twcc-writer.js';
import { amfValues } from '../unit/core/amf/amf-values.js';
import { encodeAmf3 } from '../unit/core/amf/amf3-encode.js';
import { chunk } from '../unit/core/rtmp/chunked.js';

const values = fc.array(amfValues, { maxLength: 4 });

export const structuredAmf0: fc.Arbitrary<Uint8Array> = values.map((some) => encodeAmf0(...some));
export const structuredAmf3: fc.Arbitrary<Uint8Array> = fc
  .tuple(values, fc.boolean())
  .map(([some, sealed]) => encodeAmf3(some, sealed).subarray(1));

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const message: fc.Arbitrary<Message> = fc.record({
  typeId: fc.oneof(fc.constantFrom(...Object.values(messageTypes)), fc.nat(255)),
  streamId: fc.nat(2),
  timestampMs: fc.oneof(fc.nat(1000), u32),
  chunkStreamId: fc.oneof(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 2, max: 65_599 })),
  body: fc.uint8Array({ maxLength: 300 }),
});
/** What the reader takes from the chunks for itself would be read of messages that only look like it. */
const isPlain = ({ typeId }: Message): boolean => typeId !== messageTypes.setChunkSize && typeId !== messageTypes.abort;

export const structuredChunks: fc.Arbitrary<Uint8Array> = fc
  .tuple(
    fc.array(message.filter(isPlain), { maxLength: 8 }),
    fc.boolean(),
    fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 }),
  )
  .map(
    ([messages, repeatExtended, choices]) => chunk(messages, { chunkSizeBytes: 128, repeatExtended, choices }).bytes,
  );

const names = [
  '_result',
  '_error',
  'onStatus',
  'onBWDone',
  'onFCSubscribe',
  'onFCUnsubscribe',
  'close',
  '_checkbw',
  'ping',
];
const info = fc
  .record({
    level: fc.constantFrom('status', 'error', 'warning'),
    code: fc.oneof(
      fc.constantFrom('NetConnection.Connect.Success', 'NetConnection.Connect.Rejected', 'NetStream.Play.Start'),
      fc.constantFrom(
        'NetStream.Play.StreamNotFound',
        'NetConnection.Connect.ReconnectRequest',
        'NetStream.Play.Reset',
      ),
      fc.string(),
    ),
    description: fc.oneof(
      fc.constantFrom('authmod=adobe : ?reason=needauth&user=u&salt=s&challenge=c&opaque=o', 'authmod=llnw'),
      fc.string(),
    ),
    tcUrl: fc.constantFrom('rtmp://other/live', '/live', '//other', '', 'http://x', '\u0000'),
    ex: fc.record(
      { code: fc.constantFrom(302, '302', 0), redirect: fc.webUrl(), redirect2: fc.webUrl() },
      { requiredKeys: [] },
    ),
  })
  .map((entries) => ({ ...entries }));

const commandBody: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.constantFrom(...names), fc.nat(4), amfValues, fc.oneof(info, amfValues))
  .map(([name, transactionId, first, second]) => encodeCommand(name, transactionId, first, second));

export const structuredCommand: fc.Arbitrary<Uint8Array> = fc
  .tuple(fc.nat(3), commandBody)
  .map(([kind, body]) => Uint8Array.of(kind, ...body));

const connected = encodeCommand('_result', 1, {}, { level: 'status', code: 'NetConnection.Connect.Success' });
const opened = encodeCommand('_result', 3, null, 1);
const said = (typeId: number, body: Uint8Array): Message => ({
  typeId,
  body,
  streamId: 1,
  timestampMs: 0,
  chunkStreamId: 3,
});

/** A server's side of the dialogue, often as far as media, with surprises. */
export const structuredDialogue: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom(connected, opened).map((body) => said(messageTypes.commandAmf0, body)) },
      { weight: 2, arbitrary: commandBody.map((body) => said(messageTypes.commandAmf0, body)) },
      message.filter(isPlain),
    ),
    { maxLength: 10 },
  )
  .map((messages) => {
    const writer = createChunkWriter();
    return Buffer.concat(messages.flatMap((one) => writer.write(one)));
  });

const runOf = fc
  .tuple(fc.oneof(fc.constant(null), fc.nat(255), fc.integer({ min: -32_768, max: 32_767 })), fc.nat(300))
  .map(([delta, length]) => Array.from({ length: length + 1 }, () => delta));

export const structuredTwcc: fc.Arbitrary<Uint8Array> = fc
  .record({
    firstSequence: fc.nat(65_535),
    reference64ms: fc.nat(2 ** 24 - 1),
    deltas: fc.array(runOf, { minLength: 1, maxLength: 20 }).map((some) => some.flat()),
    vectors: fc.boolean(),
  })
  .map(writeTwccBody);
