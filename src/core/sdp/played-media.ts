/** What an offer gets of a stream, as lists and status events name it. */
import type { MediaInfo, MissingTrack } from '../codec/media-info.js';
import { type VideoWish, wishedSize } from '../codec/video-encoding.js';
import { audioRtpmaps, chooseAudio } from './audio-choice.js';
import type { Offer } from './offer.js';

export interface PlayedMedia {
  /** Null: the stream has none, or the offer takes none. The size is 0 while the source has not told it. */
  readonly video: { readonly codec: string; readonly width: number; readonly height: number } | null;
  /** The name that SDP has for what is sent, "opus"; null as for video. */
  readonly audio: { readonly codec: string } | null;
  /** Tracks of the stream that come and cannot be shown, and why; absent: none. */
  readonly missing?: readonly MissingTrack[];
}

/** `video.codec` is that of the source, also where the viewer gets VP8 in its place. */
export function playedMedia(offer: Offer, { video, audio, missing }: MediaInfo, wish: VideoWish | null): PlayedMedia {
  const offered = (kind: string) => offer.media.find((media) => media.kind === kind && !media.refused);
  const size = video === null || wish === null || video.width === 0 ? video : wishedSize(wish, video);
  const chosen = audio === null ? null : chooseAudio(offered('audio')?.codecs ?? [], audio.codec);
  return {
    video:
      video === null || size === null || offered('video') === undefined
        ? null
        : { codec: video.codec, width: size.width, height: size.height },
    audio: chosen === null ? null : { codec: audioRtpmaps[chosen.codec].split('/')[0] ?? chosen.codec },
    ...(missing === undefined ? {} : { missing }),
  };
}
