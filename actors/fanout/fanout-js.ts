/** The fan-out in TypeScript: node:crypto and one datagram a call. It runs everywhere and is never fast. */
import { createSrtpSender } from '../../src/core/srtp/srtp.js';
import { noDatagrams } from './datagram-counts.js';
import type { Fanout, Histories } from './fanout.js';
import { createRtcpSender } from './rtcp-sender.js';
import { createRtpTrack, type RtpTrack } from './rtp-track.js';
import type { FanoutTrack, Subscriber, SubscriberOptions, SubscriberState, TrackKind } from './subscriber.js';
import { createTwccHistory } from './twcc-history.js';

interface JsSubscriber extends Subscriber {
  readonly audio: RtpTrack | null;
  readonly video: RtpTrack | null;
  readonly onBlocked: SubscriberOptions['onBlocked'];
}

export type Reroute = (subscriber: Subscriber, options: SubscriberOptions) => Subscriber;

interface Owner {
  readonly histories: Histories;
  readonly reroute: Reroute;
  readonly remove: (subscriber: JsSubscriber) => void;
}

function subscribe(
  { histories, reroute, remove }: Owner,
  options: SubscriberOptions,
  send: SubscriberOptions['send'],
  state: SubscriberState | null,
): JsSubscriber {
  const { keys, numbers, onBlocked } = options;
  const srtp = createSrtpSender(keys.profile, keys.localKey, keys.localSalt);
  const twcc = options.twcc === null ? null : createTwccHistory(options.twcc.id, numbers);
  const trackOf = (kind: TrackKind, track: FanoutTrack | null): RtpTrack | null =>
    track === null
      ? null
      : createRtpTrack(histories[kind], track, { srtp, send, twcc }, numbers.track(kind), state?.tracks[kind] ?? null);
  const audio = trackOf('audio', options.audio);
  const video = trackOf('video', options.video);
  const subscriber: JsSubscriber = {
    audio,
    video,
    onBlocked,
    lookUpSent: (first, count) => twcc?.lookUp(first, count) ?? [],
    sendRtcp: createRtcpSender(srtp, options.send, numbers),
    rerouted: () => reroute(subscriber, options),
    take() {
      remove(subscriber);
      const tracks = { audio: audio?.state ?? null, video: video?.state ?? null };
      return { tracks };
    },
  };
  return subscriber;
}

export interface FanoutJs extends Fanout {
  readonly size: number;
}

/** `reroute`: what becomes of a subscriber whose path has changed; nothing, since each datagram asks its transport for it. */
export function createFanoutJs(histories: Histories, reroute: Reroute = (same) => same): FanoutJs {
  const subscribers: JsSubscriber[] = [];
  const datagrams = { ...noDatagrams };
  const counted =
    (send: SubscriberOptions['send']): SubscriberOptions['send'] =>
    (datagram) => {
      const isTaken = send(datagram);
      datagrams[isTaken ? 'taken' : 'blocked'] += 1;
      datagrams.systemCalls += isTaken ? 1 : 0;
      return isTaken;
    };
  const remove = (subscriber: JsSubscriber): void => {
    const at = subscribers.indexOf(subscriber);
    if (at >= 0) subscribers.splice(at, 1);
  };

  return {
    kind: 'js',
    datagrams,
    heldBytes: 0,
    get size() {
      return subscribers.length;
    },
    add(options, state) {
      const subscriber = subscribe({ histories, reroute, remove }, options, counted(options.send), state ?? null);
      subscribers.push(subscriber);
      return subscriber;
    },
    serve(kind, from, end, budgetMs) {
      const endNs = process.hrtime.bigint() + BigInt(Math.round(budgetMs * 1e6));
      for (let at = from; at < subscribers.length; at += 1) {
        const subscriber = subscribers[at];
        const track = subscriber?.[kind] ?? null;
        if (subscriber === undefined || track === null || track.held) continue;
        if (!track.serveTo(end)) subscriber.onBlocked(kind);
        if (process.hrtime.bigint() >= endNs) return at + 1 < subscribers.length ? at + 1 : null;
      }
      return null;
    },
    close() {
      subscribers.length = 0;
    },
  };
}
