/** A subscriber that the add-on serves: its slot there, and RTCP, which is rare and stays in TypeScript. */
import type { SentPacket } from '../../src/core/bandwidth/feedback-adapter.js';
import { deriveSessionKeys, type SessionKeys, srtpProfiles } from '../../src/core/srtp/srtp-keys.js';
import type { NativeFanout } from './native-binding.js';
import type { NativeHistories } from './native-histories.js';
import { NativeTrack } from './native-track.js';
import type { FanoutTrack, Subscriber, SubscriberOptions, SubscriberState, TrackKind } from './subscriber.js';

/** Takes a slot of the add-on for the subscriber's keys; it sends nothing until it has a route and tracks. */
export function takeSlot(native: NativeFanout, { keys, numbers }: SubscriberOptions): number {
  const { profile, localKey, localSalt } = keys;
  const keysOf = (kind: 'rtp' | 'rtcp'): SessionKeys => deriveSessionKeys(profile, kind, localKey, localSalt);
  const [rtp, rtcp] = [keysOf('rtp'), keysOf('rtcp')];
  const slot = native.addSubscriber(
    srtpProfiles.indexOf(profile),
    rtp.key.export(),
    rtp.salt,
    rtp.authKey,
    numbers.words,
  );
  native.setRtcp(slot, rtcp.key.export(), rtcp.salt, rtcp.authKey);
  return slot;
}

/** The fan-out that it belongs to. */
export interface NativeOwner {
  readonly native: NativeFanout;
  readonly histories: NativeHistories;
  reroute(subscriber: NativeSubscriber, options: SubscriberOptions): Subscriber;
  remove(subscriber: NativeSubscriber): void;
}

export class NativeSubscriber implements Subscriber {
  readonly slot: number;
  readonly audio: NativeTrack | null;
  readonly video: NativeTrack | null;
  readonly options: SubscriberOptions;
  readonly #owner: NativeOwner;

  constructor(owner: NativeOwner, slot: number, options: SubscriberOptions, state: SubscriberState | null) {
    const { native, histories } = owner;
    this.slot = slot;
    this.options = options;
    this.#owner = owner;
    const { numbers } = options;
    const trackOf = (kind: TrackKind, track: FanoutTrack | null): NativeTrack | null =>
      track === null
        ? null
        : new NativeTrack({ native, histories, slot, kind, numbers: numbers.track(kind) }, track, state?.tracks[kind]);
    this.audio = trackOf('audio', options.audio);
    this.video = trackOf('video', options.video);
    if (options.twcc !== null) native.setTwcc(slot, options.twcc.id, numbers.twccNext);
  }

  readonly lookUpSent = (first: number, count: number): readonly (SentPacket | null)[] => {
    const sent = new Float64Array(2 * count);
    this.#owner.native.lookUpSent(this.slot, first, sent);
    return Array.from({ length: count }, (_, n) => {
      const [sentMs = 0, bytes = 0] = sent.subarray(2 * n, 2 * n + 2);
      return bytes === 0 ? null : { sentMs, bytes };
    });
  };

  sendRtcp(packet: Uint8Array): boolean {
    return this.#owner.native.sendRtcp(this.slot, packet);
  }

  rerouted(): Subscriber {
    return this.#owner.reroute(this, this.options);
  }

  take(): SubscriberState {
    const tracks = { audio: this.audio?.state ?? null, video: this.video?.state ?? null };
    this.#owner.remove(this);
    return { tracks };
  }
}
