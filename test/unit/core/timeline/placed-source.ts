/** A simulated source on the media timeline: where its clock puts each message. */
import { createSourceClock } from '../../../../src/core/timeline/source-clock.js';
import type { Message, SimulatedSource } from './simulated-source.js';

/** The setting's default. */
export const maxApartMs = 1500;

export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export interface Placed extends Message {
  readonly mediaMs: number;
}

export function place(messages: readonly Message[]): Placed[] {
  const clock = createSourceClock(maxApartMs);
  let session = 0;
  return messages.map((message) => {
    if (message.session !== session) clock.newSession(message.arrivalMs);
    session = message.session;
    return { ...message, mediaMs: clock.place(message.track, message.stampMs, message.arrivalMs) };
  });
}

export const plain: SimulatedSource = {
  seconds: 20,
  baseMs: { audio: 1234, video: 1234 },
  wrapsMs: 2 ** 32,
  disturbances: [],
  lumpMs: 0,
  audioLateMs: 0,
  random: seeded(7),
};
