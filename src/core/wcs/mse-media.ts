/** What the MSE player of WCS's SDK gets of a stream, and how it is told (docs/wcs.md 3.10). */
import type { MediaInfo, MissingTrack } from '../codec/media-info.js';
import { type VideoWish, wishedSize } from '../codec/video-encoding.js';
import type { PlayedMedia } from '../sdp/played-media.js';

const otherAudio = ({ codec }: NonNullable<MediaInfo['audio']>): MissingTrack => ({
  track: 'audio',
  code: 'viewer.audioCodec',
  detail: codec,
});

/** AAC alone goes into its packets; video that does not is made to. */
export function mseMedia({ video, audio, missing = [] }: MediaInfo, wish: VideoWish | null): PlayedMedia {
  const size = video === null || wish === null || video.width === 0 ? video : wishedSize(wish, video);
  const isOther = audio !== null && audio.codec !== 'AAC';
  const lacks = isOther ? [...missing, otherAudio(audio)] : missing;
  return {
    video: size === null ? null : { codec: 'H264', width: size.width, height: size.height },
    audio: audio === null || isOther ? null : { codec: 'mpeg4-generic' },
    ...(lacks.length === 0 ? {} : { missing: lacks }),
  };
}

/** The player looks at the ports alone: 0 for a track that does not come. It waits for both that do. */
export function mseAnswer({ video, audio }: PlayedMedia): string {
  const port = (track: PlayedMedia['video'] | PlayedMedia['audio']): number => (track === null ? 0 : 1);
  return [
    'v=0',
    'o=- 1988962254 1988962254 IN IP4 0.0.0.0',
    's=-',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    `m=video ${port(video)} RTP/AVP 112`,
    'a=rtpmap:112 H264/90000',
    'a=fmtp:112 packetization-mode=1; profile-level-id=420020',
    'a=sendonly',
    `m=audio ${port(audio)} RTP/AVP 103`,
    'a=rtpmap:103 mpeg4-generic/44100/1',
    'a=sendonly',
    '',
  ].join('\r\n');
}
