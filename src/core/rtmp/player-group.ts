/**
 * What a player that comes now is sent first: metadata, the configurations, and the media since the newest place to begin. The messages
 * are the source's own, their timestamps run on over its sessions. Pure.
 */
import type { MediaMessage } from './media-message.js';

/** How a message counts; `start`: a player may begin with it. */
export type MessageRole = 'metadata' | 'config' | 'start' | 'frame' | 'event';

export interface PlayerGroup {
  /** The message as players get it. `nowMs`: monotonic. */
  push(message: MediaMessage, role: MessageRole, nowMs: number): MediaMessage;
  /** In order, for one who begins now; null while nobody can. */
  opening(): readonly MediaMessage[] | null;
  /** Metadata and configurations again, at this time. */
  setup(timestampMs: number): readonly MediaMessage[];
  /** What follows is of another session of the source: its clock may begin anywhere. */
  newSession(): void;
  /** Media is missing from here on: nobody can begin before the next start. */
  forget(): void;
}

/** Timestamps are modulo 2^32 (RTMP 1.0 5.3.1). */
const wrapMs = 2 ** 32;

/** `maxBytes`: of the media since the start; beyond it nobody begins before the next one. */
export function createPlayerGroup(maxBytes: number): PlayerGroup {
  const before = new Map<string, MediaMessage>();
  let media: MediaMessage[] = [];
  let mediaBytes = 0;
  let offsetMs = 0;
  let last: { readonly timestampMs: number; readonly atMs: number } | null = null;
  let isNewSession = true;

  const forget = (): void => {
    media = [];
    mediaBytes = 0;
  };

  const restamp = (message: MediaMessage, nowMs: number): MediaMessage => {
    if (isNewSession) {
      // Servers stamp what comes before the media as they like: the first frame says where the clock stands.
      offsetMs = last === null ? 0 : last.timestampMs + Math.round(nowMs - last.atMs) - message.timestampMs;
      isNewSession = false;
    }
    const timestampMs = (((message.timestampMs + offsetMs) % wrapMs) + wrapMs) % wrapMs;
    last = { timestampMs, atMs: nowMs };
    return { ...message, timestampMs };
  };

  const keep = (message: MediaMessage): void => {
    mediaBytes += message.body.length;
    media.push(message);
    if (mediaBytes > maxBytes) forget();
  };

  const setup = (timestampMs: number): readonly MediaMessage[] =>
    ['data', 'video', 'audio']
      .flatMap((track) => before.get(track) ?? [])
      .map((message) => ({ ...message, timestampMs }));

  return {
    push(message, role, nowMs) {
      switch (role) {
        case 'metadata':
        case 'config': {
          const kept = { ...message, timestampMs: last?.timestampMs ?? 0 };
          before.set(message.track, kept);
          return kept;
        }
        case 'event':
          return { ...message, timestampMs: last?.timestampMs ?? 0 };
        case 'start':
          forget();
          break;
        case 'frame':
          break;
      }
      const sent = restamp(message, nowMs);
      if (role === 'start' || media.length > 0) keep(sent);
      return sent;
    },
    opening() {
      const [first] = media;
      if (first === undefined) return null;
      return [...setup(first.timestampMs), ...media];
    },
    setup,
    newSession() {
      isNewSession = true;
      before.clear();
      forget();
    },
    forget,
  };
}
