/** Every viewer of the process: with its pull, its address, and the callbacks of its session. */
import type { Settings } from '../config/schema.js';
import type { MediaInfo } from '../core/codec/media-info.js';
import type { ViewerAlert } from '../core/diagnosis/viewer-alerts.js';
import { createQuota, type Quota } from '../core/guard/quota.js';
import type { PlayedMedia } from '../core/sdp/played-media.js';
import type { PlaybackReport, ReceivedReport } from '../core/whep/playback-report.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { SourceData } from './data-ring.js';
import { createNewsListeners, type NewsListener } from './news-listeners.js';
import type { OnTiming } from './timings.js';
import type { ViewerInfo, ViewRequest } from './view.js';

export interface Viewer
  extends Pick<
      ViewRequest,
      | 'onConnected'
      | 'onSourceChanged'
      | 'onAlerts'
      | 'onMedia'
      | 'onVideoRate'
      | 'onEvent'
      | 'onData'
      | 'onLowered'
      | 'onEnded'
    >,
    Pick<
      ViewerInfo,
      'viewerId' | 'pullId' | 'name' | 'signalled' | 'mediaProvider' | 'wish' | 'createdAtMs' | 'clientIp' | 'userAgent'
    > {
  /** Of fragments; null: what it is sent is counted elsewhere. */
  readonly bytesSent: (() => number) | null;
  /** What it plays of a stream with this media. */
  readonly playedOf: (media: MediaInfo) => PlayedMedia;
  /** Of the name that it plays (pull-request.ts). */
  readonly nameKey: string;
  /** It is connected, or gone: called once at least. */
  readonly onSettled: () => void;
  /** It is forgotten. */
  readonly onGone: () => void;
}

export interface ViewerIndex {
  /** The viewer counts from now on. Errors: request.tooMany beyond `maxPerIp`, viewer.limit beyond `max` and `maxPerStream`. */
  add(viewer: Viewer): void;
  /** It has a session from now on. Undefined when it was ended meanwhile. */
  joined(viewerId: string, media: MediaInfo): PlayedMedia | undefined;
  /** After it was answered: `iceMs` until its first check, `dtlsMs` from there until DTLS was done. */
  connected(viewerId: string, iceMs: number, dtlsMs: number): void;
  /** The same of one that is sent packets or fragments: its media flows. */
  sentPackets(viewerId: string): void;
  /** Its player told this. Error: session.notFound. */
  report(viewerId: string, report: PlaybackReport): void;
  /** It is sent a rendition of lower bitrate from now on; both in kbit/s. */
  lowered(viewerId: string, sourceKbps: number, estimateKbps: number): void;
  /** The source of this pull was lost for this reason; null: it is back. */
  sourceChanged(pullId: string, lost: ErrorCode | null): void;
  /** What is wrong with the stream of this pull; who comes later is told too. */
  alertsChanged(pullId: string, alerts: readonly ViewerAlert[]): void;
  /** The stream of this pull has other media now. */
  mediaChanged(pullId: string, media: MediaInfo): void;
  /** By pull, the connected viewers of video that want to know their rates. */
  rateListeners(): ReadonlyMap<string, ReadonlySet<string>>;
  videoRate(viewerId: string, bps: number): void;
  /** To all viewers of this pull. */
  event(pullId: string, payload: unknown): void;
  /** Passes on what the source of this pull sent beside audio and video. */
  sourceData(pullId: string, data: SourceData): void;
  /** Tells who takes the stream of this pull otherwise than as a viewer, until the call of what is given back. */
  onNews(pullId: string, listener: NewsListener): () => void;
  /** Forgets it without a call of `onEnded`; undefined when it is not there. */
  remove(viewerId: string): Viewer | undefined;
  /** Forgets it, and calls `onEnded` if it has a session. */
  end(viewerId: string, reason: ErrorCode | null): void;
  /** Undefined for an unknown viewer. */
  pullOf(viewerId: string): string | undefined;
  /** Those that have a session. */
  list(): readonly ViewerInfo[];
  /** The ids of those that play this name. */
  named(nameKey: string): readonly string[];
  /** Those of a pull that have a session. */
  sessionsOf(pullId: string): readonly string[];
  /** Those of them whom the stream's thread serves. */
  servedByThread(pullId: string): readonly string[];
  /** Those of a pull, with and without a session. */
  of(pullId: string): readonly string[];
  /** The number of `of`. */
  count(pullId: string): number;
  /** Of all pulls. */
  readonly size: number;
}

interface Entry {
  readonly viewer: Viewer;
  /** Null until it has a session. */
  media: PlayedMedia | null;
  isConnected: boolean;
  report: ReceivedReport | null;
  /** Monotonic. */
  readonly addedMs: number;
  answeredMs: number;
}

interface ViewerListeners {
  /** There is one more, or one less. */
  readonly onCounted: () => void;
  /** After each viewer that is forgotten. */
  readonly onGone: (pullId: string) => void;
  /** Before that, for each whose session ended for a reason. */
  readonly onEnded: (pullId: string, reason: ErrorCode) => void;
  readonly onTiming: OnTiming;
  readonly nowMs: () => number;
}

type Limits = Pick<Settings['viewers'], 'max' | 'maxPerIp' | 'maxPerStream'>;

export function createViewerIndex(
  limits: Limits,
  { onCounted, onGone, onEnded, onTiming, nowMs }: ViewerListeners,
): ViewerIndex {
  const entries = new Map<string, Entry>();
  const byPull = new Map<string, Set<string>>();
  const others = createNewsListeners();
  const places = createQuota({
    get max() {
      return limits.max;
    },
    get maxPerClient() {
      return limits.maxPerIp;
    },
  });

  const remove = (viewerId: string): Entry | undefined => {
    const entry = entries.get(viewerId);
    if (entry === undefined) return undefined;
    const { pullId, clientIp } = entry.viewer;
    entries.delete(viewerId);
    const ofPull = byPull.get(pullId);
    ofPull?.delete(viewerId);
    if (ofPull?.size === 0) byPull.delete(pullId);
    places.release(clientIp);
    entry.viewer.onSettled();
    entry.viewer.onGone();
    onCounted();
    onGone(pullId);
    return entry;
  };

  const of = (pullId: string): readonly string[] => [...(byPull.get(pullId) ?? [])];
  const sessionsOf = (pullId: string): readonly string[] =>
    of(pullId).filter((viewerId) => (entries.get(viewerId)?.media ?? null) !== null);

  return {
    of,
    count: (pullId) => byPull.get(pullId)?.size ?? 0,
    get size() {
      return entries.size;
    },
    add(viewer) {
      const ofPull = byPull.get(viewer.pullId) ?? new Set();
      takePlace(limits, places, viewer, ofPull.size);
      const addedMs = nowMs();
      const times = { addedMs, answeredMs: addedMs };
      entries.set(viewer.viewerId, { viewer, media: null, isConnected: false, report: null, ...times });
      byPull.set(viewer.pullId, ofPull.add(viewer.viewerId));
      onCounted();
    },
    joined(viewerId, media) {
      const entry = entries.get(viewerId);
      if (entry === undefined) return undefined;
      entry.media = entry.viewer.playedOf(media);
      entry.answeredMs = nowMs();
      const alerts = others.alertsOf(entry.viewer.pullId);
      if (alerts.length > 0) entry.viewer.onAlerts?.(alerts);
      return entry.media;
    },
    lowered: (viewerId, sourceKbps, estimateKbps) =>
      entries.get(viewerId)?.viewer.onLowered?.(sourceKbps, estimateKbps),
    connected(viewerId, iceMs, dtlsMs) {
      const entry = entries.get(viewerId);
      if (entry === undefined) return;
      onTiming('join', nowMs() - entry.addedMs);
      onTiming('answer', entry.answeredMs - entry.addedMs);
      onTiming('ice', iceMs);
      onTiming('dtls', dtlsMs);
      connect(entry);
    },
    sentPackets: (viewerId) => connect(entries.get(viewerId)),
    report(viewerId, report) {
      const entry = entries.get(viewerId);
      if (entry === undefined) throw new SluiceError('session.notFound');
      const { firstFrameMs } = report;
      if (firstFrameMs !== null && (entry.report?.firstFrameMs ?? null) === null) onTiming('firstFrame', firstFrameMs);
      entry.report = { ...report, receivedMs: Date.now() };
    },
    sourceChanged(pullId, lost) {
      for (const viewerId of sessionsOf(pullId)) entries.get(viewerId)?.viewer.onSourceChanged?.(lost);
      others.tell(pullId, { kind: 'source', lost });
    },
    alertsChanged(pullId, alerts) {
      for (const viewerId of sessionsOf(pullId)) entries.get(viewerId)?.viewer.onAlerts?.(alerts);
      others.tell(pullId, { kind: 'alerts', alerts });
    },
    mediaChanged(pullId, media) {
      for (const viewerId of sessionsOf(pullId)) {
        const entry = entries.get(viewerId);
        if (entry === undefined) continue;
        entry.media = entry.viewer.playedOf(media);
        entry.viewer.onMedia?.(entry.media);
      }
    },
    rateListeners: () => rateListenersOf(entries),
    videoRate: (viewerId, bps) => entries.get(viewerId)?.viewer.onVideoRate?.(bps),
    event(pullId, payload) {
      for (const viewerId of sessionsOf(pullId)) entries.get(viewerId)?.viewer.onEvent?.(payload);
    },
    sourceData(pullId, data) {
      for (const viewerId of of(pullId)) entries.get(viewerId)?.viewer.onData?.(data);
      others.tell(pullId, { kind: 'data', data });
    },
    onNews: others.add,
    remove: (viewerId) => remove(viewerId)?.viewer,
    end(viewerId, reason) {
      const entry = remove(viewerId);
      if (entry === undefined || entry.media === null) return;
      if (reason !== null) onEnded(entry.viewer.pullId, reason);
      entry.viewer.onEnded(reason);
    },
    pullOf: (viewerId) => entries.get(viewerId)?.viewer.pullId,
    list: () => [...entries.values()].flatMap(infoOf),
    named: (nameKey) =>
      [...entries.values()].filter(({ viewer }) => viewer.nameKey === nameKey).map(({ viewer }) => viewer.viewerId),
    sessionsOf,
    servedByThread: (pullId) => sessionsOf(pullId).filter((viewerId) => isServedByThread(entries.get(viewerId))),
  };
}

/** `present`: of the same stream. */
function takePlace(
  { max, maxPerIp, maxPerStream }: Limits,
  places: Pick<Quota, 'take'>,
  { clientIp }: Pick<Viewer, 'clientIp'>,
  present: number,
): void {
  if (present >= maxPerStream) throw new SluiceError('viewer.limit', `viewers.maxPerStream is ${maxPerStream}`);
  const place = places.take(clientIp);
  if (place === 'client') throw new SluiceError('request.tooMany', `viewers.maxPerIp is ${maxPerIp}`);
  if (place === 'all') throw new SluiceError('viewer.limit', `viewers.max is ${max}`);
}

function rateListenersOf(entries: ReadonlyMap<string, Entry>): ReadonlyMap<string, ReadonlySet<string>> {
  const listeners = new Map<string, Set<string>>();
  for (const [viewerId, { viewer, media, isConnected }] of entries) {
    if (viewer.onVideoRate === undefined || !isConnected || !media?.video) continue;
    const ofPull = listeners.get(viewer.pullId) ?? new Set();
    listeners.set(viewer.pullId, ofPull.add(viewerId));
  }
  return listeners;
}

const isServedByThread = (entry: Entry | undefined): boolean => entry?.viewer.mediaProvider === 'WebRTC';

function connect(entry: Entry | undefined): void {
  if (entry === undefined) return;
  entry.isConnected = true;
  entry.viewer.onSettled();
  entry.viewer.onConnected();
}

/** Nothing for a viewer without a session. */
function infoOf({ viewer, media, isConnected, report }: Entry): readonly ViewerInfo[] {
  if (media === null) return [];
  const { viewerId, pullId, name, signalled, mediaProvider, wish, createdAtMs, clientIp, userAgent } = viewer;
  const of = { viewerId, pullId, name, signalled, mediaProvider };
  const bytesSent = viewer.bytesSent?.() ?? null;
  return [{ ...of, isConnected, media, wish, createdAtMs, clientIp, userAgent, report, bytesSent }];
}
