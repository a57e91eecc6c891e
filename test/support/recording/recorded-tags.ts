/** FLV tags through the paths of a stream, its fragments and a recording to finished files, as fast as the machine goes. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { loadAudio } from '../../../actors/media/load-audio.js';
import { loadFragments } from '../../../actors/media/load-fragments.js';
import { loadNativeAv } from '../../../actors/media/native.js';
import { createDisk } from '../../../actors/recording/disk.js';
import { finishPart } from '../../../actors/recording/finish-part.js';
import { workFolder } from '../../../actors/recording/places.js';
import { Recording } from '../../../actors/recording/recording.js';
import { createAudioPath } from '../../../actors/stream/audio-path.js';
import { createDemuxer } from '../../../actors/stream/demuxer.js';
import { createMediaKnowledge } from '../../../actors/stream/media-knowledge.js';
import { createStreamFragments } from '../../../actors/stream/stream-fragments.js';
import { createVideoPath } from '../../../actors/stream/video-path.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { ofEachEncoding } from '../../../src/core/codec/audio-encoding.js';
import type { RecordingPart } from '../../../src/core/recording/part.js';
import { createRtpHistory } from '../../../src/core/rtp/rtp-history.js';
import { createStreamTimeline, readStreamTimeline } from '../../../src/core/timeline/stream-timeline.js';
import { noGuard } from '../media/coded-video.js';
import type { FlvTag } from '../source/flv-file.js';

/** What one RTMP session sends, in the order in which it comes. */
export interface RecordedSession {
  readonly tags: readonly FlvTag[];
  /** Between the last message of the session before and the first of this one. */
  readonly awayMs?: number;
}

export interface RecordedFile {
  readonly part: RecordingPart;
  readonly path: string;
}

const { media, rtmp } = settingsSchema.parse({});
const history = () => createRtpHistory({ maxBytes: 1 << 24, maxPackets: 1 << 17 });

/** Tags of several tracks in the order of their stamps; headers first. */
export const interleaved = (...tracks: readonly (readonly FlvTag[])[]): readonly FlvTag[] =>
  tracks.flat().sort((one, other) => one.timestampMs - other.timestampMs);

/** As the source sends them, stamp by stamp, to a stream that is recorded from its first message on. */
function openStream(hasVideo: boolean) {
  let nowMs = 0;
  const clock = () => nowMs;
  const log = () => {};
  const spec = { hasAudio: true, hasVideo };
  const knowledge = createMediaKnowledge({ expectsVideo: hasVideo, onChange: () => {} });
  const code = { audio: () => loadAudio(noGuard), fragments: () => loadFragments(noGuard) };
  const fragments = createStreamFragments({
    spec,
    knowledge,
    maxBytes: media.gopCacheBytes,
    since: () => [],
    guard: noGuard,
    code,
    log,
    onTaken: () => {},
  });
  const audio = createAudioPath({
    guard: noGuard,
    loadAudio: code.audio,
    log,
    histories: ofEachEncoding(history),
    bitrateKbps: media.opusBitrateKbps,
    rtpTime: () => 0,
    onInfo: knowledge.setAudio,
    onUnit: fragments.pushAudio,
    onAudio: () => {},
    onUsed: () => {},
    onUnusable: () => {},
  });
  const video = createVideoPath({
    history: history(),
    settings: media,
    rtpTime: () => 0,
    openThread: () => new Promise(() => {}),
    decodes: async () => true,
    log,
    onInfo: knowledge.setVideo,
    onUnit: fragments.pushVideo,
    onAccessUnit: () => {},
    onChange: () => {},
    onUsed: () => {},
    onUnusable: () => {},
  });
  const demuxer = createDemuxer({
    spec,
    line: readStreamTimeline(createStreamTimeline({ audio: 1, video: 2 })).line,
    rtmp,
    video,
    audio,
    knowledge,
    health: { announced: () => {}, came: () => {}, unusable: () => {}, paced: () => {} },
    post: () => {},
    nowMs: clock,
    wallMs: clock,
    log,
  });

  return {
    open: fragments.open,
    async play({ tags, awayMs = 0 }: RecordedSession): Promise<void> {
      nowMs += awayMs;
      demuxer.newSession();
      let lastMs = tags[0]?.timestampMs ?? 0;
      for (const { track, timestampMs, body } of tags) {
        // A stamp that jumps is none of the clock of who receives it.
        const passedMs = timestampMs - lastMs;
        if (passedMs > 0 && passedMs < 1000) nowMs += passedMs;
        lastMs = timestampMs;
        if (track !== 'data') demuxer.receive({ track, timestampMs, body }, nowMs);
        await turn();
      }
    },
    close() {
      fragments.close();
      audio.close();
      video.close();
    },
  };
}

/** The files of the recording, finished. */
export async function recordTags(
  t: TestContext,
  sessions: readonly RecordedSession[],
): Promise<readonly RecordedFile[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-recorded-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await mkdir(workFolder(folder));
  await loadAudio(noGuard);
  const hasVideo = sessions.some(({ tags }) => tags.some(({ track }) => track === 'video'));
  const stream = openStream(hasVideo);
  const parts = new Map<string, RecordingPart>();
  let ended = (): void => {};
  const whenEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const recording = new Recording({
    request: {
      recordingId: 'r',
      streamName: 'cam',
      mediaSessionId: 'm',
      template: '{streamName}',
      rotation: { afterMs: null, afterBytes: null },
    },
    disk: createDisk(1 << 30),
    folder,
    minFreeBytes: 0,
    say(message) {
      if (message.kind === 'part') parts.set(message.part.partId, message.part);
      if (message.kind === 'feedEnded') ended();
    },
    onDropped: () => {},
    wallMs: Date.now,
  });
  recording.feed(await stream.open('recording'));
  for (const session of sessions) await stream.play(session);
  stream.close();
  await whenEnded;
  await recording.stop();
  const av = await loadNativeAv(noGuard);
  return [...parts.values()].map((recorded) => {
    const part = finishPart(av, noGuard, folder, recorded);
    return { part, path: join(folder, part.fileName ?? '') };
  });
}
