/** Which form of the picture a viewer gets, and under which of its payload types. */

import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { SentVideo } from '../../src/core/codec/sent-video.js';
import { chooseVariant, type VideoVariant, type VideoWish } from '../../src/core/codec/video-variant.js';
import { type AnswerTrack, trackUnder, type VideoAnswer } from '../../src/core/sdp/answer.js';
import { videoTypeFor } from '../../src/core/sdp/video-choice.js';
import { SluiceError } from '../../src/errors.js';

/** What the encoders make, the best first. */
const made: readonly SentVideo[] = [{ codec: 'H264', profileLevelId: null }, { codec: 'VP8' }];

export interface StreamForm {
  /** Null: the stream has no video. */
  readonly info: MediaInfo['video'];
  /** False: browsers cannot play the source's own form. */
  readonly isPlayable: boolean;
  readonly transcoding: boolean;
}

export interface ViewerForm {
  readonly variant: VideoVariant;
  readonly track: AnswerTrack;
}

/** What an answer offers, the best first. */
export function formsToOffer({ info, isPlayable }: StreamForm, wish: VideoWish | null): readonly SentVideo[] {
  if (info === null) return [];
  return isPlayable && wish === null ? [info, ...made] : made;
}

/** Null: nothing can be made that the viewer takes. Error: media.transcodingDisabled. */
export function formFor(stream: StreamForm, answer: VideoAnswer, wish: VideoWish | null): ViewerForm | null {
  const { info, isPlayable, transcoding } = stream;
  const sourceType = info === null ? null : videoTypeFor(answer.types, info);
  const takes = new Map(made.map((form) => [form.codec, videoTypeFor(answer.types, form)]));
  const offered = new Set([...takes].filter(([, type]) => type !== null).map(([codec]) => codec));
  const variant = chooseVariant({ isPlayable, takesSource: sourceType !== null, offered, wish });
  if (variant?.kind === 'rendition' && !transcoding) throw new SluiceError('media.transcodingDisabled');
  const type = variant?.kind === 'rendition' ? (takes.get(variant.codec) ?? null) : sourceType;
  return variant === null || type === null ? null : { variant, track: trackUnder(answer, type) };
}
