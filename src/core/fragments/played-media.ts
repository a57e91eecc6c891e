/** What who plays fragments gets of a stream, as lists name it. */
import type { MediaInfo } from '../codec/media-info.js';
import type { PlayedMedia } from '../sdp/played-media.js';
import { canMuxAudio } from './unit-samples.js';

/** The source's own encoding; audio that MP4 has no place for comes as AAC, whose name in SDP this is (RFC 3640). */
export function fragmentMedia({ video, audio, missing }: MediaInfo): PlayedMedia {
  const isOwn = audio !== null && audio.codec !== 'AAC' && canMuxAudio(audio);
  return {
    video: video === null ? null : { codec: video.codec, width: video.width, height: video.height },
    audio: audio === null ? null : { codec: isOwn ? audio.codec : 'mpeg4-generic' },
    ...(missing === undefined ? {} : { missing }),
  };
}
