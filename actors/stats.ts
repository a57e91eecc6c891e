/** Types only: what a stream's actor counts; the main thread asks for it. */
import type { AudioEncoding } from '../src/core/codec/audio-encoding.js';
import type { MissingTrack } from '../src/core/codec/media-info.js';
import type { SourceMetrics } from '../src/core/flv/source-meter.js';
import type { OtherTrack } from '../src/core/flv/track-list.js';
import type { AudioCounts } from '../src/core/timeline/audio-packet.js';

export interface ViewerStats {
  readonly viewerId: string;
  readonly connected: boolean;
  /** The encoding in which it is sent the audio; null: none, its offer takes no encoding that can be made. */
  readonly audioCodec: AudioEncoding | null;
  /** Of its video: "source", or as `renditions` has it; null: it is sent none. */
  readonly videoEncoding: string | null;
  readonly packetsSent: number;
  readonly bytesSent: number;
  readonly videoBytesSent: number;
  readonly packetsResent: number;
  /** Reported as lost (NACK), each time. */
  readonly packetsNacked: number;
  readonly framesSkipped: number;
  /** How often it asked for a keyframe (PLI, FIR). */
  readonly keyRequests: number;
  /** It goes on asking without losing packets: what it is sent does not decode. */
  readonly cannotDecode: boolean;
  readonly lossFraction: number;
  readonly roundTripMs: number | null;
  readonly jitterMs: number | null;
  /** What the viewer can take; null: it reports nothing of it. */
  readonly estimateKbps: number | null;
  /** remb: as the viewer itself says; transport-cc: by what it reports of each packet, where a rendition serves it. */
  readonly estimateKind: 'remb' | 'transport-cc' | null;
}

/** What becomes of the source's own video, and why: untouched (`pass`), or as media.bFrames says where it has B-frames. */
export interface VideoPathStats {
  readonly kind: 'undecided' | 'pass' | 'reencode' | 'drop' | 'refuse';
  readonly reason: string;
  /** B-frames left out (`drop`). */
  readonly droppedB: number;
}

/**
 * What becomes of the source's audio in one of the encodings that are sent, and why: it is in this encoding itself (`pass`), it is
 * decoded and encoded, nothing because nobody listens, or nothing because FFmpeg is missing or refuses.
 */
export interface AudioPathStats extends Readonly<AudioCounts> {
  readonly kind: 'idle' | 'pass' | 'transcode' | 'unavailable';
  readonly reason: string;
}

/** An encoding of the audio that viewers share who take no Opus. */
export interface AudioEncodingStats extends AudioPathStats {
  readonly codec: AudioEncoding;
}

/** One rendition that viewers share. */
export interface RenditionStats {
  /** Codec, size and bitrate as wished; `*` for no wish. */
  readonly encoding: string;
  readonly viewers: number;
  readonly bitrateKbps: number;
  /** Mean time that a frame takes in its thread; null before the first. */
  readonly encodeMeanMs: number | null;
  /** Frames left out because it was behind. */
  readonly skipped: number;
  /** Frames of the source that the decoder refused, or found fault with. */
  readonly decodeErrors: number;
  /** Frames of the source that its thread has not been given yet: many while it catches up with a long group. */
  readonly behind: number;
  /** Why its viewers see nothing, in words; null while frames come. */
  readonly failure: string | null;
}

/** What became of the datagrams of audio and video at the sockets, of all viewers that there ever were. */
export interface DatagramCounts {
  /** In TypeScript one for each datagram. */
  readonly systemCalls: number;
  /** Those that the kernel took; in TypeScript handed to it, and what it refuses afterwards is counted below too. */
  readonly taken: number;
  /**
   * Attempts at which a queue was full (EAGAIN, ENOBUFS, or our own queue toward the sockets). Nothing is lost by one: the
   * packets go out later, or the viewer goes on at a keyframe.
   */
  readonly blocked: number;
  /** Longer than the path takes (EMSGSIZE), and dropped. */
  readonly tooLong: number;
  /** Refused for another reason, and given up. */
  readonly dropped: number;
  /** Messages of several packets (UDP_SEGMENT) that the kernel refused: they went out packet by packet. */
  readonly segmentsRefused: number;
}

/** A further thread that serves viewers of the stream. */
export interface ShardLoad {
  readonly viewers: number;
  /** Share of its time in which its loop was busy, lately. */
  readonly load: number;
}

export interface StreamStats {
  /** What sends to the viewers; null before the first. */
  readonly fanout: 'js' | 'native' | null;
  readonly sourceBytes: number;
  /** Messages of the source that could not be read or are too long, and data messages beyond what is handed on. */
  readonly skippedMessages: number;
  readonly source: SourceMetrics;
  readonly videoFrames: number;
  readonly videoKeyframes: number;
  readonly videoPath: VideoPathStats;
  readonly renditions: readonly RenditionStats[];
  readonly audioFrames: number;
  /** To Opus. */
  readonly audioPath: AudioPathStats;
  /** To G.711, where viewers take no Opus. */
  readonly otherAudio: readonly AudioEncodingStats[];
  /** What the source sends beside the default tracks, which alone are played. */
  readonly otherTracks: readonly OtherTrack[];
  /** Tracks that come and cannot be used, and why. */
  readonly missing: readonly MissingTrack[];
  readonly reconnects: number;
  /** Of the source's messages while somebody watches: from their hand-over by the RTMP client until they were sent to viewers. */
  readonly addedDelay: { readonly messages: number; readonly sumMs: number; readonly worstMs: number };
  /** How far the stamps of audio and video were moved against each other (rtmp.maxTrackOffsetMs); positive: the video's forward. */
  readonly trackOffsetMs: number;
  /** How fast the clocks run by which the source stamps its tracks; other than 1: their stamps are mended. */
  readonly stampSpeeds: { readonly audio: number; readonly video: number };
  readonly gopPackets: number;
  readonly cacheBytes: number;
  /** To all viewers that this actor ever had. */
  readonly sent: {
    readonly packets: number;
    readonly bytes: number;
    readonly resent: number;
    /** Packets that viewers reported as lost (NACK), each time. */
    readonly nacked: number;
    /** PLI and FIR. */
    readonly keyRequests: number;
  };
  readonly datagrams: DatagramCounts;
  readonly viewers: readonly ViewerStats[];
  readonly shards: readonly ShardLoad[];
}
