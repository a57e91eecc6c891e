/** The forms in which viewers are sent the sound, by their names in logs, REST and SDP; the best first. */
export const sentSounds = ['Opus', 'PCMA', 'PCMU'] as const;
export type SentSound = (typeof sentSounds)[number];

/** What a stream has packets of: each form of its sound, and its own picture. */
export type SentTrack = SentSound | 'video';

/** RTP clocks (RFC 7587 4.1, RFC 3551 6 table 4). */
export const soundClockHz: Readonly<Record<SentSound, number>> = { Opus: 48_000, PCMA: 8000, PCMU: 8000 };

export function ofEachSound<T>(make: (sound: SentSound) => T): Readonly<Record<SentSound, T>> {
  return { Opus: make('Opus'), PCMA: make('PCMA'), PCMU: make('PCMU') };
}
