/** Pulls, viewers and recordings as /api shows them. */
import type { Check } from '../core/diagnosis/facts.js';
import { shortAddress } from '../core/guard/ip-address.js';
import type { RecordingPart } from '../core/recording/part.js';
import { errorTable } from '../errors.js';
import type { LogLevel } from '../log-line.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { RecordingState } from '../supervisor/recording-state.js';
import type { Streams } from '../supervisor/streams.js';
import type { ViewerInfo } from '../supervisor/view.js';
import type { RecordedFile, Recording, Stream, Viewer } from './api-schemas.js';
import { browserOf } from './browser-name.js';

const stateTexts: Readonly<Record<PullInfo['state'], string>> = {
  NEW: 'Starting',
  PENDING: 'Dialling the source',
  CONNECTED: 'Connected, waiting for media',
  PROCESSED_REMOTE: 'Live',
  STOPPED: 'Stopped',
  FAILED: 'Given up',
};

interface BesidePull {
  readonly alerts: readonly Check[];
  readonly isRecording: boolean;
  readonly logLevel: LogLevel | null;
}

export function streamOf(pull: PullInfo, { alerts, isRecording, logLevel }: BesidePull): Stream {
  const { pullId, localName, uris, reason, media, state, ...rest } = pull;
  return {
    id: pullId,
    name: localName,
    givenName: rest.givenName,
    uri: rest.uri,
    uris: [...uris],
    playingUri: rest.playingUri,
    origin: rest.origin,
    state,
    stateText: stateTexts[state],
    reason,
    reasonText: reason === null ? null : errorTable[reason].text,
    detail: rest.detail,
    record: rest.record,
    isRecording,
    hasAudio: rest.hasAudio,
    hasVideo: rest.hasVideo,
    media,
    viewers: rest.viewers,
    players: rest.players,
    linkDelayMs: rest.linkDelayMs,
    restarts: rest.restarts,
    createdAtMs: rest.createdAtMs,
    logLevel,
    alerts: [...alerts],
  };
}

type SentToViewer = Awaited<ReturnType<Streams['stats']>>['viewers'][number];

interface Beside {
  readonly node: string | null;
  readonly streamName: string;
  /** Null: its thread does not answer. */
  readonly sent: SentToViewer | null;
  readonly kbps: number | null;
  readonly addresses: 'short' | 'full';
}

/** As a viewer came; those of WCS signalling are of it whatever their media comes by. */
export function protocolOf({
  signalled,
  mediaProvider,
}: Pick<ViewerInfo, 'signalled' | 'mediaProvider'>): Viewer['protocol'] {
  if (signalled !== null) return 'wcs';
  if (mediaProvider === 'WebRTC') return 'whep';
  return mediaProvider === 'MSE' ? 'mse' : 'hls';
}

export function viewerOf(viewer: ViewerInfo, { node, streamName, sent, kbps, addresses }: Beside): Viewer {
  const { report } = viewer;
  return {
    id: viewer.viewerId,
    node,
    streamId: viewer.pullId,
    streamName,
    protocol: protocolOf(viewer),
    isConnected: viewer.isConnected,
    address: addresses === 'full' ? viewer.clientIp : shortAddress(viewer.clientIp),
    browser: browserOf(viewer.userAgent),
    media: Object.fromEntries(Object.entries(viewer.media)),
    encoding: viewer.bytesSent !== null && viewer.media.video !== null ? 'source' : (sent?.videoEncoding ?? null),
    bitrateKbps: kbps,
    bytesSent: viewer.bytesSent ?? sent?.bytesSent ?? null,
    lossFraction: sent?.lossFraction ?? null,
    roundTripMs: sent?.roundTripMs ?? null,
    packetsResent: sent?.packetsResent ?? null,
    framesSkipped: sent?.framesSkipped ?? null,
    estimateKbps: sent?.estimateKbps ?? null,
    report: report === null ? null : { ...report },
    createdAtMs: viewer.createdAtMs,
  };
}

export function recordedFileOf(part: RecordingPart, node: string | null): RecordedFile {
  const { partId, mediaSessionId, state, videoCodec } = part;
  const path = `/api/recordings/${partId}`;
  return {
    id: partId,
    node,
    recordingId: part.recordingId,
    number: part.number,
    streamName: part.streamName,
    mediaSessionId,
    state,
    fileName: part.fileName,
    startedAtMs: part.startedAtMs,
    durationMs: Math.round(part.durationMs),
    sizeBytes: part.sizeBytes,
    videoCodec,
    audioCodec: part.audioCodec,
    width: part.width,
    height: part.height,
    url: `${path}/file`,
    thumbnailUrl: state === 'finished' && videoCodec !== null ? `${path}/thumbnail.jpg` : null,
  };
}

export const recordingOf = ({ recordingId, trouble, parts }: RecordingState, node: string | null): Recording => ({
  recordingId,
  trouble: trouble === null ? null : { ...trouble },
  parts: parts.map((part) => recordedFileOf(part, node)),
});
