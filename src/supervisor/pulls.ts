/** Pulls from their request to the end of their listing. */
import { randomInt, randomUUID } from 'node:crypto';
import type { LeaveReason } from '../../actors/contract.js';
import type { Settings } from '../config/schema.js';
import { createStreamTimeline } from '../core/timeline/stream-timeline.js';
import { type ErrorCode, SluiceError } from '../errors.js';
import type { Logger } from '../log-line.js';
import type { Threads } from '../threads/threads.js';
import { type Adoption, createPull, isOfViewer, type Pull } from './pull.js';
import type { PullRequest, WantedPull } from './pull-info.js';
import { checkName, readRequest } from './pull-request.js';
import { createPullTable, infoOf, isLive, type PullTable, viewersShare, wantedOf } from './pull-table.js';
import { createPullTimers } from './pull-timers.js';
import { createStreamHook } from './stream-hook.js';
import type { Timings } from './timings.js';
import type { ViewerIndex } from './viewer-index.js';

/** How long a pull that was ended is still listed as STOPPED. */
const stoppedListedMs = 2000;

interface PullsOptions {
  readonly settings: Settings;
  readonly threads: Threads;
  readonly viewers: ViewerIndex;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Logger;
  readonly timings: Pick<Timings, 'note'>;
  /** A pull came, went, or has another name. */
  readonly onChanged: () => void;
  /** RTMP players of this pull have come or gone. */
  readonly onPlayers: (pullId: string) => void;
  /** This pull has another state, or other media. */
  readonly onStatus: (pullId: string) => void;
}

export interface Pulls {
  readonly table: PullTable;
  /**
   * A pull that viewers started on demand is adopted: it goes on, under the new name. One of other tracks or stand-bys than
   * requested is replaced. `client`: that of the viewer that wants it. Errors: request.invalid, pull.conflict,
   * pull.nameTaken, pull.limit; for viewers request.tooMany.
   */
  start(request: PullRequest, client?: string): Pull;
  /** `viewersReason`: the reason with which the sessions of its viewers end; null: the pull was terminated or is idle. */
  end(pull: Pull, reason: LeaveReason, viewersReason: ErrorCode | null): void;
  /** As Pull.pointTo. */
  pointTo(pull: Pull, parentUri: string | null): Promise<void>;
  /** Null: it goes by its address. Errors: request.invalid, pull.nameTaken. */
  rename(pull: Pull, name: string | null): Pull;
  /** Those that are not over. */
  wanted(): readonly WantedPull[];
  close(): void;
}

/** RTP times begin at random (RFC 3550 5.1). */
const newTimeline = (): SharedArrayBuffer =>
  createStreamTimeline({ audio: randomInt(2 ** 32), video: randomInt(2 ** 32) });

/** For the log. */
const fieldsOf = ({ spec: { localName: name, pullId, origin } }: Pull) => ({ name, pullId, origin });
const isWanted = ({ status }: Pull): boolean => !status.isOver;

export function createPulls(options: PullsOptions): Pulls {
  const { settings, threads, viewers, nowMs, random, log, timings, onChanged } = options;
  const table = createPullTable(settings.pulls);
  const timers = createPullTimers();

  const unlist = (pull: Pull): void => {
    timers.clear(pull);
    table.remove(pull);
  };
  const awaitMedia = (pull: Pull): void => {
    const { giveUpMs } = settings.pulls;
    timers.clear(pull);
    if (giveUpMs > 0 && pull.spec.origin === 'rest') timers.set(pull, giveUpMs, () => pull.giveUp());
  };
  const unlistLater = (pull: Pull): void => {
    onChanged();
    const afterMs = pull.status.state === 'FAILED' ? settings.pulls.failedListedMs : stoppedListedMs;
    timers.set(pull, afterMs, unlist);
  };

  const hook = createStreamHook({ settings: settings.pulls, log });
  const look = (pullId: string): void => {
    options.onStatus(pullId);
    const pull = table.get(pullId);
    if (pull !== undefined && pull.spec.origin !== 'edge') hook.look(infoOf(pull, viewers.count(pullId)));
  };

  const end: Pulls['end'] = (pull, reason, viewersReason) => {
    for (const viewerId of viewers.of(pull.spec.pullId)) viewers.end(viewerId, viewersReason);
    void pull.end(reason);
  };

  /** A pull that is over, or fails again and again, makes room for a new one of the same uri or name. */
  const replace = (old: Pull | undefined): void => {
    if (old === undefined) return;
    if (!old.status.isOver) end(old, 'terminate', 'stream.failed');
    unlist(old);
  };

  /** Viewers' pulls that are over are listed for as long as there is room for them in the viewers' share. */
  const makeRoom = (): void => {
    const ofViewers = table.pulls.filter(isOfViewer);
    const tooMany = Math.max(0, ofViewers.length + 1 - viewersShare(settings.pulls));
    for (const pull of ofViewers.filter(({ status }) => status.isOver).slice(0, tooMany)) unlist(pull);
  };

  const adopt = (pull: Pull, adoption: Adoption): Pull => {
    const { localName, origin } = adoption;
    const before = pull.by.givenName;
    pull.adopt(adoption);
    table.renamed(pull, before);
    onChanged();
    awaitMedia(pull);
    log('info', 'pull.adopted', { name: localName, pullId: pull.spec.pullId, origin });
    return pull;
  };

  return {
    table,
    start(request, client) {
      const { uriKey, localName, givenName, uri, standbyUris } = readRequest(request);
      const { origin, hasAudio, hasVideo, record, recording, pullId = randomUUID(), parentUri = null } = request;
      const by = { givenName, client: client ?? null, record, recording };
      table.check({ uriKey, givenName, origin, client: by.client });
      const same = table.byUriKey(uriKey);
      const namesake = givenName === null ? undefined : table.byName(givenName);
      if (namesake !== same) replace(namesake);
      // A pull on demand has both tracks and no stand-by.
      const isAsIs = hasAudio && hasVideo && standbyUris.length === 0 && parentUri === null;
      if (same !== undefined && isLive(same) && isAsIs) return adopt(same, { localName, origin, by });
      replace(same);
      if (origin === 'viewer') makeRoom();
      const pull = createPull({
        parentUri,
        wanted: { pullId, localName, uri, standbyUris, origin, hasAudio, hasVideo, timeline: newTimeline() },
        uriKey,
        by,
        threads,
        viewers,
        policy: settings.supervisor,
        sourceGraceMs: settings.viewers.sourceGraceMs,
        nowMs,
        random,
        log,
        timings,
        onStatus: () => look(pullId),
        onOver: () => unlistLater(pull),
        onPlayers: () => options.onPlayers(pullId),
      });
      table.add(pull);
      onChanged();
      awaitMedia(pull);
      log('info', 'pull.started', fieldsOf(pull));
      return pull;
    },
    end(pull, reason, viewersReason) {
      log('info', 'pull.ended', { name: pull.spec.localName, pullId: pull.spec.pullId, reason });
      end(pull, reason, viewersReason);
      unlistLater(pull);
    },
    async pointTo(pull, parentUri) {
      const isDone = pull.pointTo(parentUri);
      awaitMedia(pull);
      log('info', 'pull.pointed', fieldsOf(pull));
      await isDone;
    },
    rename(pull, name) {
      if (name !== null) checkName(name);
      const namesake = name === null ? undefined : table.byName(name);
      if (namesake !== undefined && namesake !== pull && isLive(namesake)) throw new SluiceError('pull.nameTaken');
      const by = { ...pull.by, givenName: name };
      return adopt(pull, { localName: name ?? pull.maskedUris[0] ?? '', origin: pull.wanted().origin, by });
    },
    wanted: () => table.pulls.filter(isWanted).map((pull) => wantedOf(pull, viewers.count(pull.spec.pullId))),
    close() {
      hook.close();
      timers.close();
    },
  };
}
