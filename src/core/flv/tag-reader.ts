/** Reads the tags of a source, session by session: of many tracks of a kind the one that is played. */
import { type AudioTag, parseAudioTag } from './audio-tag.js';
import { LowestTrack } from './enhanced.js';
import { parseVideoTag, type VideoTag } from './video-tag.js';

export class TagReader {
  readonly #choices = { audio: new LowestTrack(), video: new LowestTrack() };
  #last: { readonly body: Uint8Array; readonly tag: VideoTag } | null = null;

  /** Of the body of a message of video, read once for all who ask for it one after the other. Throws WireError. */
  readonly video = (body: Uint8Array): VideoTag => {
    if (this.#last?.body !== body) this.#last = { body, tag: parseVideoTag(body, this.#choices.video) };
    return this.#last.tag;
  };

  /** Throws WireError. */
  readonly audio = (body: Uint8Array): AudioTag => parseAudioTag(body, this.#choices.audio);

  /** The message holds this track, and another one is played. */
  isOther({ kind, trackId }: { readonly kind: 'audio' | 'video'; readonly trackId: number }): boolean {
    return trackId !== this.#choices[kind].trackId;
  }

  newSession(): void {
    this.#choices.audio.newSession();
    this.#choices.video.newSession();
    this.#last = null;
  }
}
