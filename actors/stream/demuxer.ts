/** The door of the data path: parses the tag of each message, once, gives it its place in time and hands it to its path. */
import { type AcceptedMedia, MediaFilter } from '../../src/core/flv/accepted-media.js';
import { parseAudioTag } from '../../src/core/flv/audio-tag.js';
import { promisesVideo } from '../../src/core/flv/script-tag.js';
import { listOtherTracks } from '../../src/core/flv/track-list.js';
import { parseVideoTag } from '../../src/core/flv/video-tag.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import { createSourceClock } from '../../src/core/timeline/source-clock.js';
import { createWallClock, type WallClock } from '../../src/core/timeline/wall-clock.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorEvent, StreamSpec } from '../contract.js';
import type { AudioPath } from './audio-path.js';
import { createDataEvents } from './data-events.js';
import type { MediaKnowledge } from './media-knowledge.js';
import { createOtherTracks, type OtherTracks } from './other-tracks.js';
import type { VideoPath } from './video-path.js';

/** `config`: what a decoder must know before frames. */
export type MessageKind = 'config' | 'frame' | 'keyframe' | 'other';

export interface DemuxerOptions {
  /** A track that is not wanted is not even parsed. */
  readonly spec: Pick<StreamSpec, 'hasAudio' | 'hasVideo'>;
  /** The media time-line (src/core/timeline/stream-timeline.ts). */
  readonly line: Float64Array;
  /** Null: everything is taken. */
  readonly accepts: AcceptedMedia | null;
  readonly video: Pick<VideoPath, 'receive'>;
  readonly audio: Pick<AudioPath, 'receive'>;
  readonly knowledge: Pick<MediaKnowledge, 'heard' | 'promiseVideo'>;
  readonly post: (event: ActorEvent) => void;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** UTC in ms that runs with `nowMs`. */
  readonly wallMs: () => number;
  readonly log: Logger;
}

export interface Demuxer extends Pick<WallClock, 'mediaMsAt' | 'lagMs'> {
  /** `arrivedMs`: monotonic. Throws WireError on bytes that are no FLV tag and no AMF. */
  receive(message: MediaMessage, arrivedMs: number): MessageKind;
  /** What follows is of another RTMP session: its clock may begin anywhere. */
  newSession(): void;
  readonly otherTracks: OtherTracks['list'];
  /** Data messages that were not handed on. */
  readonly dataDropped: number;
}

export function createDemuxer(options: DemuxerOptions): Demuxer {
  const { spec, video, audio, knowledge, nowMs, wallMs } = options;
  const data = createDataEvents(options);
  const wallClock = createWallClock();
  const sourceClock = createSourceClock(options.line);
  const otherTracks = createOtherTracks();
  const filter = new MediaFilter(options.accepts);

  /** The paths ask for frames alone: servers stamp sequence headers as they like, later than the frames behind. */
  const placeOf = (track: 'audio' | 'video', timestampMs: number, arrivedMs: number) => (): number => {
    const mediaMs = sourceClock.place(track, timestampMs, arrivedMs);
    wallClock.observe(mediaMs, wallMs() - (nowMs() - arrivedMs));
    if (track === 'audio') knowledge.heard(mediaMs);
    return mediaMs;
  };

  const receiveData = (timestampMs: number, body: Uint8Array): void => {
    const script = data.receive(timestampMs, body);
    if (script !== null && promisesVideo(script)) knowledge.promiseVideo();
  };

  const receiveVideo = (body: Uint8Array, place: () => number): MessageKind => {
    const tag = filter.video(parseVideoTag(body));
    video.receive(tag, place);
    if (tag.kind === 'frame') return tag.isKeyframe ? 'keyframe' : 'frame';
    return tag.kind === 'config' ? 'config' : 'other';
  };

  const receiveAudio = (body: Uint8Array, place: () => number): MessageKind => {
    const tag = filter.audio(parseAudioTag(body));
    audio.receive(tag, place);
    return tag.kind === 'frame' || tag.kind === 'config' ? tag.kind : 'other';
  };

  return {
    receive({ track, timestampMs, body }, arrivedMs) {
      if (track === 'data') {
        receiveData(timestampMs, body);
        return 'other';
      }
      if (!(track === 'audio' ? spec.hasAudio : spec.hasVideo)) return 'other';
      otherTracks.add(listOtherTracks(track, body));
      const place = placeOf(track, timestampMs, arrivedMs);
      return track === 'video' ? receiveVideo(body, place) : receiveAudio(body, place);
    },
    newSession() {
      sourceClock.newSession(nowMs());
      otherTracks.newSession();
    },
    mediaMsAt: wallClock.mediaMsAt,
    get lagMs() {
      return wallClock.lagMs;
    },
    get dataDropped() {
      return data.dropped;
    },
    get otherTracks() {
      return otherTracks.list;
    },
  };
}
