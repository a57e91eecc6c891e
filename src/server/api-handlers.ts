/** What each operation of /api does. */
import { monotonicMs } from '../clock.js';
import type { ClusterState } from '../cluster/cluster-state.js';
import type { Settings } from '../config/schema.js';
import { faults } from '../core/supervise/faults.js';
import { SluiceError } from '../errors.js';
import type { LogLevels } from '../log-line.js';
import type { OrderedDrain } from '../supervisor/drain.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { Streams } from '../supervisor/streams.js';
import { shownSettings } from './api-configuration.js';
import type { ApiHandlers } from './api-contract.js';
import { recordingOf, streamOf } from './api-resources.js';
import type { Recording, Stream } from './api-schemas.js';
import { createTokenHandlers } from './api-tokens.js';
import { createViewerHandlers } from './api-viewers.js';
import { clusterOf } from './cluster-reply.js';
import type { LogTail } from './log-tail.js';
import type { NodePeers } from './node-peers.js';
import type { Tokens } from './playback-access.js';
import type { RecordedFiles } from './recorded-files.js';

interface ApiParts {
  readonly streams: Streams;
  readonly settings: Settings;
  readonly drain: OrderedDrain;
  readonly isDraining: () => boolean;
  readonly logTail: LogTail;
  readonly logLevels: LogLevels;
  /** Of Sluice. */
  readonly version: string;
  readonly commit: string;
  readonly tokens: Tokens;
  /** Null: this server is in none. */
  readonly cluster: ClusterState | null;
  readonly peers: NodePeers;
  readonly files: RecordedFiles;
}

export function createApiHandlers(parts: ApiParts): ApiHandlers {
  const { streams, drain, settings, isDraining, logTail, logLevels, version, commit, tokens, cluster, peers, files } =
    parts;
  /** By id or name. */
  const find = (id: string): PullInfo => {
    const found = streams.list().find(({ pullId }) => pullId === id) ?? streams.find(id);
    if (found === undefined) throw new SluiceError('stream.notFound');
    return found;
  };
  const shown = (pull: PullInfo): Stream =>
    streamOf(pull, {
      alerts: streams.alerts(pull.pullId),
      isRecording: streams.recordingOf(pull.pullId) !== null,
      logLevel: logLevels.of(pull.pullId),
    });
  const recording = (pullId: string): Recording => {
    const state = streams.recordingOf(pullId);
    if (state === null) throw new SluiceError('recording.notFound');
    return recordingOf(state, peers.name);
  };
  return {
    listStreams: () => streams.list().map(shown),
    async createStream({ body }) {
      if (isDraining()) throw new SluiceError('server.draining');
      const { name: localStreamName, uri, standbyUris, hasAudio, hasVideo, record, label } = body;
      const uris = [uri, ...standbyUris];
      return shown(await streams.pull({ uris, localStreamName, record, hasAudio, hasVideo, origin: 'rest', label }));
    },
    getStream: ({ id }) => shown(find(id)),
    async changeStream({ id, body }) {
      const { pullId } = find(id);
      const pull = body.name === undefined ? find(pullId) : await streams.rename(pullId, body.name);
      if (body.logLevel !== undefined) logLevels.setOf(pullId, body.logLevel);
      return shown(pull);
    },
    async deleteStream({ id }) {
      await streams.terminate({ pullId: find(id).pullId });
      return undefined;
    },
    restartStream: ({ id }) => streams.restartThread(find(id).pullId),
    getStatistics: async ({ id }) => Object.fromEntries(Object.entries(await streams.stats(find(id).pullId))),
    getHistory: ({ id }) => streams.history(find(id).pullId),
    async getDiagnosis({ id }) {
      const { pullId } = find(id);
      const checks = await streams.diagnose(pullId);
      const isPlayable = checks.every(({ status }) => status !== 'error');
      return { streamId: pullId, atMs: Date.now(), isPlayable, checks };
    },
    getData: ({ id, query }) => streams.data(find(id).pullId, Number(query.since)),
    getLog: ({ id }) => logTail.of(find(id).pullId),
    getStreamRecording: ({ id }) => recording(find(id).pullId),
    async startRecording({ id, body }) {
      const { pullId } = find(id);
      await streams.startRecording(pullId, body);
      return recording(pullId);
    },
    async stopRecording({ id }) {
      await streams.stopRecording(find(id).pullId);
      return undefined;
    },
    listRecordings: files.list,
    async getRecording({ id }) {
      const file = (await files.list()).find((one) => one.id === id);
      if (file === undefined) throw new SluiceError('recording.notFound');
      return file;
    },
    async deleteRecording({ id }) {
      await files.remove(id);
      return undefined;
    },
    ...createViewerHandlers(streams, find, peers),
    ...createTokenHandlers(tokens, peers),
    getSupervision: () => streams.supervision(),
    getCluster: () => (cluster === null ? null : clusterOf(cluster, streams, monotonicMs())),
    async getServer() {
      return {
        version,
        commit,
        node: process.versions.node,
        ffmpeg: await streams.ffmpegVersion(),
        uptimeS: Math.round(process.uptime()),
        stuckThreads: streams.stuckThreads,
        isDraining: isDraining(),
      };
    },
    getConfiguration: () => shownSettings(settings),
    getDrain: () => drain.status,
    beginDrain: ({ body }) => drain.begin(body.afterMs),
    takeDrainBack: () => drain.takeBack(),
    injectFault({ body }) {
      const fault = faults.find((one) => one === body.fault);
      if (fault === undefined) throw new SluiceError('request.invalid', `fault must be one of ${faults.join(', ')}`);
      streams.inject(body.name, fault);
      return undefined;
    },
  };
}
