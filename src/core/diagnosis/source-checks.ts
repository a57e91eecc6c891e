/** The way to the source, from its name to its media. */
import type { AlertCode } from './alerts.js';
import { alert, firstOf, ok, unknown } from './check.js';
import type { Check, StreamFacts } from './facts.js';
import { trackAlerts } from './track-alerts.js';

const steps = ['source.name', 'source.connect', 'source.tls', 'source.rtmp', 'source.play', 'source.media'] as const;
type Step = (typeof steps)[number];

const titles: Readonly<Record<Step, string>> = {
  'source.name': 'The host name is known, and may be dialled',
  'source.connect': 'The source is reached',
  'source.tls': 'TLS is trusted',
  'source.rtmp': 'The source keeps to its protocol',
  'source.play': 'The source plays the stream',
  'source.media': 'Media arrives',
};

/** Where each reason stops the way, and what it is then called. */
const stops: Readonly<Record<string, readonly [Step, AlertCode]>> = {
  'source.nameNotResolved': ['source.name', 'INGRESS_NAME_NOT_RESOLVED'],
  'source.addressDenied': ['source.name', 'INGRESS_ADDRESS_DENIED'],
  'source.refused': ['source.connect', 'INGRESS_REFUSED'],
  'source.unreachable': ['source.connect', 'INGRESS_UNREACHABLE'],
  'source.timeout': ['source.connect', 'INGRESS_TIMEOUT'],
  'source.unavailable': ['source.connect', 'INGRESS_UNAVAILABLE'],
  'source.untrusted': ['source.tls', 'INGRESS_TLS_UNTRUSTED'],
  'source.protocol': ['source.rtmp', 'INGRESS_RTMP_BROKEN'],
  'source.notAuthorised': ['source.play', 'INGRESS_NOT_AUTHORISED'],
  'source.notFound': ['source.play', 'INGRESS_STREAM_NOT_FOUND'],
  'source.rejected': ['source.play', 'INGRESS_REJECTED'],
  'source.noMedia': ['source.media', 'INGRESS_NO_MEDIA'],
  'source.stalled': ['source.media', 'INGRESS_STALLED'],
  'source.ended': ['source.media', 'INGRESS_ENDED'],
};

/** What comes and cannot be used stops it at the media. */
function stopOf(reason: string | null): readonly [Step, AlertCode] | readonly [null, null] {
  if (reason === null) return [null, null];
  const track = trackAlerts[reason];
  return stops[reason] ?? (track === undefined ? [null, null] : ['source.media', track]);
}

/** How far a pull in this state has come, as far as it says. */
const reached: Readonly<Record<string, number>> = { CONNECTED: 5, PROCESSED_REMOTE: 6 };
const unstableReconnects = 3;

export function checkSource(facts: StreamFacts): readonly Check[] {
  const { state, reason, detail, isTls, playsStandby, path } = facts;
  const [stopAt, code] = stopOf(reason);
  const isPlaying = state === 'PROCESSED_REMOTE';
  const good = isPlaying ? steps.length : stopAt === null ? (reached[state] ?? 0) : steps.indexOf(stopAt);
  const asked = steps.filter((step) => isTls || step !== 'source.tls');
  const way = asked.map((step): Check => {
    const at = steps.indexOf(step);
    if (at < good) return ok(step, titles[step]);
    if (step === stopAt && code !== null) return alert(step, code, detail);
    return unknown(step, titles[step], stopAt === null ? 'Not tried yet' : 'Not reached');
  });
  const reconnects = path?.reconnects ?? 0;
  const steady = firstOf(
    'source.steadiness',
    [
      [reconnects >= unstableReconnects, 'INGRESS_UNSTABLE', `Lost ${reconnects} times in the last minute`],
      [playsStandby, 'INGRESS_STANDBY_PLAYS', 'The first address of the pull does not play now'],
    ],
    ok('source.steadiness', 'The source stays', `Lost ${reconnects} times in the last minute`),
  );
  return isPlaying ? [...way, steady] : way;
}
