/** Every operation of /api: what it takes, what it gives, and how it may fail. Routes, /openapi.json and the client are made of it. */
import { z } from 'zod';
import type { Scope } from '../core/guard/scope.js';
import type { ErrorCode } from '../errors.js';
import type { OperationName } from './api-paths.js';
import {
  configuration,
  diagnosis,
  fault,
  handOver,
  logLine,
  newStream,
  noQuery,
  recordedFile,
  recording,
  recordingOrder,
  sample,
  server,
  sinceQuery,
  statistics,
  stream,
  streamChange,
  streamData,
  viewer,
  viewersQuery,
} from './api-schemas.js';
import { cluster } from './cluster-schemas.js';
import { drainOrder, drainStatus } from './drain-schemas.js';
import { supervision } from './supervision-schemas.js';
import { madeToken, tokenOrder, usedToken } from './token-schemas.js';

/** `body` of `z.undefined()`: none. */
export interface Operation {
  readonly tag: string;
  readonly summary: string;
  /** What an API key must have. */
  readonly scope: Scope;
  readonly query: z.ZodType;
  readonly body: z.ZodType;
  readonly status: 200 | 201 | 204;
  readonly response: z.ZodType;
  readonly errors: readonly ErrorCode[];
  /** It takes an Idempotency-Key. */
  readonly isIdempotent?: boolean;
}

const nothing = z.undefined();
const asked = { scope: 'read' as const, query: noQuery, body: nothing, status: 200 as const };

export const operations = {
  listStreams: {
    ...asked,
    tag: 'Streams',
    summary: 'All streams, with state and reason',
    response: z.array(stream),
    errors: [],
  },
  createStream: {
    tag: 'Streams',
    summary: 'Pulls a stream from its source',
    scope: 'control',
    query: noQuery,
    body: newStream,
    status: 201,
    response: stream,
    errors: [
      'request.invalid',
      'request.mediaType',
      'pull.conflict',
      'pull.nameTaken',
      'pull.limit',
      'server.draining',
    ],
    isIdempotent: true,
  },
  getStream: { ...asked, tag: 'Streams', summary: 'One stream', response: stream, errors: ['stream.notFound'] },
  changeStream: {
    tag: 'Streams',
    summary: 'Gives a stream another name, or its lines of the log another level; its viewers stay',
    scope: 'control',
    query: noQuery,
    body: streamChange,
    status: 200,
    response: stream,
    errors: ['request.invalid', 'request.mediaType', 'stream.notFound', 'pull.nameTaken'],
  },
  deleteStream: {
    ...asked,
    tag: 'Streams',
    summary: 'Ends a stream, and the sessions of its viewers',
    scope: 'control',
    status: 204,
    response: nothing,
    errors: ['stream.notFound'],
  },
  restartStream: {
    ...asked,
    tag: 'Streams',
    summary: 'Lets another thread take the stream over, in order; viewers keep their sessions',
    scope: 'control',
    response: handOver,
    errors: ['stream.notFound', 'stream.notLive', 'request.tooMany', 'source.noMedia'],
  },
  getStatistics: {
    ...asked,
    tag: 'Streams',
    summary: 'What the thread of the stream counts (docs/rest.md, Statistics of a stream)',
    response: statistics,
    errors: ['stream.notFound', 'stream.notLive', 'actor.dead', 'actor.timeout'],
  },
  getHistory: {
    ...asked,
    tag: 'Streams',
    summary: 'The last ten minutes, a sample each five seconds, oldest first',
    response: z.array(sample),
    errors: ['stream.notFound'],
  },
  getDiagnosis: {
    ...asked,
    tag: 'Streams',
    summary: 'What stands between source and picture, asked now (docs/diagnosis.md)',
    response: diagnosis,
    errors: ['stream.notFound'],
  },
  getData: {
    tag: 'Streams',
    summary: 'What the source said beside audio and video',
    scope: 'read',
    query: sinceQuery,
    body: nothing,
    status: 200,
    response: streamData,
    errors: ['request.invalid', 'stream.notFound'],
  },
  getLog: {
    ...asked,
    tag: 'Streams',
    summary: 'The newest lines of the log that name the stream, oldest first',
    response: z.array(logLine),
    errors: ['stream.notFound'],
  },
  getStreamRecording: {
    ...asked,
    tag: 'Recordings',
    summary: 'What is recorded of a stream now',
    response: recording,
    errors: ['stream.notFound', 'recording.notFound'],
  },
  startRecording: {
    tag: 'Recordings',
    summary: 'Begins to record a stream; a recording of it that runs ends. The body may be left out',
    scope: 'control',
    query: noQuery,
    body: recordingOrder,
    status: 200,
    response: recording,
    errors: ['request.invalid', 'request.mediaType', 'stream.notFound', 'pull.notFound', 'recording.disabled'],
  },
  stopRecording: {
    ...asked,
    tag: 'Recordings',
    summary: 'Ends the recording of a stream; answered when all is on the disk',
    scope: 'control',
    status: 204,
    response: nothing,
    errors: ['stream.notFound', 'recording.notFound', 'recording.slow'],
  },
  listRecordings: {
    ...asked,
    tag: 'Recordings',
    summary: 'All files of recordings, oldest first',
    response: z.array(recordedFile),
    errors: [],
  },
  getRecording: {
    ...asked,
    tag: 'Recordings',
    summary: 'One file',
    response: recordedFile,
    errors: ['recording.notFound'],
  },
  deleteRecording: {
    ...asked,
    tag: 'Recordings',
    summary: 'Deletes a file that is finished',
    scope: 'control',
    status: 204,
    response: nothing,
    errors: ['recording.notFound', 'recording.busy'],
  },
  listViewers: {
    tag: 'Viewers',
    summary: 'All viewers, or those of one stream',
    scope: 'read',
    query: viewersQuery,
    body: nothing,
    status: 200,
    response: z.array(viewer),
    errors: ['request.invalid', 'stream.notFound'],
  },
  getViewer: {
    tag: 'Viewers',
    summary: 'One viewer',
    scope: 'read',
    query: viewersQuery,
    body: nothing,
    status: 200,
    response: viewer,
    errors: ['session.notFound'],
  },
  deleteViewer: {
    ...asked,
    tag: 'Viewers',
    summary: 'Ends the session of a viewer',
    scope: 'control',
    status: 204,
    response: nothing,
    errors: ['session.notFound'],
  },
  createToken: {
    tag: 'Playback',
    summary: 'Makes a token by which a stream may be played (docs/access.md)',
    scope: 'read',
    query: noQuery,
    body: tokenOrder,
    status: 200,
    response: madeToken,
    errors: ['request.invalid', 'request.mediaType'],
  },
  listTokens: {
    ...asked,
    tag: 'Playback',
    summary: 'The tokens by which somebody plays now',
    response: z.array(usedToken),
    errors: [],
  },
  revokeToken: {
    ...asked,
    tag: 'Playback',
    summary: 'Ends all who play by a token, and lets nobody in by it any more',
    scope: 'control',
    status: 204,
    response: nothing,
    errors: [],
  },
  getSupervision: {
    ...asked,
    tag: 'Server',
    summary: 'The tree of threads (docs/rest.md, The tree of threads)',
    response: supervision,
    errors: [],
  },
  getCluster: {
    ...asked,
    tag: 'Server',
    summary: 'Nodes, streams, who owns them and who takes them from whom (docs/cluster.md)',
    response: cluster,
    errors: [],
  },
  getServer: {
    ...asked,
    tag: 'Server',
    summary: 'Versions, age and health of the process',
    response: server,
    errors: [],
  },
  getConfiguration: {
    ...asked,
    tag: 'Server',
    summary: 'The configuration in force, secrets masked',
    scope: 'admin',
    response: configuration,
    errors: [],
  },
  getDrain: { ...asked, tag: 'Server', summary: 'How a drain stands', response: drainStatus, errors: [] },
  beginDrain: {
    tag: 'Server',
    summary: 'Refuses new pulls and viewers, and ends the process some time later; the body may be left out',
    scope: 'admin',
    query: noQuery,
    body: drainOrder,
    status: 200,
    response: drainStatus,
    errors: ['request.invalid', 'request.mediaType'],
  },
  takeDrainBack: {
    ...asked,
    tag: 'Server',
    summary: 'Takes a drain back, until it is too late',
    scope: 'admin',
    response: drainStatus,
    errors: ['drain.tooLate'],
  },
  injectFault: {
    tag: 'Server',
    summary: 'Breaks the thread of a stream, where supervisor.faultInjection allows it',
    scope: 'admin',
    query: noQuery,
    body: fault,
    status: 200,
    response: nothing,
    errors: ['request.invalid', 'control.forbidden', 'stream.notFound', 'stream.notLive'],
  },
} as const satisfies Readonly<Record<OperationName, Operation>>;

export type Operations = typeof operations;
