/** Types only: what a stream's actor counts, and tells the main thread when it is asked. */
import type { OtherTrack } from '../src/core/flv/track-list.js';
import type { SoundCounts } from '../src/core/timeline/sound-packet.js';

export interface ViewerStats {
  readonly viewerId: string;
  readonly connected: boolean;
  readonly packetsSent: number;
  readonly bytesSent: number;
  readonly packetsResent: number;
  readonly framesSkipped: number;
  readonly lossFraction: number;
  readonly roundTripMs: number | null;
  readonly jitterMs: number | null;
  /** What the viewer says it can take (REMB); null: it says nothing. */
  readonly estimateKbps: number | null;
}

/** What becomes of the source's own picture, and why: untouched (`pass`), or as media.bFrames says where it has B-frames. */
export interface VideoWay {
  readonly kind: 'undecided' | 'pass' | 'reencode' | 'drop' | 'refuse';
  readonly reason: string;
  /** B-frames left out (`drop`). */
  readonly droppedB: number;
}

/**
 * What becomes of the source's sound, and why: its own Opus (`pass`), decoded and encoded as Opus, nothing because nobody
 * listens, or nothing because FFmpeg is missing or refuses.
 */
export interface AudioWay extends Readonly<SoundCounts> {
  readonly kind: 'idle' | 'pass' | 'transcode' | 'unavailable';
  readonly reason: string;
}

/** One rendition that viewers share. */
export interface RenditionStats {
  /** Codec, size and bitrate as wished; `*` for no wish. */
  readonly variant: string;
  readonly viewers: number;
  readonly bitrateKbps: number;
  /** Mean time that a picture takes in its thread; null before the first. */
  readonly encodeMeanMs: number | null;
  /** Pictures left out because it was behind. */
  readonly skipped: number;
  /** Pictures of the source that the decoder refused, or found fault with. */
  readonly decodeErrors: number;
  /** Why its viewers see nothing, in words; null while pictures come. */
  readonly failure: string | null;
}

/** A further thread that serves viewers of the stream. */
export interface ShardSign {
  readonly viewers: number;
  /** Share of its time in which its loop was busy, lately. */
  readonly load: number;
}

export interface StreamStats {
  /** What sends to the viewers; null before the first. */
  readonly fanout: 'js' | 'native' | null;
  readonly sourceBytes: number;
  readonly videoFrames: number;
  readonly videoKeyFrames: number;
  readonly videoWay: VideoWay;
  readonly renditions: readonly RenditionStats[];
  readonly audioFrames: number;
  readonly audioWay: AudioWay;
  /** What the source sends beside the default tracks, which alone are played. */
  readonly otherTracks: readonly OtherTrack[];
  readonly reconnects: number;
  readonly gopPackets: number;
  readonly cacheBytes: number;
  /** To all viewers that this actor ever had. */
  readonly sent: { readonly packets: number; readonly bytes: number; readonly resent: number };
  readonly viewers: readonly ViewerStats[];
  readonly shards: readonly ShardSign[];
}
