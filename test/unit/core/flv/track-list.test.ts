import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WireError } from '../../../../src/core/bytes/wire-error.js';
import { listOtherTracks } from '../../../../src/core/flv/track-list.js';

const ascii = (text: string): readonly number[] => [...Buffer.from(text)];
/** A track's id, the size of its data, and one byte of it. */
const sized = (trackId: number): readonly number[] => [trackId, 0, 0, 1, 9];

const cases: readonly {
  readonly what: string;
  readonly kind: 'audio' | 'video';
  readonly bytes: readonly number[];
  readonly tracks: readonly (readonly [number, string])[];
}[] = [
  { what: 'a classic frame', kind: 'video', bytes: [0x17, 1, 0, 0, 0, 9], tracks: [] },
  { what: 'classic audio', kind: 'audio', bytes: [0xaf, 1, 9], tracks: [] },
  { what: 'an enhanced frame of one track', kind: 'video', bytes: [0x91, ...ascii('hvc1'), 9], tracks: [] },
  { what: 'nothing', kind: 'video', bytes: [], tracks: [] },
  {
    what: 'one track that is not the default',
    kind: 'video',
    bytes: [0x96, 0x01, ...ascii('hvc1'), 3, 9],
    tracks: [[3, 'FourCC hvc1']],
  },
  { what: 'the default track by itself', kind: 'video', bytes: [0x96, 0x01, ...ascii('avc1'), 0, 9], tracks: [] },
  {
    what: 'many tracks of one codec',
    kind: 'video',
    bytes: [0x96, 0x11, ...ascii('avc1'), ...sized(0), ...sized(1), ...sized(2)],
    tracks: [
      [1, 'FourCC avc1'],
      [2, 'FourCC avc1'],
    ],
  },
  {
    what: 'many tracks of their own codecs',
    kind: 'audio',
    bytes: [0x95, 0x21, ...ascii('mp4a'), ...sized(0), ...ascii('Opus'), ...sized(1), 0, 1, 2, 3, ...sized(7)],
    tracks: [
      [1, 'FourCC Opus'],
      [7, 'an unreadable FourCC'],
    ],
  },
  {
    what: 'many tracks behind an offset in nanoseconds',
    kind: 'audio',
    bytes: [0x97, 2, 0, 0, 1, 0x05, 0x01, ...ascii('Opus'), 4, 9],
    tracks: [[4, 'FourCC Opus']],
  },
];

for (const { what, kind, bytes, tracks } of cases) {
  test(`${what} names ${tracks.length === 0 ? 'no other track' : JSON.stringify(tracks)}`, () => {
    assert.deepEqual(
      listOtherTracks(kind, Uint8Array.from(bytes)),
      tracks.map(([trackId, codec]) => ({ kind, trackId, codec })),
    );
  });
}

test('bytes that a multitrack message cannot be are a WireError, and nothing else', () => {
  assert.throws(() => listOtherTracks('video', Uint8Array.of(0x96, 0x11, 1)), WireError);
  fc.assert(
    fc.property(fc.constantFrom('audio', 'video'), fc.uint8Array({ maxLength: 64 }), (kind, bytes) => {
      try {
        listOtherTracks(kind, bytes);
      } catch (error) {
        assert.ok(error instanceof WireError);
      }
    }),
    { numRuns: 2000 },
  );
});
