/** What becomes of the streams that this node holds, told to its driver. */
import { unusableReasons } from '../core/diagnosis/reasons.js';
import type { ErrorCode } from '../errors.js';
import type { PullInfo } from '../supervisor/pull-info.js';
import type { LocalStreams } from '../supervisor/streams.js';
import type { ClusterNode } from './contract.js';
import type { Held } from './held.js';
import { shownOf } from './shown-pull.js';

interface WatchOptions {
  readonly local: Pick<LocalStreams, 'get' | 'takersOf' | 'onChange'>;
  readonly node: Pick<ClusterNode, 'view' | 'unwant' | 'taken' | 'playing' | 'linkLost' | 'show' | 'delayed'>;
  /** By the id of their pulls here. */
  readonly held: ReadonlyMap<string, Held>;
}

export interface HeldWatch {
  /** It may have changed. */
  look(held: Held): void;
  close(): void;
}

/** What was told last. */
interface Told {
  takers: number;
  isPlaying: boolean;
  isOver: boolean;
  /** Of its link to its parent. */
  lost: ErrorCode | null;
}

/** The parent is there, and has nothing to send: another one would have nothing either. */
const isOfSource = (reason: ErrorCode): boolean =>
  reason === 'source.moving' ||
  reason === 'source.stalled' ||
  reason === 'source.noMedia' ||
  unusableReasons.has(reason);

/** A pull that crashes again and again is tried again; all else that failed is over. */
const isOver = (info: PullInfo | undefined): boolean =>
  info === undefined || info.state === 'STOPPED' || (info.state === 'FAILED' && info.reason !== 'actor.dead');

export function createHeldWatch({ local, node, held }: WatchOptions): HeldWatch {
  const told = new WeakMap<Held, Told>();
  const changed = new Set<Held>();
  let isClosed = false;

  const tellOver = (one: Held, info: PullInfo | undefined): void => {
    const isGivenUp = info?.state === 'FAILED' && one.role.kind === 'owner' && node.view.wanted.has(one.key);
    if (isGivenUp) void node.unwant(one.key);
    else node.taken(one.key, 0);
  };
  const tellLink = (one: Held, info: PullInfo, before: Told): void => {
    node.delayed(one.key, info.linkDelayMs);
    const lost = info.state === 'PENDING' || info.state === 'FAILED' ? info.reason : null;
    if (lost === before.lost) return;
    before.lost = lost;
    if (lost !== null && !isOfSource(lost) && one.role.kind === 'edge') node.linkLost(one.key, one.role.parent.nodeId);
  };
  const tellOwned = (one: Held, info: PullInfo, before: Told): void => {
    const isPlaying = info.state === 'PROCESSED_REMOTE';
    if (isPlaying && !before.isPlaying) node.playing(one.key);
    before.isPlaying = isPlaying;
    node.show(one.key, shownOf(info));
  };

  const tell = (one: Held): void => {
    const info = local.get(one.localId);
    const before = told.get(one) ?? { takers: 0, isPlaying: false, isOver: false, lost: null };
    told.set(one, before);
    if (info === undefined || isOver(info)) {
      if (!before.isOver) tellOver(one, info);
      before.isOver = true;
      return;
    }
    before.isOver = false;
    const takers = local.takersOf(one.localId);
    if (takers > 0 && takers !== before.takers) node.taken(one.key, takers);
    before.takers = takers;
    if (one.role.kind === 'owner' && info.origin !== 'edge') tellOwned(one, info, before);
    else tellLink(one, info, before);
  };

  const work = (): void => {
    const some = [...changed];
    changed.clear();
    for (const one of some) if (!isClosed && held.get(one.localId) === one) tell(one);
  };
  const look = (one: Held): void => {
    // In a turn of its own: whoever changed it has not done with it.
    if (changed.size === 0) queueMicrotask(work);
    changed.add(one);
  };

  local.onChange((pullId) => {
    const one = held.get(pullId);
    if (one !== undefined && !isClosed) look(one);
  });
  return {
    look,
    close() {
      isClosed = true;
    },
  };
}
