/** The encodings in which viewers are sent the audio, by their names in logs, REST and SDP; the best first. */
export const audioEncodings = ['Opus', 'PCMA', 'PCMU'] as const;
export type AudioEncoding = (typeof audioEncodings)[number];

/** What audio is encoded to: for viewers, or (AAC) for fragments of MP4. */
export type AudioTarget = AudioEncoding | 'AAC';

/** What a stream has packets of: each encoding of its audio, and its video. */
export type SentTrack = AudioEncoding | 'video';

/** RTP clocks (RFC 7587 4.1, RFC 3551 6 table 4). */
export const encodingClockHz: Readonly<Record<AudioEncoding, number>> = { Opus: 48_000, PCMA: 8000, PCMU: 8000 };

export function ofEachEncoding<T>(make: (encoding: AudioEncoding) => T): Readonly<Record<AudioEncoding, T>> {
  return { Opus: make('Opus'), PCMA: make('PCMA'), PCMU: make('PCMU') };
}
