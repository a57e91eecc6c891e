/** The part of the configuration that an actor obeys; names, units and defaults as in config/sluice.yaml. Types only. */
import type { AcceptedMedia } from '../src/core/flv/accepted-media.js';

export interface ActorSettings {
  readonly rtmp: {
    readonly connectTimeoutMs: number;
    readonly dialogueTimeoutMs: number;
    readonly silenceTimeoutMs: number;
    /** For a source whose frames are seconds apart. */
    readonly maxSilenceTimeoutMs: number;
    readonly bufferLengthMs: number;
    readonly maxMessageBytes: number;
    readonly readPauseBytes: number;
    readonly reconnectFirstMs: number;
    readonly reconnectMaxMs: number;
    /** How long a stand-by plays before its stream's first source is tried again beside it; 0: not until it is lost. */
    readonly failBackMs: number;
    /** How long jitter may hold audio and video back; 0: they go on as they come. */
    readonly smoothMs: number;
    /** Stamps of audio and video that stay further apart, against their arrival, are moved; 0: none are. */
    readonly maxTrackOffsetMs: number;
    /** Authorities that are trusted beside the public ones, PEM; empty: none. */
    readonly caPem: string;
    /** What is taken from a source; absent or null: everything. */
    readonly accepts?: AcceptedMedia | null;
  };
  readonly webrtc: {
    /** Addresses that the actor's UDP port is bound to; each is a candidate of its own. */
    readonly listen: readonly string[];
    /** Where `listen` is empty: the interfaces whose addresses it is bound to (src/net/listen-addresses.ts). */
    readonly interfaces: readonly string[];
    /** Addresses announced to viewers in place of `listen` (NAT 1:1); empty: those bound. */
    readonly announce: readonly string[];
    /** Inclusive range of UDP ports; 0 and 0: any free port. */
    readonly portMin: number;
    readonly portMax: number;
    /** The port that all streams share, at the addresses of `listen`; 0: each takes one of the range. */
    readonly singlePort: number;
    readonly sendQueueBytes: number;
    /** auto: the add-on where it is built, else TypeScript. */
    readonly fanout: 'auto' | 'native' | 'js';
  };
  readonly viewers: {
    /** A thread whose event loop was so late lately takes no further viewer; 0: however late. */
    readonly maxLoopLagMs: number;
    readonly maxPerStream: number;
    readonly catchUp: 'gop' | 'keyframe-only';
    /** With so many viewers on each of its threads a stream gets another. */
    readonly perShard: number;
    /** Such threads at once, in the whole process; 0: none. */
    readonly maxShards: number;
    readonly connectTimeoutMs: number;
    readonly silenceTimeoutMs: number;
    /** How long an offer waits for the codecs of a stream that has none yet. */
    readonly codecWaitMs: number;
  };
  readonly rtmpOut: {
    /** 0: no RTMP player is served. */
    readonly port: number;
    readonly maxPlayersPerStream: number;
    readonly maxBehindBytes: number;
  };
  readonly media: {
    readonly packetBytes: number;
    readonly gopCacheBytes: number;
    readonly joinPaceMs: number;
    readonly opusBitrateKbps: number;
    readonly opusFrameMs: number;
    readonly bFrames: 'reencode' | 'drop' | 'refuse';
    readonly encodePreset: 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium';
    readonly encodeThreads: number;
    /** Of the source's frames: larger ones are not transcoded. */
    readonly maxPixels: number;
    /** 0: as the source's. */
    readonly encodeBitrateKbps: number;
    readonly encodeMinKbps: number;
    /** What a viewer is lowered to that says that it cannot take the source's own encoding; 0: it is left alone. */
    readonly fallbackKbps: number;
    /** False: nobody gets a rendition. */
    readonly transcoding: boolean;
  };
}
