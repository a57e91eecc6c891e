/** What is told of the source's pictures as they come: that they can be shown, or why they can be shown to nobody. */
import type { PictureFormat } from '../../src/core/access-unit/picture.js';
import type { VideoDecision } from '../../src/core/access-unit/video-judge.js';
import type { AccessUnit } from '../../src/core/codec/access-unit.js';
import type { ErrorCode } from '../../src/errors.js';
import type { ActorHost } from '../contract.js';
import type { RenditionFeed } from '../rendition/feed.js';
import type { ActorSettings } from '../settings.js';
import { createDecodeCheck } from './decode-check.js';
import { VideoTrouble } from './video-trouble.js';

/** A GOP that does not fit the cache is over before that, with most sources. */
const mostLostMs = 8000;
const refused = 'frames with B-frames (media.bFrames is refuse)';
const lost = 'what came since the newest one is more than media.gopCacheBytes';

export interface VideoReportOptions {
  readonly settings: ActorSettings['media'];
  readonly decodes: ActorHost['decodes'];
  /** A picture came that can be shown, by itself or by a rendition. */
  readonly onUsed: () => void;
  readonly onUnusable: (code: ErrorCode, detail: string, isCertain?: boolean) => void;
  /** `isEncodable` has changed. */
  readonly onChange: () => void;
}

/** How things stand when a picture has come. */
export interface VideoState {
  readonly decision: VideoDecision;
  readonly format: PictureFormat;
  /** Decoding can begin with it. */
  readonly isStart: boolean;
  /** What came since the newest picture that decoding can begin with; none where that is too far back. */
  readonly units: readonly AccessUnit[];
  readonly feeds: ReadonlySet<Pick<RenditionFeed, 'trouble'>>;
  readonly mediaMs: number;
}

export interface VideoReport {
  /** False: no rendition can be made. */
  readonly isEncodable: boolean;
  setWatched(isWatched: boolean): void;
  /** Pictures that follow are of another format. */
  otherFormat(): void;
  newSession(): void;
  came(state: VideoState): void;
}

export function createVideoReport(options: VideoReportOptions): VideoReport {
  const { onUnusable } = options;
  const trouble = new VideoTrouble(options.settings);
  const check = createDecodeCheck(options.decodes);
  /** The session has had a picture that decoding can begin with. */
  let hasBegun = false;
  /** Media time since which nobody who joins can begin; null: they can. */
  let lostMs: number | null = null;

  const tell = ({ decision, format, feeds, mediaMs }: VideoState): void => {
    const found = trouble.of(decision, format, feeds);
    if (!hasBegun) onUnusable('source.noKeyframe', '');
    else if (lostMs !== null && mediaMs - lostMs > mostLostMs) onUnusable('source.noKeyframe', lost, true);
    else if (decision.kind === 'refuse') onUnusable('source.unsupportedCodec', refused);
    else if (check.isBad) onUnusable('source.unreadableVideo', 'no picture comes of its frames', true);
    else if (found !== null) onUnusable(found.code, found.detail, found.isCertain);
    else options.onUsed();
  };

  return {
    get isEncodable() {
      return !trouble.isHopeless;
    },
    setWatched: check.setWatched,
    otherFormat: () => trouble.forget(),
    newSession() {
      trouble.forget();
      check.newSession();
      hasBegun = false;
      lostMs = null;
    },
    came(state) {
      const { decision, format, isStart, units, feeds, mediaMs } = state;
      const wasHopeless = trouble.isHopeless;
      hasBegun ||= isStart;
      lostMs = units.length > 0 ? null : (lostMs ?? mediaMs);
      trouble.see(feeds, mediaMs);
      if (decision.kind !== 'reencode') check.see(format, units, mediaMs);
      tell(state);
      if (trouble.isHopeless !== wasHopeless) options.onChange();
    },
  };
}
