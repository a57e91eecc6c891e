/** FLV tag bodies, alone and one after the other, down to the packets that are made of them. */
import { createVideoPath } from '../../../actors/stream/video-path.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { createAudioSource } from '../../../src/core/flv/audio-source.js';
import { parseAudioTag } from '../../../src/core/flv/audio-tag.js';
import { parseScriptTag, promisesVideo, toJson } from '../../../src/core/flv/script-tag.js';
import { listOtherTracks } from '../../../src/core/flv/track-list.js';
import { parseVideoTag } from '../../../src/core/flv/video-tag.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { type FuzzTarget, orRefused } from './target.js';

/** Bodies, each behind two bytes of length. */
export function* bodiesOf(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at + 2 <= data.length; ) {
    const size = (data[at] ?? 0) * 256 + (data[at + 1] ?? 0);
    yield data.subarray(at + 2, at + 2 + size);
    at += 2 + size;
  }
}

const { media } = settingsSchema.parse({});
const nothing = (): void => {};

function openVideoPath(): (body: Uint8Array) => void {
  let mediaMs = 0;
  const path = createVideoPath({
    history: createRtpHistory({ maxBytes: media.gopCacheBytes, maxPackets: 65_536 }),
    settings: { ...media, bFrames: 'drop' },
    rtpTime: (ms) => Math.round(ms * 90) >>> 0,
    decodes: async () => true,
    openThread: () => new Promise(nothing),
    log: nothing,
    onInfo: nothing,
    onUnit: nothing,
    onAccessUnit: nothing,
    onChange: nothing,
    onUsed: nothing,
    onUnusable: nothing,
  });
  return (body) => {
    listOtherTracks('video', body);
    mediaMs += 40;
    path.receive(parseVideoTag(body), () => mediaMs);
  };
}

function openAudioPath(): (body: Uint8Array) => void {
  const source = createAudioSource();
  let stampMs = 0;
  return (body) => {
    stampMs += 23;
    listOtherTracks('audio', body);
    const tag = parseAudioTag(body);
    if (tag.kind === 'config') source.configure(tag.codec, tag.data);
    else if (tag.kind === 'frame') source.unitsOf(tag, stampMs);
  };
}

/** A refused body costs itself only, as in the actor. */
const oneByOne = (open: () => (body: Uint8Array) => void) => (data: Uint8Array) => {
  const receive = open();
  for (const body of bodiesOf(data)) orRefused(() => receive(body));
};

function readScript(data: Uint8Array): void {
  const said = parseScriptTag(data);
  promisesVideo(said);
  toJson(said.values, 8192);
}

const fourCcs = ['avc1', 'hvc1', 'av01', 'vp09', 'Opus', 'mp4a', 'fLaC', 'ac-3', 'ec-3', '.mp3', 'OpusHead'];

export const flvTargets = {
  video: { run: (data) => openVideoPath()(data), words: fourCcs },
  videoPath: { run: oneByOne(openVideoPath), words: fourCcs },
  audio: { run: (data) => openAudioPath()(data), words: fourCcs },
  audioPath: { run: oneByOne(openAudioPath), words: fourCcs },
  script: { run: readScript, words: ['onMetaData', '@setDataFrame', 'videocodecid', 'hasVideo', 'width'] },
} satisfies Record<string, FuzzTarget>;
