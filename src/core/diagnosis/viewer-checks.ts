/** From the thread of the stream to the eyes of its viewers. */
import { alert, firstOf, ok, unknown } from './check.js';
import type { Check, StreamFacts, ViewerFacts } from './facts.js';

const limits = { lossFraction: 0.05, roundTripMs: 300, delayMs: 2000, freezesPerMinute: 3, decodingAfterMs: 8000 };
/** Of the packets of a minute. */
const blockedShare = 0.02;

export function checkThread({ state, path, restarts, detail }: StreamFacts): readonly Check[] {
  const isRunning = state === 'PROCESSED_REMOTE' || state === 'CONNECTED';
  const thread = firstOf(
    'thread',
    [
      [isRunning && path === null, 'THREAD_NOT_ANSWERING', detail],
      [restarts > 0, 'THREAD_RESTARTED', `${restarts} times`],
    ],
    ok('thread', 'The thread of the stream runs'),
  );
  if (path === null) return [thread];
  const { renditionFailures, skippedFrames, blockedDatagrams, sentDatagrams } = path;
  const isCongested = blockedDatagrams > 100 && blockedDatagrams > sentDatagrams * blockedShare;
  return [
    thread,
    firstOf(
      'thread.encoding',
      [
        [renditionFailures.length > 0, 'EGRESS_STREAM_CREATION_FAILED_BY_ENCODER', renditionFailures.join('; ')],
        [skippedFrames > 0, 'EGRESS_TRANSCODE_ENCODING_FAILED', `${skippedFrames} frames left out in the last minute`],
      ],
      ok('thread.encoding', 'Encodings follow'),
    ),
    firstOf(
      'thread.queue',
      [
        [
          isCongested,
          'INTERNAL_QUEUE_CONGESTION',
          `${blockedDatagrams} of ${sentDatagrams} packets in the last minute`,
        ],
      ],
      ok('thread.queue', 'Packets leave at once'),
    ),
  ];
}

export function checkViewers(facts: StreamFacts): readonly Check[] {
  const { viewers, endings, offeredAddresses } = facts;
  const failedIce = endings['viewer.iceTimeout'] ?? 0;
  const silent = endings['viewer.iceKeepAlive'] ?? 0;
  const failedDtls = (endings['viewer.dtls'] ?? 0) + (endings['viewer.fingerprint'] ?? 0);
  const offered = offeredAddresses.join(', ');
  const isPrivate = offeredAddresses.length > 0 && offeredAddresses.every(isPrivateAddress);
  return [
    firstOf(
      'viewers.addresses',
      [[isPrivate && !offeredAddresses.every(isLoopback), 'VIEWER_ONLY_PRIVATE_ADDRESSES', offered]],
      ok('viewers.addresses', 'Viewers are offered addresses', offered),
    ),
    firstOf(
      'viewers.ice',
      [
        [failedIce > 0, 'VIEWER_ICE_FAILED', `${failedIce} in the last ten minutes; offered were ${offered}`],
        [silent > 0, 'VIEWER_WENT_SILENT', `${silent} in the last ten minutes`],
      ],
      ok(
        'viewers.ice',
        'Viewers reach the media port',
        `${viewers.filter(({ isConnected }) => isConnected).length} connected`,
      ),
    ),
    firstOf(
      'viewers.dtls',
      [[failedDtls > 0, 'VIEWER_DTLS_FAILED', `${failedDtls} in the last ten minutes`]],
      ok('viewers.dtls', 'DTLS succeeds'),
    ),
    ...(viewers.length === 0
      ? [unknown('viewers.picture', 'Viewers see the video', 'Nobody watches by WebRTC')]
      : receptionChecks(viewers, facts.media.video !== null)),
  ];
}

function receptionChecks(viewers: readonly ViewerFacts[], hasVideo: boolean): readonly Check[] {
  const count = (holds: (viewer: ViewerFacts) => boolean): number => viewers.filter(holds).length;
  const of = (n: number): string => `${n} of ${viewers.length} viewers`;
  const lossy = count(({ lossFraction }) => lossFraction > limits.lossFraction);
  const far = count(({ roundTripMs }) => (roundTripMs ?? 0) > limits.roundTripMs);
  const told = viewers.flatMap(({ report, ageMs }) => (report === null ? [] : [{ report, ageMs }]));
  const blind = told.filter(({ report, ageMs }) => ageMs > limits.decodingAfterMs && report.framesDecoded === 0);
  const frozen = told.filter(
    ({ report, ageMs }) => report.freezes > limits.freezesPerMinute * Math.max(1, ageMs / 60_000),
  );
  const late = told.filter(({ report }) => (report.delayMs ?? 0) > limits.delayMs);
  const byTcp = told.filter(({ report }) => report.protocol === 'tcp');
  const asking = count(({ cannotDecode }) => cannotDecode);
  const title = 'Viewers see the video';
  return [
    firstOf(
      'viewers.loss',
      [
        [lossy > 0, 'VIEWER_LOSS_HIGH', `${of(lossy)} lose more than ${limits.lossFraction * 100} %`],
        [far > 0, 'VIEWER_ROUND_TRIP_HIGH', `${of(far)} have more than ${limits.roundTripMs} ms`],
      ],
      ok('viewers.loss', 'Packets arrive', of(viewers.length)),
    ),
    ...(byTcp.length > 0 ? [alert('viewers.transport', 'VIEWER_BY_TCP', of(byTcp.length))] : []),
    firstOf(
      'viewers.picture',
      [
        [asking > 0, 'VIEWER_NOT_DECODING', `${of(asking)} ask for keyframes again and again, and lose no packet`],
        [hasVideo && blind.length > 0, 'VIEWER_NOT_DECODING', `${of(blind.length)}: ${blind[0]?.report.codec ?? ''}`],
        [frozen.length > 0, 'VIEWER_FREEZES', of(frozen.length)],
        [late.length > 0, 'VIEWER_DELAY_HIGH', `${of(late.length)} are later than ${limits.delayMs} ms`],
      ],
      told.length === 0
        ? unknown('viewers.picture', title, 'No player tells how it plays')
        : ok('viewers.picture', title, of(told.length)),
    ),
  ];
}

const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(address);

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 2.5.6, and loopback. */
export const isPrivateAddress = (address: string): boolean =>
  isLoopback(address) ||
  /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[789]\d|1[01]\d|12[0-7])\.)/.test(address) ||
  /^(f[cd]|fe[89ab])/i.test(address);
