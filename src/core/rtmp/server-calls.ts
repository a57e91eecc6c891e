/**
 * What a player does about the calls of a server. The names come from Adobe's and Wowza's servers and from CDNs; no
 * specification lists them. A call that is not here is left unanswered, as ffmpeg and librtmp leave it.
 */
export type CallAction =
  | 'status'
  /** The server is ready to measure bandwidth: it is asked to, or some would wait for ever. */
  | 'checkBandwidth'
  /** One step of the measurement: answered at once with a count. */
  | 'countBandwidth'
  | 'pong'
  | 'subscribed'
  | 'unsubscribed'
  | 'close'
  /** Nothing to do here; answered with an empty result where an answer is wanted. */
  | 'acknowledge';

export const serverCalls: ReadonlyMap<string, CallAction> = new Map<string, CallAction>([
  ['onStatus', 'status'],
  ['onBWDone', 'checkBandwidth'],
  ['_onbwcheck', 'countBandwidth'],
  ['onBWCheck', 'countBandwidth'],
  ['_onbwdone', 'acknowledge'],
  ['_checkbw', 'acknowledge'],
  ['ping', 'pong'],
  ['onFCSubscribe', 'subscribed'],
  ['onFCUnsubscribe', 'unsubscribed'],
  ['close', 'close'],
  ['FCSubscribe', 'acknowledge'],
  ['FCUnsubscribe', 'acknowledge'],
  ['FCPublish', 'acknowledge'],
  ['FCUnpublish', 'acknowledge'],
  ['onFCPublish', 'acknowledge'],
  ['onFCUnpublish', 'acknowledge'],
  ['releaseStream', 'acknowledge'],
  ['onUpstreamBase', 'acknowledge'],
]);
