/** Which encoding one viewer is sent, over its whole session: by its wish, and by what it turns out to decode and to receive. */
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import type { VideoEncoding, VideoWish } from '../../src/core/codec/video-encoding.js';
import { type Answer, trackUnder } from '../../src/core/sdp/answer.js';
import { videoTypeFor } from '../../src/core/sdp/video-choice.js';
import type { Logger } from '../../src/log-line.js';
import type { AnswerContext } from './answer-offer.js';
import type { Encodings } from './encodings.js';
import { encodingFor, type ViewerEncoding } from './viewer-encoding.js';

interface ChoiceContext extends Pick<AnswerContext, 'boot' | 'media' | 'streamVideo'> {
  readonly encodings: Pick<Encodings, 'prepareLower'>;
  readonly log: Logger;
}

interface Chooser {
  readonly viewerId: string;
  readonly answer: Pick<Answer, 'audio' | 'video'>;
  readonly wish: VideoWish | null;
}

export class EncodingChoice {
  readonly #context: ChoiceContext;
  readonly #viewerId: string;
  readonly #answer: Chooser['answer'];
  #wish: VideoWish | null;
  /** False: it has shown that it does not decode the source's own encoding. */
  #takesSource = true;

  constructor(context: ChoiceContext, { viewerId, answer, wish }: Chooser) {
    this.#context = context;
    this.#viewerId = viewerId;
    this.#answer = answer;
    this.#wish = wish;
  }

  /** Its own, or what it was lowered to. */
  get wish(): VideoWish | null {
    return this.#wish;
  }

  /** What it hears; null: it takes no encoding of the audio that can be made. */
  get audio(): AudioEncoding | null {
    return this.#answer.audio?.encoding ?? null;
  }

  /** Null: no video for this viewer. Error: media.transcodingDisabled. */
  choose(): ViewerEncoding | null {
    const { video } = this.#answer;
    const { isPlayable, ...others } = this.#context.streamVideo();
    const stream = { isPlayable: isPlayable && this.#takesSource, ...others };
    return video === null ? null : encodingFor(stream, video, this.#wish);
  }

  /** It does not decode the source's own encoding. False: nothing else may be made for it. */
  avoidSource(): boolean {
    const { boot, log, media } = this.#context;
    const { transcoding } = boot.settings.media;
    const video = media().video?.codec ?? null;
    log('warn', 'viewer.cannotDecode', { viewerId: this.#viewerId, video, transcoding });
    if (transcoding) this.#takesSource = false;
    return transcoding;
  }

  /** What it is sent, `sentKbps` of this encoding, is too much for it: gives what it is sent instead, once that is available. */
  lower(encoding: VideoEncoding, sentKbps: number, then: (lower: ViewerEncoding) => void): void {
    if (encoding.kind === 'source') this.#lowerSource(sentKbps, then);
    else {
      this.#context.encodings.prepareLower(encoding, this.audio ?? 'Opus', (lower) => {
        const { video } = this.#answer;
        const type = video === null ? null : videoTypeFor(video.types, { codec: encoding.codec, profileLevelId: null });
        if (video !== null && type !== null) then({ encoding: lower, track: trackUnder(video, type) });
      });
    }
  }

  /** It goes on with media.fallbackKbps, if that is set. */
  #lowerSource(sourceKbps: number, then: (lower: ViewerEncoding) => void): void {
    const { fallbackKbps, transcoding } = this.#context.boot.settings.media;
    if (fallbackKbps === 0 || fallbackKbps >= sourceKbps || !transcoding) return;
    this.#wish = { width: null, height: null, bitrateKbps: fallbackKbps, quality: null };
    const chosen = this.choose();
    if (chosen !== null) then(chosen);
  }
}
