/**
 * The way back from a stand-by: the first source is dialled beside it, and takes over with its first keyframe, so that
 * viewers see one cut and no gap. Until then what it sends is dropped, but for what a decoder must know beforehand.
 */
import { WireError } from '../../src/core/bytes/wire-error.js';
import { TagReader } from '../../src/core/flv/tag-reader.js';
import type { MediaMessage, Track } from '../../src/core/rtmp/media-message.js';
import type { Link, LinkEvents } from './link.js';
import type { Source } from './source.js';

/** Audio alone for so long is a source without video, in ms. */
const audioOnlyMs = 3000;
const maxDataHeld = 8;
const maxDataBytes = 65_536;

export interface FailBackOptions {
  readonly source: Source;
  readonly wantsVideo: boolean;
  /** Monotonic ms. */
  readonly nowMs: () => number;
  /** The first source has what it needs: the stand-by is to be left now. Gives who hears of the first from now on. */
  readonly onReady: (link: Link) => LinkEvents;
  /** Called once, instead: it could not be reached, or was lost. */
  readonly onLost: () => void;
}

export function openFailBack({ source, wantsVideo, nowMs, onReady, onLost }: FailBackOptions): Link {
  let taken: LinkEvents | null = null;
  let accepted: Parameters<LinkEvents['onAccepted']> = ['', null];
  let configurations = new Map<Track, MediaMessage>();
  let data: MediaMessage[] = [];
  let firstAudioMs: number | null = null;
  const tags = new TagReader();

  const hold = (message: MediaMessage): void => {
    if (message.track !== 'data') configurations.set(message.track, message);
    else if (message.body.length <= maxDataBytes) data = [...data, message].slice(-maxDataHeld);
  };
  const takeOver = (): LinkEvents => {
    const events = onReady(link);
    taken = events;
    events.onSession();
    events.onAccepted(...accepted);
    for (const message of [...data, ...configurations.values()]) events.onMedia(message);
    return events;
  };
  const isAudioOnly = (): boolean => {
    firstAudioMs ??= nowMs();
    return !wantsVideo || (!configurations.has('video') && nowMs() - firstAudioMs >= audioOnlyMs);
  };
  const isStart = (message: MediaMessage): boolean => {
    const use = useOf(tags, message);
    return use === 'key' ? wantsVideo : use === 'audio' && isAudioOnly();
  };

  const link = source.open({
    onSession() {
      configurations = new Map();
      data = [];
      firstAudioMs = null;
      tags.newSession();
      taken?.onSession();
    },
    onAccepted(...how) {
      accepted = how;
      taken?.onAccepted(...how);
    },
    onMedia(message) {
      if (taken !== null) taken.onMedia(message);
      else if (message.track === 'data' || useOf(tags, message) === 'config') hold(message);
      else if (isStart(message)) takeOver().onMedia(message);
    },
    onTold: (call) => taken?.onTold(call),
    onMoving: () => taken?.onMoving(),
    onLost(reason, detail) {
      if (taken === null) onLost();
      else taken.onLost(reason, detail);
    },
  });
  return link;
}

/** What the message is to somebody who waits for a beginning. */
function useOf(tags: TagReader, { track, body }: MediaMessage): 'config' | 'key' | 'audio' | 'none' {
  try {
    const tag = track === 'video' ? tags.video(body) : tags.audio(body);
    if (tag.kind === 'config') return 'config';
    if (tag.kind !== 'frame') return 'none';
    if (track === 'audio') return 'audio';
    return 'isKeyframe' in tag && tag.isKeyframe ? 'key' : 'none';
  } catch (error) {
    if (error instanceof WireError) return 'none';
    throw error;
  }
}
