/** An audio path with a real packet log behind it, and what it made. */
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { loadAudio } from '../../../actors/media/load-audio.js';
import { createAudioPath } from '../../../actors/stream/audio-path.js';
import { type AudioEncoding, encodingClockHz, ofEachEncoding } from '../../../src/core/codec/audio-encoding.js';
import type { MediaInfo } from '../../../src/core/codec/media-info.js';
import { parseAudioTag } from '../../../src/core/flv/audio-tag.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { rtpTime } from '../../../src/core/rtp/rtp-time.js';
import { createStampRun } from '../../../src/core/timeline/stamp-run.js';
import type { FlvTag } from '../source/flv-file.js';
import { decodeOpus, toneLevel } from './opus.js';

/** Near the wrap, so that every test that runs for some seconds crosses it. */
const rtpOffset = 2 ** 32 - 300_000;

export interface MadePacket {
  readonly rtpTs: number;
  readonly data: Uint8Array;
  /** Media time of the frame that completed it. */
  readonly atMs: number;
}

export async function setAudioStage(t: TestContext, audio: AudioEncoding = 'Opus') {
  const guard = { enter: () => {}, leave: () => {} };
  await loadAudio(guard);
  const history = createRtpHistory({ maxBytes: 1 << 24, maxPackets: 1 << 17 });
  const packets: MadePacket[] = [];
  const lines: { readonly event: string; readonly fields: object }[] = [];
  const unusable: string[] = [];
  let used = 0;
  let info: MediaInfo['audio'] = null;
  let seen = 0;
  const run = createStampRun();
  const path = createAudioPath({
    histories: {
      ...ofEachEncoding(() => createRtpHistory({ maxBytes: 1 << 20, maxPackets: 1 << 12 })),
      [audio]: history,
    },
    bitrateKbps: 96,
    guard,
    loadAudio: () => loadAudio(guard),
    log: (_level, event, fields = {}) => lines.push({ event, fields }),
    rtpTime: (encoding, ts48k) => rtpTime(ts48k / 48, encodingClockHz[encoding], rtpOffset),
    onInfo: (next) => {
      info = next;
    },
    onUnit: () => {},
    onAudio: () => {},
    onUsed: () => (used += 1),
    onUnusable: (code, detail) => unusable.push(`${code} ${detail}`),
  });
  t.after(() => path.close());
  path.setWanted(new Set([audio]));

  /** Tags as the source sends them; between two of them everything that can happen at once does. `place`: media time of a stamp. */
  const feed = async (
    tags: readonly Pick<FlvTag, 'timestampMs' | 'body'>[],
    place = (timestampMs: number): number => timestampMs,
  ): Promise<void> => {
    for (const { timestampMs, body } of tags) {
      const placeFrame = (): number | null => (run.follows(timestampMs, timestampMs) ? null : place(timestampMs));
      path.receive(parseAudioTag(body), timestampMs, placeFrame);
      for (; seen < history.end; seen += 1) {
        packets.push({ rtpTs: history.rtpTs(seen), data: Uint8Array.from(history.payload(seen)), atMs: timestampMs });
      }
      await turn();
    }
  };

  return {
    path,
    packets,
    lines,
    unusable,
    /** Frames that could be heard, as far as was known. */
    used: () => used,
    feed,
    info: () => info,
    /** How far each packet's RTP time is behind the next one's. */
    steps: () => packets.slice(1).map(({ rtpTs }, n) => (rtpTs - (packets[n]?.rtpTs ?? 0)) >>> 0),
    /** Media time of a packet's RTP time, in ms. */
    mediaMs: ({ rtpTs }: MadePacket) => ((rtpTs - rtpOffset) | 0) / (encodingClockHz[audio] / 1000),
    pcm: (from = 0, to?: number) => decodeOpus(packets.slice(from, to).map(({ data }) => data)),
  };
}

/** Level of the tone in every 20 ms of the audio. */
export const toneWindows = (pcm: Float32Array, frequencyHz = 440): number[] =>
  Array.from({ length: Math.floor(pcm.length / 960) }, (_, n) =>
    toneLevel(pcm.subarray(n * 960, (n + 1) * 960), frequencyHz),
  );
