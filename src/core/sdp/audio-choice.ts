/**
 * In which encoding a viewer gets the audio: one for its whole session.
 *
 * Opus where the offer takes it, else G.711: of the law that the source sends, which then goes through untouched, or the
 * first that is offered. Whatever the source sends later becomes this encoding.
 *
 * A viewer of Opus never gets a source's G.711, although that would save a transcode. The source may send something else at
 * any time, so the payload type would change in mid-stream to one of another clock rate under the same SSRC: a receiver
 * then cannot tell which clock the RTP time of a sender report counts by, nor jitter across the change (RFC 7160 3), and a
 * new SSRC would need a new answer. Between the two laws the clock is the same, but a table look-up is all that it saves.
 */
import { type AudioEncoding, audioEncodings, encodingClockHz } from '../codec/audio-encoding.js';
import type { OfferedCodec } from './offer.js';

export interface AudioType {
  readonly codec: AudioEncoding;
  readonly offered: OfferedCodec;
}

/** As an answer names them. */
export const audioRtpmaps: Readonly<Record<AudioEncoding, string>> = {
  Opus: 'opus/48000/2',
  PCMA: 'PCMA/8000',
  PCMU: 'PCMU/8000',
};

/** Those of the offered codecs that can be sent. */
export const audioTypes = (codecs: readonly OfferedCodec[]): readonly AudioType[] =>
  codecs.flatMap((offered): AudioType[] => {
    const codec = audioEncodings.find((encoding) => isOf(encoding, offered));
    return codec === undefined ? [] : [{ codec, offered }];
  });

/** The one of these that is sent; null: there is none. `source`: the codec of the source's audio, null while there is none. */
export function sentAudio(taken: readonly AudioEncoding[], source: string | null): AudioEncoding | null {
  const find = (wanted: string | null): AudioEncoding | undefined => taken.find((codec) => codec === wanted);
  return find('Opus') ?? find(source) ?? taken[0] ?? null;
}

/** Null: the offer takes none. */
export function chooseAudio(codecs: readonly OfferedCodec[], source: string | null): AudioType | null {
  const types = audioTypes(codecs);
  const sent = sentAudio(
    types.map(({ codec }) => codec),
    source,
  );
  return types.find(({ codec }) => codec === sent) ?? null;
}

/**
 * RFC 7587 7: Opus is always of two channels, and who says fewer, or none (GStreamer), takes the same packets: what it plays
 * is stated by parameters. Of G.711 one is what sources of it have.
 */
function isOf(encoding: AudioEncoding, { name, clockRateHz, channels }: OfferedCodec): boolean {
  const isSame = name.toLowerCase() === encoding.toLowerCase() && clockRateHz === encodingClockHz[encoding];
  return isSame && channels <= (encoding === 'Opus' ? 2 : 1);
}
