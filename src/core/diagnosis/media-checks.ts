/** What the source sends, against what browsers take. The limits are those of the alerts' words. */
import type { AlertCode } from './alerts.js';
import { alert, firstOf, ok, unknown } from './check.js';
import type { Check, PathFacts, StreamFacts } from './facts.js';
import { trackAlerts } from './track-alerts.js';

/** OvenMediaEngine warns beyond 4 s too. */
const maxKeyframeIntervalS = 4;
const limits = {
  minBitrateBps: 100_000,
  maxBitrateBps: 20_000_000,
  minFps: 10,
  maxFps: 61,
  minWidth: 160,
  minHeight: 120,
  maxWidth: 3840,
  maxHeight: 2160,
  minSampleRateHz: 16_000,
  maxSampleRateHz: 48_000,
  maxJumps: 3,
  maxOffsetMs: 1000,
};
/** profile_idc of H.264 for more than 8 bits or 4:2:0 (ITU-T H.264 A.2). */
const uncommonProfiles = new Set([0x6e, 0x7a, 0xf4, 0x2c]);
/** 5.1: 4K at 30 frames a second. */
const maxLevelIdc = 51;

export function checkMedia(facts: StreamFacts): readonly Check[] {
  const { path, media, state } = facts;
  if (state !== 'PROCESSED_REMOTE' || path === null) {
    const why = state === 'PROCESSED_REMOTE' ? 'The thread does not answer' : 'No media arrives';
    return [unknown('video.codec', 'Browsers play the video', why), unknown('audio.codec', 'The audio is played', why)];
  }
  const video = media.video === null ? missing(facts, 'video') : videoChecks(media.video, path);
  const audio = media.audio === null ? missing(facts, 'audio') : audioChecks(media.audio, path);
  const silent = [
    ...(media.video === null ? [] : unusable(facts, 'video')),
    ...(media.audio === null ? [] : unusable(facts, 'audio')),
  ];
  const further = path.furtherTracks;
  const tracks = further === 0 ? [] : [alert('tracks', 'INGRESS_FURTHER_TRACKS', `${further} further tracks`)];
  return [...video, ...audio, ...silent, ...timeChecks(facts, path), ...tracks];
}

/** Of a track that comes, or is announced. */
const unusable = ({ media }: StreamFacts, kind: 'video' | 'audio'): readonly Check[] =>
  (media.missing ?? [])
    .filter(({ track }) => track === kind)
    .map(({ code, detail }) =>
      alert(`${kind}.track`, trackAlerts[code] ?? 'INGRESS_TRACK_UNREADABLE', detail === '' ? code : detail),
    );

function missing(facts: StreamFacts, kind: 'video' | 'audio'): readonly Check[] {
  const isWanted = kind === 'video' ? facts.wantsVideo : facts.wantsAudio;
  if (!isWanted) return [ok(`${kind}.codec`, `The ${kind} is left out, as wished`)];
  const reasons = unusable(facts, kind);
  if (reasons.length > 0) return reasons;
  return [alert(`${kind}.codec`, kind === 'video' ? 'INGRESS_NO_VIDEO' : 'INGRESS_NO_AUDIO', 'None has come so far')];
}

function videoChecks(video: NonNullable<StreamFacts['media']['video']>, path: PathFacts): readonly Check[] {
  const { gopFrames, keyframeIntervalMs, bFrames, videoPath } = path;
  const intervalS = keyframeIntervalMs / 1000;
  return [
    codecCheck(video),
    firstOf(
      'video.keyframes',
      [[intervalS > maxKeyframeIntervalS, 'INGRESS_LONG_KEY_FRAME_INTERVAL', `${intervalS.toFixed(1)} s`]],
      gopFrames === 0
        ? unknown('video.keyframes', 'Keyframes come often enough', 'No two keyframes so far')
        : ok('video.keyframes', 'Keyframes come often enough', `${intervalS.toFixed(1)} s`),
    ),
    firstOf(
      'video.bFrames',
      [
        [videoPath === 'refuse', 'EGRESS_STREAM_CREATION_FAILED_BY_OUTPUT_PROFILE', 'B-frames are refused'],
        [
          bFrames > 0 || videoPath === 'reencode' || videoPath === 'drop',
          'INGRESS_HAS_BFRAME',
          `${bFrames} so far; they are handled by ${videoPath}`,
        ],
      ],
      ok('video.bFrames', 'No B-frames'),
    ),
    ...sizeChecks(video, path),
  ];
}

function sizeChecks(video: NonNullable<StreamFacts['media']['video']>, path: PathFacts): readonly Check[] {
  const { width, height } = video;
  const { fps, videoRateBps } = path;
  const kbps = `${Math.round(videoRateBps / 1000)} kbit/s`;
  const size = `${width} x ${height}`;
  return [
    firstOf(
      'video.size',
      [
        [width > limits.maxWidth, 'INGRESS_WIDTH_LARGE', size],
        [height > limits.maxHeight, 'INGRESS_HEIGHT_LARGE', size],
        [width > 0 && width < limits.minWidth, 'INGRESS_WIDTH_SMALL', size],
        [height > 0 && height < limits.minHeight, 'INGRESS_HEIGHT_SMALL', size],
      ],
      ok('video.size', 'The size is one that devices decode', size),
    ),
    firstOf(
      'video.rate',
      [
        [fps > limits.maxFps, 'INGRESS_FRAMERATE_HIGH', `${fps} fps`],
        [fps > 0 && fps < limits.minFps, 'INGRESS_FRAMERATE_LOW', `${fps} fps`],
      ],
      ok('video.rate', 'The frame rate is common', `${fps} fps`),
    ),
    firstOf(
      'video.bitrate',
      [
        [videoRateBps > limits.maxBitrateBps, 'INGRESS_BITRATE_HIGH', kbps],
        [videoRateBps > 0 && videoRateBps < limits.minBitrateBps, 'INGRESS_BITRATE_LOW', kbps],
      ],
      ok('video.bitrate', 'The bitrate is common', kbps),
    ),
  ];
}

function codecCheck(video: NonNullable<StreamFacts['media']['video']>): Check {
  const { codec } = video;
  if (codec !== 'H264') return alert('video.codec', 'INGRESS_CODEC_RARE', codec);
  const id = video.profileLevelId ?? '';
  const profile = Number.parseInt(id.slice(0, 2), 16);
  const level = Number.parseInt(id.slice(4, 6), 16);
  const words = id === '' ? codec : `${codec}, profile ${profile}, level ${(level / 10).toFixed(1)}`;
  return firstOf(
    'video.codec',
    [
      [uncommonProfiles.has(profile), 'INGRESS_PROFILE_UNCOMMON', words],
      [level > maxLevelIdc, 'INGRESS_LEVEL_HIGH', words],
    ],
    ok('video.codec', 'Browsers play the video', words),
  );
}

function audioChecks(audio: NonNullable<StreamFacts['media']['audio']>, path: PathFacts): readonly Check[] {
  const { codec, sampleRateHz, channels } = audio;
  const words = `${codec}, ${sampleRateHz} Hz, ${channels === 1 ? 'mono' : `${channels} channels`}`;
  const rate: readonly (readonly [boolean, AlertCode, string])[] = [
    [sampleRateHz < limits.minSampleRateHz, 'INGRESS_SAMPLERATE_LOW', words],
    [sampleRateHz > limits.maxSampleRateHz, 'INGRESS_SAMPLERATE_HIGH', words],
  ];
  return [
    firstOf('audio.codec', rate, ok('audio.codec', 'The audio is played', words)),
    firstOf(
      'audio.decode',
      [
        [path.audioPath === 'unavailable', 'EGRESS_STREAM_CREATION_FAILED_BY_DECODER', words],
        [path.decodeErrors > 0, 'EGRESS_TRANSCODE_DECODING_FAILED', `${path.decodeErrors} frames in the last minute`],
      ],
      path.audioPath === 'idle'
        ? unknown('audio.decode', 'The audio decodes', 'Nobody listens, so nothing is decoded')
        : ok('audio.decode', 'The audio decodes', path.audioPath),
    ),
  ];
}

function timeChecks({ media }: StreamFacts, { jumps, audioStampMs, videoStampMs }: PathFacts): readonly Check[] {
  const offsetMs = audioStampMs - videoStampMs;
  const hasBoth = media.video !== null && media.audio !== null && audioStampMs > 0 && videoStampMs > 0;
  return [
    firstOf(
      'time.jumps',
      [[jumps >= limits.maxJumps, 'INGRESS_TIMESTAMP_JUMPS', `${jumps} in the last minute`]],
      ok('time.jumps', 'The timestamps are steady', `${jumps} jumps in the last minute`),
    ),
    ...(hasBoth
      ? [
          firstOf(
            'time.offset',
            [[Math.abs(offsetMs) > limits.maxOffsetMs, 'INGRESS_AV_OFFSET', `audio is ${offsetMs} ms from video`]],
            ok('time.offset', 'Audio and video come together', `${offsetMs} ms apart`),
          ),
        ]
      : []),
  ];
}
