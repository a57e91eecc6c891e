/** What one viewer is sent: its membership in an encoding's group, which may change in mid-session. */

import type { RateLimits } from '../../src/core/bandwidth/rate-limits.js';
import { isTooSlow, notSlow, stepSlowness } from '../../src/core/bandwidth/slowness.js';
import type { AudioEncoding } from '../../src/core/codec/audio-encoding.js';
import { encodingKey, type VideoEncoding } from '../../src/core/codec/video-encoding.js';
import type { FanoutTrack, SubscriberOptions } from '../fanout/subscriber.js';
import type { LeftSubscription, Subscription, SubscriptionOptions, SubscriptionStats } from '../fanout/subscription.js';
import type { EncodingGroup, GroupMember } from './encoding-group.js';

export interface DeliveryOptions extends Omit<SubscriptionOptions, 'twcc'> {
  /** Number of the header extension for transport-wide numbers; null: not agreed with the viewer. */
  readonly twccId: number | null;
  /** Its bandwidth estimate has stayed below the bitrate of what it is sent; both in kbit/s. */
  readonly onTooSlow: (estimateKbps: number, sentKbps: number) => void;
  /** It goes on asking for keyframes of the source's own encoding, and loses no packets. */
  readonly onUndecoded: () => void;
  /** Where another thread that sent it these histories has left off; null: none did. */
  readonly standing: LeftSubscription | null;
}

/** The encodings that it may be moved to. */
export interface DeliveryGroups {
  groupOf(video: VideoEncoding, audio: AudioEncoding): EncodingGroup;
  /** Between which an estimate is of use; null: nothing can follow one. */
  limitsOf(video: VideoEncoding): (() => RateLimits) | null;
}

export class Delivery implements GroupMember {
  readonly #groups: DeliveryGroups;
  readonly #options: DeliveryOptions;
  #video: FanoutTrack | null;
  #group: EncodingGroup;
  #subscription: Subscription;
  #slowness = notSlow;
  /** Of its time in other groups. */
  #asked = { keyRequests: 0, packetsNacked: 0 };
  /** That is told. */
  #isUndecoded = false;

  constructor(groups: DeliveryGroups, options: DeliveryOptions, video: VideoEncoding, audio: AudioEncoding) {
    this.#groups = groups;
    this.#options = options;
    this.#video = options.video;
    this.#group = groups.groupOf(video, audio);
    this.#subscription = this.#enter(this.#group, options.standing);
  }

  get encoding(): VideoEncoding {
    return this.#group.video;
  }

  get stats(): SubscriptionStats {
    const { keyRequests, packetsNacked, ...others } = this.#subscription.stats;
    const { keyRequests: before, packetsNacked: nackedBefore } = this.#asked;
    return { ...others, keyRequests: before + keyRequests, packetsNacked: nackedBefore + packetsNacked };
  }

  receiveRtcp(packet: Uint8Array, ageMs: number): void {
    this.#subscription.receiveRtcp(packet, ageMs);
  }

  rerouted(): void {
    this.#subscription.rerouted();
  }

  /** Continues with another encoding, sent as this track; does nothing when that is so already. */
  move(video: VideoEncoding, track: FanoutTrack): void {
    if (this.#video === null) return;
    const isSame = encodingKey(this.#group.video) === encodingKey(video);
    // The source's own encoding may have another codec than before.
    if (isSame && this.#video.payloadType === track.payloadType) return;
    const to = this.#groups.groupOf(video, this.#group.audio);
    const { keyRequests, packetsNacked } = this.stats;
    this.#asked = { keyRequests, packetsNacked };
    const state = this.#subscription.take();
    this.#group.depart(this);
    this.#video = track;
    this.#group = to;
    this.#slowness = notSlow;
    this.#subscription = this.#enter(to, state);
  }

  /** Says BYE. */
  leave(): void {
    this.#subscription.leave();
    this.#group.depart(this);
  }

  /** Without BYE: another thread goes on. */
  abandon(): void {
    this.#subscription.take();
    this.#group.depart(this);
  }

  /** `sourceBps`: the bitrate of the source's own encoding, which it is sent. */
  watch(sourceBps: number): void {
    if (this.#subscription.cannotDecode && !this.#isUndecoded) {
      this.#isUndecoded = true;
      this.#options.onUndecoded();
      return;
    }
    this.compare(sourceBps);
  }

  compare(sentBps: number): void {
    const estimateBps = this.#subscription.estimateBps;
    this.#slowness = stepSlowness(this.#slowness, estimateBps, sentBps);
    if (!isTooSlow(this.#slowness) || estimateBps === null) return;
    this.#slowness = notSlow;
    this.#options.onTooSlow(Math.round(estimateBps / 1000), Math.round(sentBps / 1000));
  }

  #enter(group: EncodingGroup, state: LeftSubscription | null): Subscription {
    group.enter(this);
    const { keys, numbers, send, route, audio } = this.#options;
    const twcc = this.#twcc(group);
    return group.distributor.join({ keys, numbers, send, route, audio, video: this.#video, twcc }, state);
  }

  /** Only where a rendition can follow the feedback: elsewhere packets stay as they are, and the viewer's REMB goes on. */
  #twcc(group: EncodingGroup): SubscriberOptions['twcc'] {
    const { twccId } = this.#options;
    const limits = this.#groups.limitsOf(group.video);
    return twccId === null || limits === null ? null : { id: twccId, limits };
  }
}
