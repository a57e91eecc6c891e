/** Where a viewer's subscription stood in the histories of a stream, for another thread that reads the same ones and continues it. */
import { type SessionNumbers, sinceOf, trackWord } from './session-numbers.js';
import type { TrackState } from './subscriber.js';
import type { LeftSubscription } from './subscription.js';

/** Null: it was sent nothing of the track. */
function placeOf(numbers: Float64Array): TrackState | null {
  const since = sinceOf(numbers);
  const cursor = (numbers[trackWord.extended] ?? 0) - (numbers[trackWord.shift] ?? 0);
  return since === null ? null : { cursor, held: false, since };
}

/** As the thread before noted it with every packet. `isSourceVideo`: it goes on with the source's own encoding. */
export function leftSubscriptionOf(numbers: SessionNumbers, isSourceVideo: boolean): LeftSubscription {
  const video = isSourceVideo && numbers.isInStep ? placeOf(numbers.track('video')) : null;
  return { tracks: { audio: placeOf(numbers.track('audio')), video }, videoRtpTs: null, goesOn: video !== null };
}
