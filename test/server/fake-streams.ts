/** A fake supervisor: the tests of the server need no threads and no media. */
import type { RestartAnswer } from '../../actors/contract.js';
import { ok } from '../../src/core/diagnosis/check.js';
import { whyNotLive } from '../../src/core/diagnosis/reasons.js';
import { playedMedia, takenMedia } from '../../src/core/sdp/played-media.js';
import type { PacketMessage } from '../../src/core/wcs/media-packet.js';
import { mseMedia } from '../../src/core/wcs/mse-media.js';
import type { PlaybackReport } from '../../src/core/whep/playback-report.js';
import { SluiceError } from '../../src/errors.js';
import type { MediaListener } from '../../src/supervisor/media-watch.js';
import type { PullInfo, PullRequest } from '../../src/supervisor/pull-info.js';
import type { Streams } from '../../src/supervisor/streams.js';
import type { FragmentViewRequest, View, ViewerInfo, ViewRequest } from '../../src/supervisor/view.js';
import { someData, someMetrics, somePart, somePull, someSample, someTree } from './examples.js';

export interface FakeStreams extends Streams {
  readonly pulled: PullRequest[];
  readonly viewed: ViewRequest[];
  /** By their viewerIds, who plays fragments. */
  readonly fragmentViews: Map<string, FragmentViewRequest>;
  readonly left: string[];
  readonly restarted: string[];
  /** pullIds and viewerIds. */
  readonly terminated: string[];
  readonly faults: string[];
  /** What recordings were asked for, in words. */
  readonly recordingCalls: string[];
  readonly reports: { readonly viewerId: string; readonly report: PlaybackReport }[];
  pulls: PullInfo[];
  watching: ViewerInfo[];
  /** Replace the default answers of the next calls. */
  onPull: ((request: PullRequest) => PullInfo) | null;
  onRestart: (() => Promise<RestartAnswer>) | null;
  onView: ((request: ViewRequest, viewerId: string) => Promise<View>) | null;
  /** By name, who takes its packets. */
  readonly packetListeners: Map<string, MediaListener<PacketMessage>>;
}

export function createFakeStreams(): FakeStreams {
  let lastViewer = 0;
  const fake: FakeStreams = {
    pulled: [],
    viewed: [],
    fragmentViews: new Map(),
    left: [],
    restarted: [],
    terminated: [],
    faults: [],
    recordingCalls: [],
    reports: [],
    pulls: [somePull],
    watching: [],
    onPull: null,
    onRestart: null,
    onView: null,
    packetListeners: new Map(),
    pull(request) {
      fake.pulled.push(request);
      return fake.onPull?.(request) ?? somePull;
    },
    terminate({ pullId, uri, localName }) {
      const found = fake.pulls.find(
        (pull) =>
          (pullId ?? pull.pullId) === pull.pullId &&
          (uri ?? pull.uri) === pull.uri &&
          (localName ?? pull.localName) === pull.localName,
      );
      if (found === undefined) throw new SluiceError('pull.notFound');
      fake.terminated.push(found.pullId);
    },
    list: () => fake.pulls,
    wanted: () => [],
    named: (name) =>
      new Set([
        ...fake.pulls.filter(({ localName }) => localName === name).map(({ pullId }) => pullId),
        ...fake.watching.filter((viewer) => viewer.name === name).map(({ viewerId }) => viewerId),
      ]),
    viewers: () => fake.watching,
    report(viewerId, report) {
      fake.reports.push({ viewerId, report });
    },
    terminateViewer(viewerId) {
      if (!fake.watching.some((viewer) => viewer.viewerId === viewerId)) throw new SluiceError('session.notFound');
      fake.terminated.push(viewerId);
    },
    find: (name) => fake.pulls.find((pull) => pull.localName === name || pull.uri === name),
    async view(request) {
      fake.viewed.push(request);
      lastViewer += 1;
      const viewerId = lastViewer.toString(16).padStart(32, '0');
      if (fake.onView !== null) return fake.onView(request, viewerId);
      const found = fake.find(request.name);
      if (found === undefined) throw new SluiceError('stream.notFound');
      const media = playedMedia(takenMedia(request.offer), found.media, request.wish ?? null);
      return { viewerId, localName: found.localName, answerSdp: 'v=0\r\n', media, iceTag: 'ice1' };
    },
    async viewPackets(request) {
      lastViewer += 1;
      const found = fake.find(request.name);
      if (found === undefined) throw new SluiceError('stream.notFound');
      const viewerId = lastViewer.toString(16).padStart(32, '0');
      return { viewerId, media: mseMedia(found.media, null), wish: null, connected: request.onConnected };
    },
    async viewFragments(request) {
      lastViewer += 1;
      const viewerId = lastViewer.toString(16).padStart(32, '0');
      fake.fragmentViews.set(viewerId, request);
      return viewerId;
    },
    async watchPackets({ name }, listener) {
      fake.packetListeners.set(name, listener);
      return { pullId: somePull.pullId, localName: name, close: () => void fake.packetListeners.delete(name) };
    },
    watchFragments: () => Promise.reject(new SluiceError('stream.notFound')),
    addPlayer: () => Promise.reject(new SluiceError('stream.notFound')),
    async whyUnavailable({ name }) {
      const found = fake.find(name);
      if (found === undefined) return 'stream.notFound';
      return found.state === 'PROCESSED_REMOTE' ? null : whyNotLive(found.reason);
    },
    async restart(viewerId, viewerUfrag) {
      fake.restarted.push(`${viewerId} ${viewerUfrag}`);
      if (fake.onRestart !== null) return fake.onRestart();
      const iceTag = `ice${fake.restarted.length + 1}`;
      return { fragment: `a=ice-ufrag:${iceTag}\r\n`, iceTag };
    },
    async restartThread(pullId) {
      fake.restarted.push(pullId);
      return null;
    },
    async leave(viewerId) {
      fake.left.push(viewerId);
      fake.fragmentViews.delete(viewerId);
      return true;
    },
    sendEvent(name, payload) {
      if (fake.find(name) === undefined) throw new SluiceError('stream.notFound');
      for (const viewed of fake.viewed) if (viewed.name === name) viewed.onEvent?.(payload);
    },
    stats: async () => ({
      source: someMetrics,
      sourceBytes: 1,
      videoFrames: 2,
      videoKeyframes: 1,
      fanout: null,
      videoPath: { kind: 'pass', reason: '', droppedB: 0 },
      renditions: [],
      audioFrames: 3,
      audioPath: { kind: 'idle', reason: '', decodeErrors: 0, jumps: 0, dropped: 0 },
      otherAudio: [],
      otherTracks: [],
      missing: [],
      reconnects: 0,
      addedDelay: { messages: 4, sumMs: 6, worstMs: 3 },
      skippedMessages: 0,
      trackOffsetMs: 0,
      stampSpeeds: { audio: 1, video: 1 },
      gopPackets: 4,
      cacheBytes: 5,
      sent: { packets: 6, bytes: 7, resent: 8, nacked: 9, keyRequests: 10 },
      datagrams: { systemCalls: 9, taken: 10, blocked: 11, tooLong: 12, dropped: 13, segmentsRefused: 14 },
      viewers: [],
      shards: [],
    }),
    startRecording: (pullId, options) => void fake.recordingCalls.push(`start ${pullId} ${JSON.stringify(options)}`),
    stopRecording: async (pullId) => void fake.recordingCalls.push(`stop ${pullId}`),
    recordingOf: () => ({
      recordingId: somePart.recordingId,
      template: somePart.template,
      trouble: null,
      parts: [somePart],
    }),
    recordedSoFar: () => null,
    recordings: () => [somePart],
    recordingsLoad: () => ({ queuedBytes: 0, droppedFragments: 0, freeBytes: null }),
    recordedFile: () => {
      throw new SluiceError('recording.notFound');
    },
    removeRecording: async (partId) => void fake.recordingCalls.push(`remove ${partId}`),
    async snapshot(name) {
      if (fake.find(name) === undefined) throw new SluiceError('stream.notFound');
      return { tag: 'still', bytes: async () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47) };
    },
    data: (_pullId, since) => ({
      metadata: { width: 1280 },
      events: someData.filter(({ seq }) => seq > since),
      lastSeq: someData.length,
    }),
    history: () => [someSample],
    lastSample: () => someSample,
    diagnose: async () => [ok('source.name', 'The host name is known')],
    alerts: () => [],
    viewerKbps: () => new Map(),
    rename(pullId, name) {
      const found = fake.pulls.find((pull) => pull.pullId === pullId);
      if (found === undefined) throw new SluiceError('pull.notFound');
      return { ...found, givenName: name, localName: name ?? found.uri };
    },
    ffmpegVersion: async () => '8.1',
    inject(name, fault) {
      fake.faults.push(`${name} ${fault}`);
    },
    supervision: () => someTree,
    register() {},
    settingsChanged() {},
    observeTimings(listener) {
      listener('join', 30);
      listener('answer', 5);
    },
    close: async () => {},
    singlePort: () => null,
    stuckThreads: 0,
  };
  return fake;
}
