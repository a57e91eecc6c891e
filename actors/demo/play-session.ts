/** One player of the demo origin: it may play what there is, and begins with a keyframe. Pure. */
import type { MediaMessage } from '../../src/core/rtmp/media-message.js';
import { createPlayServer, metadataBody, packForPlayers } from '../../src/core/rtmp/play-server.js';
import type { CameraConfiguration, CameraFrame } from './camera.js';

export interface PlaySession {
  /** What to send now. Error: WireError. */
  receive(bytes: Uint8Array): readonly Uint8Array[];
  /** True once the player asked to play. */
  readonly isPlaying: boolean;
  /** The camera's frame; nothing until the first keyframe, configurations go before it. */
  frame(frame: CameraFrame): readonly Uint8Array[];
}

export interface PlaySessionOptions {
  readonly random: Uint8Array;
  /** Without metadata a player has to find the tracks by itself, as with some servers. */
  readonly configuration: Omit<CameraConfiguration, 'metadata'> & Partial<Pick<CameraConfiguration, 'metadata'>>;
}

export function createPlaySession({ random, configuration }: PlaySessionOptions): PlaySession {
  const server = createPlayServer(random);
  let hasBegun = false;

  const configure = (timestampMs: number): readonly MediaMessage[] => {
    const { metadata, video, audio } = configuration;
    const tracks = [
      { track: 'video', timestampMs, body: video } as const,
      { track: 'audio', timestampMs, body: audio } as const,
    ];
    return metadata === undefined ? tracks : [{ track: 'data', timestampMs, body: metadataBody(metadata) }, ...tracks];
  };

  return {
    receive(bytes) {
      const { send, asked } = server.receive(bytes);
      return asked === null ? send : [...send, ...server.accept()];
    },
    get isPlaying() {
      return server.isPlaying;
    },
    frame({ track, isKeyframe, timestampMs, body }) {
      if (!server.isPlaying || (!hasBegun && !isKeyframe)) return [];
      const before = hasBegun ? [] : configure(timestampMs);
      hasBegun = true;
      return [...before, { track, timestampMs, body }].map(packForPlayers);
    },
  };
}
