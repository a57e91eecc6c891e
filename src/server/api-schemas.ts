/**
 * What /api takes and gives. These schemas check what comes in, and /openapi.json is made from them; tests check by them what
 * goes out. Words and units are those of ARCHITECTURE.md.
 */
import { z } from 'zod';
import { sourceForm, sourceSchemes } from '../core/source/schemes.js';

const maxUriLength = 2048;
const maxNameLength = 512;

const text = z.string();
const count = z.number();
const flag = z.boolean();
const utcMs = z.number().describe('UTC, in ms since 1970');

const sourceUri = z
  .string('is missing, or not a string')
  .max(maxUriLength, `is longer than ${maxUriLength} characters`)
  .regex(sourceForm, `must be an address by ${sourceSchemes}`)
  .describe('By rtmp(s)://, http(s):// of a WHEP endpoint, whep(s)://, or ws(s)://HOST:PORT#NAME of a WCS or Sluice');
const streamName = z
  .string('must be a string')
  .min(1, 'must not be empty')
  .max(maxNameLength, `is longer than ${maxNameLength} characters`)
  .describe('What viewers play it by');

export const newStream = z
  .strictObject({
    name: streamName.optional(),
    uri: sourceUri,
    standbyUris: z
      .array(sourceUri)
      .max(7, 'has more than 7')
      .default([])
      .describe('Where it is to be had while `uri` fails'),
    hasAudio: flag.default(true),
    hasVideo: flag.default(true),
    record: flag.default(false).describe('From its first media on, where recordings.folder is set'),
    label: text.max(64, 'is longer than 64 characters').optional().describe('Where its source stands (cluster.label)'),
  })
  .meta({ id: 'NewStream' });

const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'is no level of the log').nullable();
export const streamChange = z
  .strictObject({
    name: streamName.nullable().optional().describe('Null: it goes by its address'),
    logLevel: logLevel.optional().describe('Of the lines that name this stream; null: log.level'),
  })
  .meta({ id: 'StreamChange' });

const video = z.looseObject({ codec: text, width: count, height: count }).nullable();
const audio = z.object({ codec: text, sampleRateHz: count, channels: count }).nullable();

const check = z
  .object({
    name: text.describe('Stable, in the order of the bytes: `source.name` comes first'),
    code: text.describe('`OK`, `UNKNOWN`, or an alert'),
    status: z.enum(['ok', 'info', 'warning', 'error', 'unknown']),
    title: text,
    evidence: text.describe('What was seen'),
    advice: text.describe('The way out'),
  })
  .meta({ id: 'Check' });

export const stream = z
  .object({
    id: text,
    name: text.describe('As viewers name it; an address without its secrets where it has no name'),
    givenName: text.nullable(),
    uri: text.describe('Credentials and tokens are masked'),
    uris: z.array(text),
    playingUri: text.nullable(),
    origin: z.enum(['rest', 'viewer', 'config', 'demo', 'edge']),
    state: z.enum(['NEW', 'PENDING', 'CONNECTED', 'PROCESSED_REMOTE', 'STOPPED', 'FAILED']),
    stateText: text.describe('The state in words'),
    reason: text.nullable().describe('Why there is no media, as an error code'),
    reasonText: text.nullable(),
    detail: text,
    record: flag.describe('It was asked for with the pull'),
    isRecording: flag,
    hasAudio: flag,
    hasVideo: flag,
    media: z.object({ video, audio }),
    viewers: count.describe('By WebRTC, WebSocket and HLS'),
    players: count.describe('By RTMP'),
    linkDelayMs: count
      .nullable()
      .describe(
        'How much later than at its owner it is at this node of a cluster; null: it is pulled here, or that is not known',
      ),
    restarts: count.describe('Of its thread'),
    createdAtMs: utcMs,
    logLevel: logLevel.describe('Of the lines that name it; null: log.level'),
    alerts: z.array(check).describe('What is wrong, the worst first, as of the last seconds'),
  })
  .meta({ id: 'Stream' });

export const sample = z
  .object({
    atMs: utcMs,
    sourceKbps: count,
    fps: count,
    sentKbps: count,
    viewers: count,
    lossFraction: count,
    cores: count,
  })
  .meta({ id: 'Sample' });

export const diagnosis = z
  .object({ streamId: text, atMs: utcMs, isPlayable: flag.describe('No error was found'), checks: z.array(check) })
  .meta({ id: 'Diagnosis' });

export const recordingOrder = z
  .strictObject(
    {
      template: z
        .string('must be a string')
        .optional()
        .describe('Of the names of the files (docs/recording.md, Files)'),
      rotation: z
        .union([z.string(), z.number()], 'must be a string or a number')
        .transform(String)
        .optional()
        .describe('Another file after so many seconds (`3600`) or megabytes (`20M`)'),
    },
    'has a key that is not known; there are template and rotation',
  )
  .meta({ id: 'RecordingOrder', description: 'What is left out is as configured' });

const nodeName = text.nullable().default(null);

export const recordedFile = z
  .object({
    id: text,
    node: nodeName.describe('Of a cluster: the node that has it'),
    recordingId: text.describe('All files of one recording have it'),
    number: count.describe('Among the files of its recording, from 1'),
    streamName: text,
    mediaSessionId: text.describe('Id of the stream'),
    state: z
      .enum(['recording', 'recorded', 'finished'])
      .describe('`recorded`: it is about to get its name, and its index in front'),
    fileName: text.nullable().describe('In recordings.folder; null: it is not finished'),
    startedAtMs: utcMs,
    durationMs: count,
    sizeBytes: count,
    videoCodec: text.nullable(),
    audioCodec: text.nullable(),
    width: count,
    height: count,
    url: text.describe(
      'Of the MP4 file, with byte ranges; also while it is recorded. With a host where another node has it',
    ),
    thumbnailUrl: text.nullable(),
  })
  .meta({ id: 'RecordedFile' });

export const recording = z
  .object({
    recordingId: text,
    trouble: z.object({ code: text, detail: text }).nullable().describe('Why nothing is written now'),
    parts: z.array(recordedFile).describe('Its files so far'),
  })
  .meta({ id: 'Recording' });

const report = z.looseObject({ receivedMs: utcMs, framesDecoded: count }).nullable();

export const viewer = z
  .object({
    id: text,
    node: nodeName.describe('Of a cluster: the node that serves it'),
    streamId: text,
    streamName: text,
    protocol: z.enum(['whep', 'wcs', 'mse', 'hls']).describe('docs/whep.md, docs/wcs.md, docs/mse.md, docs/hls.md'),
    isConnected: flag,
    address: text.describe('Shortened, unless `addresses=full` is asked for'),
    browser: text.describe('By its User-Agent; empty: not told'),
    media: z.looseObject({}),
    encoding: text.nullable().describe('Of its video: `source`, or a rendition as Statistics has it; null: not known'),
    bitrateKbps: count.nullable(),
    bytesSent: count.nullable().default(null).describe('So far; null: not known'),
    lossFraction: count.nullable(),
    roundTripMs: count.nullable(),
    packetsResent: count.nullable(),
    framesSkipped: count.nullable(),
    estimateKbps: count.nullable().describe('What it can receive, as it says or as it is estimated'),
    report: report.describe('What its player told last (docs/player.md, Telemetry)'),
    createdAtMs: utcMs,
  })
  .meta({ id: 'Viewer' });

export const logLine = z
  .object({ atMs: utcMs, level: text, event: text, fields: z.record(z.string(), z.unknown()) })
  .meta({ id: 'LogLine' });

export const streamData = z
  .object({
    metadata: z.record(z.string(), z.unknown()),
    events: z.array(
      z.object({ seq: count, name: text, values: z.array(z.unknown()), timestampMs: count, receivedMs: utcMs }),
    ),
    lastSeq: count,
  })
  .meta({ id: 'StreamData' });

export const handOver = z
  .object({
    atMs: utcMs.describe('When the thread before ended'),
    gapMs: count.describe('Until the next one answered the checks of the viewers'),
    viewersKept: count,
    viewersLost: count,
  })
  .nullable()
  .meta({ id: 'HandOver', description: 'Null without viewers' });

export const server = z
  .object({
    version: text,
    commit: text.describe('With a `+` where something was not committed; empty: not known'),
    node: text,
    ffmpeg: text.nullable(),
    uptimeS: count,
    stuckThreads: count,
    isDraining: flag,
  })
  .meta({ id: 'Server' });

export const problem = z
  .object({ type: text, title: text, status: count, detail: text, code: text.describe('Stable: src/error-table.ts') })
  .meta({ id: 'Problem', description: 'RFC 9457' });

export const fault = z.object({ name: text, fault: text }).meta({ id: 'Fault' });
export const configuration = z.looseObject({}).meta({ id: 'Configuration', description: 'Secrets are masked' });
export const statistics = z.looseObject({}).meta({ id: 'StreamStatistics' });

export const sinceQuery = z.strictObject({
  since: z
    .string()
    .regex(/^\d{1,15}$/, 'is not the seq of an event')
    .default('0')
    .describe('`seq` of the last known event'),
});
export const viewersQuery = z.strictObject({
  stream: z.string().optional().describe('Name or id of a stream'),
  addresses: z.enum(['short', 'full'], 'must be short or full').default('short'),
});
export const noQuery = z.strictObject({});

export type Stream = z.infer<typeof stream>;
export type Viewer = z.infer<typeof viewer>;
export type RecordedFile = z.infer<typeof recordedFile>;
export type Recording = z.infer<typeof recording>;
export type LogLine = z.infer<typeof logLine>;
export type Sample = z.infer<typeof sample>;
export type Diagnosis = z.infer<typeof diagnosis>;
