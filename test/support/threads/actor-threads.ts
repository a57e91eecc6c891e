/** Options with which a test starts one thread of its own. */
import type { ActorEvent } from '../../../actors/contract.js';
import { settingsSchema } from '../../../src/config/schema.js';
import { SluiceError } from '../../../src/errors.js';
import type { ActorThreadOptions } from '../../../src/threads/actor-thread.js';

const noThread = (): Promise<never> => Promise.reject(new SluiceError('media.unavailable'));

export function threadOptions(actorUrl: URL, name: string, onEvent: (event: ActorEvent) => void): ActorThreadOptions {
  const { rtmp, webrtc, viewers, media } = settingsSchema.parse({});
  return {
    actorUrl,
    onEvent,
    callTimeoutMs: 60_000,
    maxHeapMb: 32,
    boot: {
      spec: {
        pullId: name,
        localName: name,
        uri: 'rtmp://127.0.0.1/live/cam',
        origin: 'rest',
        standbyUris: [],
        hasAudio: true,
        hasVideo: true,
      },
      settings: { rtmp: { ...rtmp, caPem: '' }, webrtc, viewers, media },
      certificate: { certPem: '', keyPem: '', fingerprint: '' },
      faultInjection: true,
      loadsAhead: false,
    },
    host: { resolve: async () => [], openRendition: noThread, openShard: noThread },
    nowMs: () => performance.now(),
  };
}
