/** A real thread of an actor, for tests without a supervisor. */

import type { ActorEvent } from '../../../actors/contract.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { createStreamTimeline } from '../../../src/core/timeline/stream-timeline.js';
import { SluiceError } from '../../../src/errors.js';
import { type ActorThread, type ActorThreadOptions, runActorThread } from '../../../src/threads/actor-thread.js';
import { startBlankThread } from '../../../src/threads/blank-thread.js';

/** As the supervisor starts one without a spare. */
export const startActorThread = (options: ActorThreadOptions): ActorThread =>
  runActorThread(options, startBlankThread(options));

const noThread = (): Promise<never> => Promise.reject(new SluiceError('media.unavailable'));

export function threadOptions(actorUrl: URL, name: string, onEvent: (event: ActorEvent) => void): ActorThreadOptions {
  const { rtmp, webrtc, viewers, rtmpOut, media } = settingsSchema.parse({});
  return {
    actorUrl,
    onEvent,
    callTimeoutMs: 60_000,
    memoryMb: 32,
    boot: {
      spec: {
        pullId: name,
        localName: name,
        uri: 'rtmp://127.0.0.1/live/cam',
        origin: 'rest',
        standbyUris: [],
        hasAudio: true,
        hasVideo: true,
        timeline: createStreamTimeline({ audio: 1, video: 2 }),
      },
      settings: { rtmp: { ...rtmp, caPem: '' }, webrtc, viewers, rtmpOut, media },
      certificate: { certPem: '', keyPem: '', fingerprint: '' },
      faultInjection: true,
      loadsAhead: false,
    },
    host: { resolve: async () => [], decodes: async () => true, openRendition: noThread, openShard: noThread },
    nowMs: () => performance.now(),
  };
}
