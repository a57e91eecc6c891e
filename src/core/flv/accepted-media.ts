/** What of a source is taken, where the operator says so (rtmp_agent.sdp of WCS); all else counts as unsupported. */
import { parseAudioSpecificConfig } from '../codec/aac-config.js';
import type { AudioTag } from './audio-tag.js';
import type { VideoTag } from './video-tag.js';

/** Plain data: it crosses thread boundaries. */
export interface AcceptedMedia {
  /** Codecs; empty: no video is taken. */
  readonly video: readonly string[];
  /** Empty: no audio is taken. Rates count for codecs that have several. */
  readonly audio: readonly { readonly codec: string; readonly sampleRateHz: number }[];
  /** False: recordings have the audio alone. */
  readonly recordsVideo: boolean;
}

const leftOut = 'which rtmp.agentSdpFile leaves out';
const ignored = { kind: 'ignored' } as const;

export class MediaFilter {
  readonly #accepted: AcceptedMedia | null;
  /** Of the newest configuration: why its frames are not taken; null: they are. */
  #refusedAudio: string | null = null;

  /** Null: everything is taken. */
  constructor(accepted: AcceptedMedia | null) {
    this.#accepted = accepted;
  }

  video(tag: VideoTag): VideoTag {
    if (this.#accepted === null || (tag.kind !== 'config' && tag.kind !== 'frame')) return tag;
    const { video } = this.#accepted;
    if (video.length === 0) return ignored;
    return video.includes(tag.codec) ? tag : { kind: 'unsupported', codec: `${tag.codec}, ${leftOut}` };
  }

  /** Throws WireError on an AudioSpecificConfig that ends early. */
  audio(tag: AudioTag): AudioTag {
    if (this.#accepted === null || (tag.kind !== 'config' && tag.kind !== 'frame')) return tag;
    if (this.#accepted.audio.length === 0) return ignored;
    if (tag.kind === 'config' && tag.codec === 'AAC') {
      this.#refusedAudio = this.#why('AAC', parseAudioSpecificConfig(tag.data).sampleRateHz);
    } else if (tag.codec !== 'AAC') {
      this.#refusedAudio = this.#why(tag.codec, 'config' in tag ? tag.config.sampleRateHz : null);
    }
    return this.#refusedAudio === null ? tag : { kind: 'unsupported', codec: this.#refusedAudio };
  }

  #why(codec: string, rateHz: number | null): string | null {
    const ofCodec = this.#accepted?.audio.filter((one) => one.codec === codec) ?? [];
    const isTaken = ofCodec.some(({ sampleRateHz }) => rateHz === null || sampleRateHz === rateHz);
    return isTaken ? null : `${codec}${rateHz === null ? '' : ` of ${rateHz} Hz`}, ${leftOut}`;
  }
}
