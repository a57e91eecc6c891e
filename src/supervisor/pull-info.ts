/** A pull as it is asked for, kept, found and listed. Types only. */
import type { PullOrigin, SourceState } from '../../actors/contract.js';
import type { MediaInfo } from '../core/codec/media-info.js';
import type { DialOrigin } from '../core/guard/address.js';
import type { NamedUris } from '../core/source/uri-list.js';
import type { ErrorCode } from '../errors.js';
import type { RecordingOptions } from './recording-state.js';

/** At least one of `uri` and `uris` is given. */
export interface PullRequest extends NamedUris {
  /** Absent: the name is the first uri, byte by byte as requested. */
  readonly localStreamName?: string | undefined;
  readonly record: boolean;
  /** How; absent: as configured. */
  readonly recording?: RecordingOptions | undefined;
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
  readonly origin: PullOrigin;
  /** Where its source stands: a node of a cluster with this label (cluster.label) rather pulls it than others. */
  readonly label?: string | undefined;
  /** The id that it has on other nodes; absent: a new one. */
  readonly pullId?: string;
  /** Where another node has the stream, which is taken from there and not from its uris (`pointTo`); absent or null: none. */
  readonly parentUri?: string | null;
}

/** A pull that is wanted, as it is kept over a restart of the process: its uris have their secrets. */
export interface WantedPull {
  readonly request: PullRequest;
  /** The client (core/guard/ip-address.ts, `clientKey`) whose viewer wanted it; null: none did. */
  readonly client: string | null;
  readonly viewers: number;
}

/** A pull as lists show it. */
export interface PullInfo {
  /** `localMediaSessionId` of the REST API. */
  readonly pullId: string;
  /** What lists show: the given name, else the first uri as below. */
  readonly localName: string;
  /** Null: it has none, and goes by its first uri. */
  readonly givenName: string | null;
  /** The first uri as requested; credentials and what may be a token are masked as `***`. */
  readonly uri: string;
  /** All uris, in order of preference. */
  readonly uris: readonly string[];
  /** The uri that plays; null while none does. */
  readonly playingUri: string | null;
  /** How the source that plays calls the session (WCS); null: not told, or none plays. */
  readonly remoteSessionId: string | null;
  /** `edge`: it is taken from another node. */
  readonly origin: DialOrigin;
  readonly state: SourceState;
  /** Why the source was lost, until its media comes again; why it FAILED; null while all is well. */
  readonly reason: ErrorCode | null;
  readonly detail: string;
  readonly record: boolean;
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
  readonly media: MediaInfo;
  readonly viewers: number;
  /** By RTMP. */
  readonly players: number;
  /** How much later than at its owner it comes to this node; null: it is not taken from another one, or not known yet. */
  readonly linkDelayMs: number | null;
  readonly restarts: number;
  readonly createdAtMs: number;
}

/** At least one field is given; the pull has all that are. */
export interface PullSelector {
  readonly pullId?: string | undefined;
  /** Its first uri, in any spelling. */
  readonly uri?: string | undefined;
  readonly localName?: string | undefined;
}
