/** What the reasons mean for which a source, or one of its tracks, has no media. */
import type { ErrorCode } from '../../errors.js';

/** The source is there, and nothing that it sends can be used. */
export const unusableReasons: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'source.unreadableVideo',
  'source.unreadableAudio',
  'source.noParameterSets',
  'source.trackSilent',
  'media.transcodingDisabled',
  'media.tooLarge',
  'media.givenUp',
  'media.unavailable',
]);

/** The track may come, or be of use or whole, at any moment: nothing is decided without it. */
export const passingReasons: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'source.noKeyframe',
  'source.trackSilent',
  'source.tooSlow',
  'source.tooFast',
  'pull.limit',
  'actor.dead',
  'actor.timeout',
  'internal',
]);

/** How a source was lost; this does not explain why it is not back. */
const losses: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['source.ended', 'source.moving', 'source.stalled']);

/** Why a pulled stream has no media now. `lost`: the reason of the last loss of its source. */
export function whyNotLive(lost: ErrorCode | null): ErrorCode {
  const saysWhy = lost !== null && (unusableReasons.has(lost) || (lost.startsWith('source.') && !losses.has(lost)));
  return saysWhy ? lost : 'stream.notLive';
}
