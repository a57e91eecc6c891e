/** What an offer gets of a stream, as lists and status events name it. */

import type { AudioEncoding } from '../codec/audio-encoding.js';
import type { MediaInfo, MissingTrack } from '../codec/media-info.js';
import { type VideoWish, wishedSize } from '../codec/video-encoding.js';
import { audioRtpmaps, audioTypes, sentAudio } from './audio-choice.js';
import type { Offer } from './offer.js';

export interface PlayedMedia {
  /** Null: the stream has none, or the offer takes none. The size is 0 while the source has not told it. */
  readonly video: { readonly codec: string; readonly width: number; readonly height: number } | null;
  /** The name that SDP has for what is sent, "opus"; null as for video. */
  readonly audio: { readonly codec: string } | null;
  /** Tracks of the stream that come and cannot be shown, and why; absent: none. */
  readonly missing?: readonly MissingTrack[];
}

/** What an offer takes, without the offer: who keeps this for the time of a session keeps no text of it. */
export interface TakenMedia {
  readonly video: boolean;
  readonly audio: readonly AudioEncoding[];
}

export function takenMedia(offer: Offer): TakenMedia {
  const offered = (kind: string) => offer.media.find((media) => media.kind === kind && !media.refused);
  return {
    video: offered('video') !== undefined,
    audio: audioTypes(offered('audio')?.codecs ?? []).map(({ codec }) => codec),
  };
}

/** `video.codec` is that of the source, also where the viewer gets VP8 in its place. */
export function playedMedia(
  taken: TakenMedia,
  { video, audio, missing }: MediaInfo,
  wish: VideoWish | null,
): PlayedMedia {
  const size = video === null || wish === null || video.width === 0 ? video : wishedSize(wish, video);
  const sent = audio === null ? null : sentAudio(taken.audio, audio.codec);
  return {
    video:
      video === null || size === null || !taken.video
        ? null
        : { codec: video.codec, width: size.width, height: size.height },
    audio: sent === null ? null : { codec: audioRtpmaps[sent].split('/')[0] ?? sent },
    ...(missing === undefined ? {} : { missing }),
  };
}
