/** Which encoding of the video a viewer is sent, and under which of its payload types. */

import type { CodecProfile } from '../../src/core/codec/codec-profile.js';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import { chooseEncoding, type VideoEncoding, type VideoWish } from '../../src/core/codec/video-encoding.js';
import { type AnswerTrack, trackUnder, type VideoAnswer } from '../../src/core/sdp/answer.js';
import { anyVideo, isSingleNalType, videoTypeFor } from '../../src/core/sdp/video-choice.js';
import { SluiceError } from '../../src/errors.js';

/** What the encoders make, the best first. */
const made: readonly CodecProfile[] = [{ codec: 'H264', profileLevelId: null }, { codec: 'VP8' }];

export interface StreamVideo {
  /** Null: the stream has no video. */
  readonly info: MediaInfo['video'];
  /** It is announced, where there is none yet. */
  readonly isExpected: boolean;
  /** False: browsers cannot play the source's own encoding. */
  readonly isPlayable: boolean;
  readonly transcoding: boolean;
  /** True: memory is short, and a wish is met only where nothing could be seen without. */
  readonly isSparing: boolean;
}

export interface ViewerEncoding {
  readonly encoding: VideoEncoding;
  readonly track: AnswerTrack;
}

/** What an answer offers, the best first. Video that is announced may be of any codec: an answer lists those that follow. */
export function profilesToOffer(
  { info, isExpected, isPlayable }: StreamVideo,
  wish: VideoWish | null,
): readonly CodecProfile[] {
  if (info === null) return isExpected ? anyVideo : [];
  return isPlayable && wish === null ? [info, ...made] : made;
}

/** Null: the viewer accepts nothing that can be made. Error: media.transcodingDisabled. */
export function encodingFor(stream: StreamVideo, answer: VideoAnswer, wish: VideoWish | null): ViewerEncoding | null {
  const { info, isPlayable, transcoding, isSparing } = stream;
  const [first] = answer.types;
  // There is nothing to be sent yet; when there is, it is chosen again.
  if (info === null && first !== undefined) return { encoding: { kind: 'source' }, track: trackUnder(answer, first) };
  const sourceType = info === null ? null : videoTypeFor(answer.types, info);
  const takes = new Map(made.map((profile) => [profile.codec, videoTypeFor(answer.types, profile)]));
  const offered = new Set([...takes].filter(([, type]) => type !== null).map(([codec]) => codec));
  const takesSource = sourceType !== null;
  const met = isSparing && isPlayable && takesSource ? null : wish;
  const h264 = takes.get('H264') ?? null;
  const isSingleNal = h264 !== null && isSingleNalType(h264);
  const encoding = chooseEncoding({ isPlayable, takesSource, offered, isSingleNal, wish: met });
  if (encoding?.kind === 'rendition' && !transcoding) throw new SluiceError('media.transcodingDisabled');
  const type = encoding?.kind === 'rendition' ? (takes.get(encoding.codec) ?? null) : sourceType;
  return encoding === null || type === null ? null : { encoding, track: trackUnder(answer, type) };
}
