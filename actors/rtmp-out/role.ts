/** What a message of a source is to RTMP players. */
import type { Glance } from '../../src/core/access-unit/picture.js';
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import type { MessageRole } from '../../src/core/rtmp/player-group.js';

/** AMF0: a marker, a length of 16 bits, the name; publishers may put @setDataFrame before it. */
const metadataWithinBytes = 32;

interface Known {
  /** As the demuxer has read it. */
  readonly kind: 'config' | 'frame' | 'other';
  /** What a message of video holds; null: not known. */
  readonly glance: () => Glance | null;
  /** The stream has no video, and a player may begin anywhere. */
  readonly isAudioAlone: boolean;
}

/** Null: it is nothing to players, or of a track that is not wanted. */
export function roleOf({ track, body }: MediaMessage, { kind, glance, isAudioAlone }: Known): MessageRole | null {
  if (track === 'data') return isMetadata(body) ? 'metadata' : 'event';
  if (kind === 'other') return null;
  if (kind === 'config') return 'config';
  if (track === 'audio') return isAudioAlone ? 'start' : 'frame';
  const held = glance();
  return held === 'entry' || held === 'recovery' || held === 'gradual' ? 'start' : 'frame';
}

const isMetadata = (body: Uint8Array): boolean =>
  Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, metadataWithinBytes)).includes('onMetaData');
