/**
 * From the sources to the demuxer: each message at once while somebody watches; else what decides the stream's state alone, and
 * the rest when it is needed (idle GOP).
 */
import type { MissingTrack } from '../../src/core/codec/media-info.js';
import { createSourceMeter } from '../../src/core/flv/source-meter.js';
import type { SourcePlace } from '../contract.js';
import { roleOf } from '../rtmp-out/role.js';
import { createYoungCollection } from '../runtime/young-collection.js';
import { Sources, type SourcesOptions } from '../source/sources.js';
import type { StreamStats } from '../stats.js';
import type { AudioPath } from './audio-path.js';
import type { Demuxer } from './demuxer.js';
import { IdleGop } from './idle-gop.js';
import { createMediaGuard } from './media-guard.js';
import type { MediaKnowledge } from './media-knowledge.js';
import { SessionStart } from './session-start.js';
import { createSourceStatus } from './source-status.js';
import type { Takers } from './takers.js';
import type { TrackHealth } from './track-health.js';
import type { VideoPath } from './video-path.js';

export interface IntakeOptions extends Omit<SourcesOptions, 'mayRest' | 'onMedia' | 'onSession'> {
  /** Of the frames that wait for somebody to watch. */
  readonly maxIdleBytes: number;
  readonly demuxer: Pick<Demuxer, 'receive' | 'glance' | 'tags' | 'newSession' | 'startLate' | 'dataDropped'>;
  readonly video: Pick<VideoPath, 'expect' | 'forgetGop' | 'isSettled' | 'report'>;
  readonly audio: Pick<AudioPath, 'isSettled'>;
  readonly takers: Pick<Takers, 'forgetGop' | 'players'>;
  readonly knowledge: Pick<MediaKnowledge, 'settled' | 'setMissing' | 'info'>;
  readonly health: Pick<TrackHealth, 'newSession' | 'came' | 'goesOn' | 'timePasses'>;
}

/** A recording takes what came when it comes; all others wait for it. */
type Watching = 'viewers' | 'playback' | 'packets' | 'players' | 'recording';

export interface Intake extends Pick<Sources, 'start' | 'stop' | 'refuse'> {
  readonly idleGop: Pick<IdleGop, 'flush' | 'drop' | 'left' | 'heldBytes'>;
  /** What the source sends, watched or not. */
  readonly stats: Pick<StreamStats, 'sourceBytes' | 'skippedMessages' | 'reconnects' | 'source' | 'addedDelay'>;
  /** How much later than at its owner the stream comes here, 0 where it is pulled here; null: not known yet. */
  readonly linkDelayMs: number | null;
  /** From now on the stream is taken from there: nothing that came from before is passed on any more. */
  pointTo(place: SourcePlace): void;
  /** Tracks have become usable, or no longer are. */
  healthChanged(missing: readonly MissingTrack[]): void;
  /** These watch or take what comes, and from now on all goes on, at once but for a recording; or they do not any more. */
  setWatched(who: Watching, isWatched: boolean): void;
}

export function createIntake(options: IntakeOptions): Intake {
  const { demuxer, video, audio, takers, knowledge, health, nowMs, log } = options;
  let linkDelayMs = firstDelayMs(options);
  const watching = new Set<Watching>();

  const status = createSourceStatus({ knowledge, onState: options.onState });
  const isSettled = (): boolean => status.state === 'PROCESSED_REMOTE' && video.isSettled && audio.isSettled;
  const isIdle = (): boolean => watching.size === 0 && isSettled();
  const isRecordedAlone = (): boolean => watching.size === 1 && watching.has('recording') && isSettled();
  const isAudioAlone = (): boolean => knowledge.settled && knowledge.info.video === null;
  const guard = createMediaGuard({
    nowMs,
    log,
    onMedia(message, arrivedMs) {
      const kind = demuxer.receive(message, arrivedMs);
      idleGop.passed(message, kind);
      takers.players.push(message, () =>
        roleOf(message, { kind, glance: () => demuxer.glance(message), isAudioAlone: isAudioAlone() }),
      );
      status.plays();
    },
  });
  const idleGop = new IdleGop({
    maxBytes: options.maxIdleBytes,
    isIdle,
    glance: demuxer.glance,
    pass: guard.pass,
    onLeft: health.came,
    onFlush: video.expect,
    onDropped: createYoungCollection(),
    onGap() {
      video.forgetGop();
      takers.forgetGop();
    },
  });
  const delay = createAddedDelay();
  const meter = createSourceMeter(demuxer.tags.video);
  const start = new SessionStart({
    tags: demuxer.tags,
    nowMs,
    onLate: demuxer.startLate,
    pass: (message, arrivedMs) => idleGop.receive(message, arrivedMs),
  });
  const sources = new Sources({
    ...options,
    mayRest: () => isIdle() || isRecordedAlone(),
    onState: status.enter,
    onSession() {
      start.newSession();
      idleGop.newSession();
      demuxer.newSession();
      takers.players.newSession();
      health.newSession();
    },
    onMedia(message) {
      if (message.track !== 'data') meter.saw(message.track, message.timestampMs, message.body, nowMs());
      const beganMs = nowMs();
      start.receive(message);
      if (watching.size > 0) delay.note(nowMs() - beganMs);
      health.goesOn();
    },
    onTold(call) {
      if (call.kind === 'delay') linkDelayMs = call.delayMs;
      else takers.players.tell(call);
      options.onTold(call);
    },
  });

  const leaveBeat = options.onBeat(() => {
    health.timePasses();
    status.timePasses();
  });
  return {
    start: () => sources.start(),
    refuse: (reason, detail) => sources.refuse(reason, detail),
    stop() {
      leaveBeat();
      start.close();
      return sources.stop();
    },
    get linkDelayMs() {
      return linkDelayMs;
    },
    pointTo(place) {
      linkDelayMs = firstDelayMs(place);
      start.close();
      idleGop.drop();
      sources.pointTo(place);
    },
    idleGop,
    get stats() {
      const { sourceBytes, reconnects, skippedMessages: ofMessages } = sources.stats;
      const skippedMessages = ofMessages + guard.dropped + demuxer.dataDropped;
      return { sourceBytes, reconnects, skippedMessages, source: meter.metrics(nowMs()), addedDelay: delay.total };
    },
    healthChanged(missing) {
      knowledge.setMissing(missing);
      status.missing(missing);
    },
    setWatched(who, isWatched) {
      if (who === 'viewers') video.report.setWatched(isWatched);
      if (!isWatched) {
        watching.delete(who);
        return;
      }
      watching.add(who);
      idleGop.flush();
      sources.wake();
    },
  };
}

const firstDelayMs = ({ origin }: Pick<SourcePlace, 'origin'>): number | null => (origin === 'edge' ? null : 0);

function createAddedDelay() {
  let total: StreamStats['addedDelay'] = { messages: 0, sumMs: 0, worstMs: 0 };
  return {
    note(ms: number): void {
      total = { messages: total.messages + 1, sumMs: total.sumMs + ms, worstMs: Math.max(total.worstMs, ms) };
    },
    get total() {
      return total;
    },
  };
}
