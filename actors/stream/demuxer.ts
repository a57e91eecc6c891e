/** The door of the data path: parses the tag of each message, once, gives it its place in time and hands it to its path. */

import type { Glance } from '../../src/core/access-unit/picture.js';
import { WireError } from '../../src/core/bytes/wire-error.js';
import { MediaFilter } from '../../src/core/flv/accepted-media.js';
import { promisesVideo, saidAudio } from '../../src/core/flv/script-tag.js';
import { TagReader } from '../../src/core/flv/tag-reader.js';
import { listOtherTracks } from '../../src/core/flv/track-list.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { SourceClock } from '../../src/core/timeline/source-clock.js';
import type { WallClock } from '../../src/core/timeline/wall-clock.js';
import type { ActorEvent, StreamSpec } from '../contract.js';
import type { ActorSettings } from '../settings.js';
import type { StreamStats } from '../stats.js';
import type { AudioPath } from './audio-path.js';
import { createDataEvents } from './data-events.js';
import { FramePlaces, type FramePlacesOptions } from './frame-places.js';
import type { MediaKnowledge } from './media-knowledge.js';
import { createOtherTracks } from './other-tracks.js';
import type { TrackHealth } from './track-health.js';
import type { VideoPath } from './video-path.js';

/** `config`: what a decoder must know before frames. */
export type MessageKind = 'config' | 'frame' | 'other';

export interface DemuxerOptions extends FramePlacesOptions {
  /** A track that is not wanted is not even parsed. */
  readonly spec: Pick<StreamSpec, 'hasAudio' | 'hasVideo'>;
  readonly rtmp: Pick<ActorSettings['rtmp'], 'accepts' | 'maxTrackOffsetMs'>;
  readonly video: Pick<VideoPath, 'receive' | 'glance' | 'newSession'>;
  readonly audio: Pick<AudioPath, 'receive' | 'describe'>;
  readonly knowledge: Pick<MediaKnowledge, 'heard' | 'promiseVideo'>;
  readonly health: Pick<TrackHealth, 'announced' | 'came' | 'unusable' | 'paced'>;
  readonly post: (event: ActorEvent) => void;
}

export interface Demuxer extends Pick<WallClock, 'mediaMsAt' | 'lagMs'> {
  /** `arrivedMs`: monotonic. Throws WireError on bytes that are no FLV tag and no AMF. */
  receive(message: MediaMessage, arrivedMs: number): MessageKind;
  /** By which all read this source. */
  readonly tags: Pick<TagReader, 'audio' | 'video'>;
  /** What a message of video holds; null: it must be received now. */
  glance(message: MediaMessage): Glance | null;
  /** What follows is of another RTMP session: its clock may begin anywhere. */
  newSession(): void;
  /** Its first frame is so late (src/core/timeline/source-clock.ts). */
  readonly startLate: SourceClock['startLate'];
  readonly stats: Pick<StreamStats, 'otherTracks' | 'trackOffsetMs' | 'stampSpeeds'>;
  /** Data messages that were not handed on. */
  readonly dataDropped: number;
}

/** What stands before the data of AAC. */
const audioHeadBytes = 2;
const unreadable = { audio: 'source.unreadableAudio', video: 'source.unreadableVideo' } as const;

export function createDemuxer(options: DemuxerOptions): Demuxer {
  const { spec, video, audio, knowledge, health } = options;
  const data = createDataEvents(options);
  const places = new FramePlaces(options);
  const otherTracks = createOtherTracks();
  const tags = new TagReader();
  const filter = new MediaFilter(options.rtmp.accepts ?? null);

  /** The paths ask for frames alone: servers stamp sequence headers as they like, later than the frames behind. */
  const placeVideo = (timestampMs: number, arrivedMs: number) => (): number => places.video(timestampMs, arrivedMs);
  const placeAudio =
    (timestampMs: number, arrivedMs: number) =>
    (playedMs: number | null): number | null => {
      const mediaMs = places.audio(timestampMs, arrivedMs, playedMs);
      if (mediaMs !== null) knowledge.heard(mediaMs);
      return mediaMs;
    };

  const receiveData = (timestampMs: number, body: Uint8Array): void => {
    const script = data.receive(timestampMs, body);
    if (script === null) return;
    if (promisesVideo(script) && spec.hasVideo) {
      knowledge.promiseVideo();
      health.announced('video');
    }
    const said = saidAudio(script);
    if (said !== null) audio.describe(said);
  };

  const receiveVideo = (body: Uint8Array, place: () => number): MessageKind => {
    const tag = filter.video(tags.video(body));
    video.receive(places.inTime(tag), place);
    return tag.kind === 'frame' || tag.kind === 'config' ? tag.kind : 'other';
  };

  const receiveAudio = (body: Uint8Array, timestampMs: number, arrivedMs: number): MessageKind => {
    const tag = filter.audio(tags.audio(body));
    audio.receive(tag, timestampMs, placeAudio(timestampMs, arrivedMs));
    // An empty body stands for silence.
    if (tag.kind === 'ignored' && body.length <= audioHeadBytes) health.came('audio');
    return tag.kind === 'frame' || tag.kind === 'config' ? tag.kind : 'other';
  };

  /** What cannot be read costs itself, and is told where there is nothing else. */
  const noted = (track: 'audio' | 'video', receive: () => MessageKind): MessageKind => {
    try {
      return receive();
    } catch (error) {
      if (error instanceof WireError) health.unusable(track, unreadable[track], error.message);
      throw error;
    }
  };

  return {
    receive({ track, timestampMs, body }, arrivedMs) {
      if (track === 'data') {
        receiveData(timestampMs, body);
        return 'other';
      }
      if (!(track === 'audio' ? spec.hasAudio : spec.hasVideo)) return 'other';
      health.announced(track);
      otherTracks.add(listOtherTracks(track, body));
      return noted(track, () =>
        track === 'video'
          ? receiveVideo(body, placeVideo(timestampMs, arrivedMs))
          : receiveAudio(body, timestampMs, arrivedMs),
      );
    },
    tags,
    glance({ body }) {
      try {
        return video.glance(filter.video(tags.video(body)));
      } catch (error) {
        if (error instanceof WireError) return null;
        throw error;
      }
    },
    startLate: places.startLate,
    newSession() {
      video.newSession();
      places.newSession();
      otherTracks.newSession();
      tags.newSession();
    },
    mediaMsAt: places.wallClock.mediaMsAt,
    get lagMs() {
      return places.wallClock.lagMs;
    },
    get dataDropped() {
      return data.dropped;
    },
    get stats() {
      return { otherTracks: otherTracks.list.filter((track) => tags.isOther(track)), ...places.stats };
    },
  };
}
