/** What the server has beside /api, for /openapi.json: WCS's calls, WHEP, metrics, health, pages. */
import type { z } from 'zod';
import { playbackReportSchema } from './playback-report.js';
import { recordingSchema } from './recording-body.js';
import {
  connectionFilterSchema,
  dataSchema,
  eventSchema,
  pullSchema,
  sessionSchema,
  streamFilterSchema,
  streamNameSchema,
  terminateSchema,
} from './rest-body.js';
import type { RouteAccess } from './router.js';

export interface OtherRoute {
  readonly methods: readonly string[];
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: RouteAccess;
  /** A schema of JSON, or a media type. */
  readonly body?: z.ZodType | string;
  readonly query?: readonly string[];
  /** Media type of the answer; absent: it has no body. */
  readonly answer?: string;
  readonly status?: number;
}

const json = 'application/json';
const octets = 'application/octet-stream';
const pullPaths = ['/rest-api/pull/rtmp', '/rest-api/pull', '/rest-api/rtmp/pull'];

/** What changes nothing. */
const asksOnly = /\/(find|find_all|snapshot)$/;

const wcs = (method: string, path: string, summary: string, body?: z.ZodType, answer?: string): OtherRoute => ({
  methods: method.split(' '),
  path,
  tag: 'WCS',
  summary,
  access: asksOnly.test(path) ? 'read' : 'control',
  ...(body === undefined ? {} : { body }),
  ...(answer === undefined ? {} : { answer }),
});

const open = (
  methods: string,
  path: string,
  tag: string,
  summary: string,
  more: Partial<OtherRoute> = {},
): OtherRoute => ({
  methods: methods.split(' '),
  path,
  tag,
  summary,
  access: 'open',
  ...more,
});

const playback = (
  methods: string,
  path: string,
  tag: string,
  summary: string,
  more: Partial<OtherRoute> = {},
): OtherRoute => ({ ...open(methods, path, tag, summary, more), access: 'playback' });

const media: readonly OtherRoute[] = [
  ['/api/streams/{id}/snapshot.jpg', 'A still of the newest keyframe, with an entity tag', 'image/jpeg'],
  ['/api/streams/{id}/snapshot.png', 'The same as a PNG', 'image/png'],
  ['/api/recordings/{id}/file', 'The file, with byte ranges', 'video/mp4'],
  ['/api/recordings/{id}/thumbnail.jpg', 'A still of its first keyframe', 'image/jpeg'],
].map(([path = '', summary = '', answer = '']) => ({
  methods: ['GET'],
  path,
  tag: 'Recordings',
  summary,
  access: 'token' as const,
  answer,
}));

const sdp = 'application/sdp';
const wishes = ['width', 'height', 'bitrate', 'quality'];

const whep: readonly OtherRoute[] = [
  playback('POST', '/whep', 'WHEP', 'Plays the stream of `?src=`', {
    body: sdp,
    answer: sdp,
    status: 201,
    query: ['src', ...wishes],
  }),
  open('GET', '/whep', 'WHEP', 'Nothing: it is an endpoint', { status: 204 }),
  open('PATCH DELETE', '/whep', 'WHEP', 'Answers 405: a session has an address of its own', { status: 405 }),
  playback('POST', '/whep/{name}', 'WHEP', 'Plays a stream', { body: sdp, answer: sdp, status: 201, query: wishes }),
  open('GET', '/whep/{name}', 'WHEP', 'Nothing: it is an endpoint', { status: 204 }),
  open('GET', '/whep/session/{id}', 'WHEP', 'Whether there is such a session', { status: 204 }),
  open('PATCH', '/whep/session/{id}', 'WHEP', 'Candidates, or an ICE restart', {
    body: 'application/trickle-ice-sdpfrag',
    answer: 'application/trickle-ice-sdpfrag',
  }),
  open('DELETE', '/whep/session/{id}', 'WHEP', 'Ends a session'),
  open(
    'GET',
    '/whep/session/{id}/events',
    'WHEP',
    'What the source says, and whether it is there (docs/player.md, Events of a session)',
    {
      answer: 'text/event-stream',
    },
  ),
  open('POST', '/whep/session/{id}/report', 'WHEP', 'How it plays (docs/player.md, Telemetry)', {
    body: playbackReportSchema,
    answer: json,
  }),
];

const answer = 'application/vnd.apple.mpegurl';
const directives = ['session', '_HLS_msn', '_HLS_part'];
const hlsLists: readonly OtherRoute[] = [
  playback(
    'GET',
    '/hls/{name}/index.m3u8',
    'HLS',
    'The lists of a stream, with a session for its player (docs/hls.md)',
    {
      answer,
      query: ['from', 'session'],
    },
  ),
  playback('GET', '/hls/{name}/media.m3u8', 'HLS', 'The list of its media', { answer, query: directives }),
  playback('GET', '/hls/{name}/captions.m3u8', 'HLS', 'The list of its captions', { answer, query: directives }),
];

export const otherRoutes: readonly OtherRoute[] = [
  ...pullPaths.flatMap((path) => [
    wcs('POST', `${path}/pull`, 'Pulls a stream', pullSchema),
    wcs('GET POST', `${path}/find_all`, 'All pulls', undefined, json),
    wcs('POST', `${path}/terminate`, 'Ends a pull', terminateSchema),
  ]),
  wcs('GET POST', '/rest-api/stream/find', 'Streams and viewers that fit a filter', streamFilterSchema, json),
  wcs('GET POST', '/rest-api/stream/find_all', 'All streams and viewers', undefined, json),
  wcs('POST', '/rest-api/stream/terminate', 'Ends what fits a filter', streamFilterSchema),
  wcs('POST', '/rest-api/stream/startRecording', 'Records a Pull; a recording of it that runs ends', recordingSchema),
  wcs('POST', '/rest-api/stream/stopRecording', 'Ends a recording', recordingSchema),
  wcs('POST', '/rest-api/recorder/startup', 'The same as startRecording', recordingSchema),
  wcs('POST', '/rest-api/recorder/terminate', 'The same as stopRecording', recordingSchema),
  wcs('GET POST', '/rest-api/recorder/find_all', 'What is recorded now', undefined, json),
  wcs('POST', '/rest-api/stream/snapshot', 'The newest keyframe, a PNG in base64', streamNameSchema, json),
  wcs('POST', '/rest-api/stream/event/send', 'To all viewers of a stream by the Web SDK', eventSchema),
  wcs('GET POST', '/rest-api/connection/find', 'Signalling sessions that fit a filter', connectionFilterSchema, json),
  wcs('GET POST', '/rest-api/connection/find_all', 'All signalling sessions', undefined, json),
  wcs('POST', '/rest-api/connection/terminate', 'Closes a signalling session', sessionSchema),
  wcs('POST', '/rest-api/connection/set_log_level', 'Is taken, and changes nothing', sessionSchema),
  wcs('POST', '/rest-api/data/send', 'To signalling sessions', dataSchema),
  ...whep,
  {
    methods: ['GET'],
    path: '/metrics',
    tag: 'Server',
    summary: 'For Prometheus',
    access: 'read',
    answer: 'text/plain',
  },
  {
    methods: ['GET'],
    path: '/api/events',
    tag: 'Server',
    summary: 'What changes, as it changes (docs/api.md, Events)',
    access: 'read',
    query: ['watch'],
    answer: 'text/event-stream',
  },
  ...media,
  ...hlsLists,
  playback('GET', '/hls/{name}/time-shift.json', 'HLS', 'How far back a stream may be watched, and by which list', {
    answer: json,
  }),
  playback('GET', '/hls/{name}/events', 'HLS', 'Whether the source is there, and what is wrong (docs/hls.md, Events)', {
    answer: 'text/event-stream',
  }),
  playback('GET', '/hls/{name}/{file}', 'HLS', 'A segment, a part, an init segment, or captions (WebVTT)', {
    answer: 'video/mp4',
  }),
  playback('GET', '/poster/{name}', 'Pages', 'The newest keyframe of a stream that is live', { answer: 'image/jpeg' }),
  open('GET', '/openapi.json', 'Server', 'This description', { answer: json }),
  open('GET', '/loadbalancer', 'WCS', 'lbUrl of the SDK: the node of the cluster with the most room', { answer: json }),
  open('POST', '/cluster/call', 'Server', 'What one node of a cluster asks another (docs/cluster.md)', {
    body: octets,
    answer: octets,
  }),
  open('GET', '/healthz', 'Server', 'The process lives', { answer: 'text/plain' }),
  open(
    'GET',
    '/readyz',
    'Server',
    'It takes new viewers; 503 while it is shut down; `degraded` (200) while the registry of its cluster is away',
    { answer: 'text/plain' },
  ),
];
