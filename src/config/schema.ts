/**
 * Every key of the configuration with its type, range and default. config/sluice.yaml describes them; a test compares the
 * two. Environment variables (SLUICE_…) and flags (--section.key=value) override the file.
 */
import { z } from 'zod';

const port = z.int().min(0).max(65_535);
const ms = z.int().min(0).max(86_400_000);
const positiveMs = ms.min(1);
const bytes = z.int().min(1024).max(1_073_741_824);
const list = z.array(z.string().min(1));
const on = z.boolean();

const server = z.strictObject({
  host: z.string().default('0.0.0.0'),
  restPort: port.default(8081),
  wsPort: port.default(8080),
  restTlsPort: port.default(8444),
  wsTlsPort: port.default(8443),
  oldRestPort: port.default(0),
  oldRestTlsPort: port.default(0),
  hlsPort: port.default(0),
  hlsTlsPort: port.default(0),
  tlsCertFile: z.string().default(''),
  tlsKeyFile: z.string().default(''),
  playerServers: list.default([]),
  trustedProxies: list.default([]),
  hstsMaxAgeS: z.int().min(0).max(63_072_000).default(0),
  frameAncestors: list.default([]),
  maxConnections: z.int().min(1).max(1_000_000).default(10_000),
  maxConnectionsPerClient: z.int().min(1).max(1_000_000).default(1000),
  requestsPerSecond: z.int().min(0).max(1_000_000).default(2000),
  maxSockets: z.int().min(1).max(1_000_000).default(5000),
  maxSocketsPerClient: z.int().min(1).max(1_000_000).default(500),
});

const control = z.strictObject({
  loopback: on.default(true),
  listen: z.string().default(''),
  allow: list.default([]),
  apiKeys: z.array(z.string().min(16)).default([]),
  origins: list.default([]),
});

const pulls = z.strictObject({
  max: z.int().min(1).max(10_000).default(500),
  stateFile: z.string().default('.sluice/pulls.json'),
  idleMs: ms.default(30_000),
  failedListedMs: ms.default(60_000),
  giveUpMs: ms.default(0),
  viewerAllow: list.default([]),
  viewerPorts: z.array(z.int().min(1).max(65_535)).default([1935, 443]),
  viewerDialsPerMinute: z.int().min(1).max(100_000).default(240),
  restDeny: list.default([]),
  restAllow: list.default([]),
  viewerPullsPerMinute: z.int().min(1).max(100_000).default(30),
  viewerSharePercent: z.int().min(0).max(100).default(50),
  viewerPullsPerClient: z.int().min(1).max(10_000).default(16),
  hookUrl: z.string().default(''),
  hookTimeoutMs: positiveMs.default(10_000),
});

const viewers = z.strictObject({
  maxPerStream: z.int().min(1).max(100_000).default(2000),
  perShard: z.int().min(0).max(100_000).default(0),
  maxShards: z.int().min(0).max(256).default(4),
  max: z.int().min(1).max(1_000_000).default(10_000),
  maxPerIp: z.int().min(1).max(100_000).default(200),
  maxUnfinished: z.int().min(1).max(100_000).default(300),
  maxUnfinishedPerIp: z.int().min(1).max(100_000).default(100),
  joinsPerSecond: z.int().min(0).max(100_000).default(500),
  maxCpuPercent: z.int().min(0).max(100).default(95),
  maxMbps: z.int().min(0).max(10_000_000).default(0),
  maxLoopLagMs: ms.default(2000),
  maxPerSession: z.int().min(1).max(10_000).default(64),
  catchUp: z.enum(['gop', 'keyframe-only']).default('gop'),
  connectTimeoutMs: positiveMs.default(10_000),
  silenceTimeoutMs: positiveMs.min(15_000).default(30_000),
  codecWaitMs: ms.default(5000),
  startTimeoutMs: positiveMs.default(10_000),
  sourceGraceMs: ms.default(30_000),
});

const playback = z.strictObject({
  secrets: z.array(z.string().min(32)).default([]),
  jwksUrl: z.string().default(''),
  issuer: z.string().default(''),
  audience: z.string().default(''),
  maxLifetimeS: z.int().min(60).max(31_622_400).default(604_800),
  revokedFile: z.string().default('.sluice/revoked.json'),
  origins: list.default([]),
  hookUrl: z.string().default(''),
  hookTimeoutMs: positiveMs.default(5000),
});

const rtmp = z.strictObject({
  connectTimeoutMs: positiveMs.default(5000),
  dialogueTimeoutMs: positiveMs.default(5000),
  silenceTimeoutMs: positiveMs.default(4500),
  maxSilenceTimeoutMs: positiveMs.default(60_000),
  bufferLengthMs: ms.default(1000),
  maxMessageBytes: bytes.default(8_388_608),
  readPauseBytes: bytes.default(4_194_304),
  reconnectFirstMs: positiveMs.default(200),
  reconnectMaxMs: positiveMs.default(5000),
  failBackMs: ms.default(30_000),
  smoothMs: z.int().min(0).max(2000).default(0),
  maxTrackOffsetMs: z.int().min(0).max(9000).default(1500),
  dnsTimeoutMs: positiveMs.default(3000),
  caFile: z.string().default(''),
  agentSdpFile: z.string().default(''),
});

const webrtc = z.strictObject({
  listen: list.default([]),
  interfaces: list.default([]),
  announce: list.default([]),
  stunServer: z.string().default(''),
  portMin: port.default(31_000),
  portMax: port.default(32_000),
  singlePort: port.default(0),
  sendQueueBytes: bytes.default(4_194_304),
  fanout: z.enum(['auto', 'native', 'js']).default('auto'),
  iceServers: list.default([]),
  turnSecret: z.string().default(''),
  turnTtlS: z.int().min(60).max(604_800).default(3600),
});

const media = z.strictObject({
  packetBytes: z.int().min(400).max(1400).default(1200),
  gopCacheBytes: bytes.default(16_777_216),
  joinPaceMs: z.int().min(0).max(1000).default(30),
  opusBitrateKbps: z.int().min(6).max(510).default(64),
  opusFrameMs: z.int().min(20).max(40).multipleOf(20).default(20),
  bFrames: z.enum(['reencode', 'drop', 'refuse']).default('reencode'),
  encodePreset: z.enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium']).default('superfast'),
  encodeThreads: z.int().min(1).max(32).default(2),
  maxPixels: z.int().min(16_384).max(142_606_336).default(9_437_184),
  encodeBitrateKbps: z.int().min(0).max(50_000).default(0),
  encodeMinKbps: z.int().min(50).max(50_000).default(300),
  fallbackKbps: z.int().min(0).max(50_000).default(0),
  transcoding: on.default(true),
  maxRenditions: z.int().min(0).max(256).default(8),
  renditionsPerClient: z.int().min(0).max(256).default(2),
  renditionIsolation: z.enum(['thread', 'process']).default('process'),
});

const fragments = z.strictObject({
  lingerMs: ms.default(10_000),
  messageMs: z.int().min(0).max(10_000).default(0),
  partMs: z.int().min(100).max(2000).default(300),
  segmentMs: z.int().min(500).max(20_000).default(2000),
  windowMs: z.int().min(4000).max(86_400_000).default(30_000),
  windowMb: z.int().min(1).max(65_536).default(64),
});

const recordings = z.strictObject({
  folder: z.string().default('recordings'),
  all: on.default(false),
  timeShift: on.default(false),
  template: z.string().default('stream-{mediaSessionId}-{login}'),
  rotation: z.string().default(''),
  minFreeMb: z.int().min(0).max(1_000_000).default(1024),
  makeRoom: on.default(false),
  maxTotalMb: z.int().min(0).max(1_000_000_000).default(0),
  maxAgeHours: z.int().min(0).max(1_000_000).default(0),
  maxQueueMb: z.int().min(1).max(4096).default(64),
  hookUrl: z.string().default(''),
  hookCommand: z.string().default(''),
  hookTimeoutMs: positiveMs.default(60_000),
});

const rtmpOut = z.strictObject({
  port: port.default(0),
  secret: z.union([z.literal(''), z.string().min(16)]).default(''),
  maxWaiting: z.int().min(1).max(100_000).default(1000),
  maxPlayersPerStream: z.int().min(1).max(100_000).default(200),
  maxBehindBytes: bytes.default(16_777_216),
});

const cluster = z.strictObject({
  redis: z.string().default(''),
  redisPassword: z.string().default(''),
  caFile: z.string().default(''),
  secret: z.union([z.literal(''), z.string().min(16)]).default(''),
  node: z.string().max(64).default(''),
  label: z.string().max(64).default(''),
  advertise: z.string().default(''),
  httpUrl: z.string().default(''),
  wsUrl: z.string().default(''),
  maxChildren: z.int().min(1).max(1000).default(8),
  prefix: z.string().min(1).max(64).default('sluice'),
});

const supervisor = z.strictObject({
  maxRestarts: z.int().min(0).max(1000).default(5),
  restartWindowMs: positiveMs.default(30_000),
  probeMs: positiveMs.default(60_000),
  hangMs: positiveMs.default(1200),
  callTimeoutMs: positiveMs.default(8000),
  stopTimeoutMs: positiveMs.default(2000),
  threadMemoryMb: z.int().min(32).max(16_384).default(512),
  processMemoryMb: z.int().min(0).max(16_777_216).default(0),
  startsAtOnce: z.int().min(0).max(64).default(0),
  spareThreads: z.int().min(0).max(64).default(1),
  faultInjection: on.default(false),
});

const hooks = z.strictObject({
  apps: list.default([]),
  timeoutMs: ms.default(15_000),
  maxConnections: z.int().min(1).max(1000).default(16),
  keepAliveMs: ms.default(0),
  keepAliveAppKeys: list.default(['defaultApp']),
  allowWhep: on.default(false),
});

const log = z.strictObject({
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  format: z.enum(['auto', 'json', 'pretty']).default('auto'),
});

const metrics = z.strictObject({ maxStreams: z.int().min(0).max(10_000).default(200) });

const demo = z.strictObject({
  enabled: on.default(true),
  name: z.string().min(1).default('demo'),
  port: port.default(0),
  width: z.int().min(320).max(1920).multipleOf(2).default(1280),
  height: z.int().min(180).max(1080).multipleOf(2).default(720),
  fps: z.int().min(5).max(60).default(30),
});

/** A pull that starts with the server, with the fields of the REST request. */
const stream = z.strictObject({
  uri: z.string().min(1).optional(),
  uris: list.optional(),
  localStreamName: z.string().min(1).optional(),
  record: on.default(false),
  hasAudio: on.default(true),
  hasVideo: on.default(true),
  label: z.string().max(64).optional(),
});

export const settingsSchema = z.strictObject({
  server: server.prefault({}),
  control: control.prefault({}),
  pulls: pulls.prefault({}),
  viewers: viewers.prefault({}),
  playback: playback.prefault({}),
  rtmp: rtmp.prefault({}),
  webrtc: webrtc.prefault({}),
  media: media.prefault({}),
  fragments: fragments.prefault({}),
  recordings: recordings.prefault({}),
  rtmpOut: rtmpOut.prefault({}),
  cluster: cluster.prefault({}),
  supervisor: supervisor.prefault({}),
  hooks: hooks.prefault({}),
  log: log.prefault({}),
  metrics: metrics.prefault({}),
  demo: demo.prefault({}),
  streams: z.array(stream).default([]),
});

export type Settings = z.infer<typeof settingsSchema>;
