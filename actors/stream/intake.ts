/**
 * From the sources to the demuxer: each message at once while somebody watches; else what decides the stream's state alone, and
 * the rest when it is needed (idle GOP). Says how the stream's source stands.
 */
import { createSourceMeter } from '../../src/core/flv/source-meter.js';
import type { ErrorCode } from '../../src/errors.js';
import type { SourceState } from '../contract.js';
import { Sources, type SourcesOptions } from '../source/sources.js';
import type { StreamStats } from '../stats.js';
import type { AudioPath } from './audio-path.js';
import type { Demuxer } from './demuxer.js';
import { IdleGop } from './idle-gop.js';
import { createMediaGuard } from './media-guard.js';
import type { MediaKnowledge } from './media-knowledge.js';
import { SessionStart } from './session-start.js';
import type { Unsupported } from './unsupported.js';
import type { VideoPath } from './video-path.js';

export interface IntakeOptions extends Omit<SourcesOptions, 'isIdle' | 'onMedia' | 'onSession'> {
  /** Of the frames that wait for somebody to watch. */
  readonly maxIdleBytes: number;
  readonly demuxer: Pick<Demuxer, 'receive' | 'newSession' | 'startLate' | 'dataDropped'>;
  readonly video: Pick<VideoPath, 'expect' | 'forgetGop' | 'isSettled'>;
  readonly audio: Pick<AudioPath, 'isSettled'>;
  readonly knowledge: Pick<MediaKnowledge, 'settled'>;
  readonly unsupported: Pick<Unsupported, 'newSession'>;
}

export interface Intake extends Pick<Sources, 'start' | 'stop' | 'refuse'> {
  readonly idleGop: Pick<IdleGop, 'flush' | 'drop' | 'left' | 'heldBytes'>;
  /** What the source sends, watched or not. */
  readonly stats: Pick<StreamStats, 'sourceBytes' | 'skippedMessages' | 'reconnects' | 'source'>;
  /** Somebody watches, and from now on all goes on at once; or nobody any more. */
  setWatched(isWatched: boolean): void;
}

export function createIntake(options: IntakeOptions): Intake {
  const { demuxer, video, audio, knowledge, unsupported, nowMs, log } = options;
  let state: SourceState = 'NEW';
  let isWatched = false;

  const enter = (next: SourceState, reason: ErrorCode | null, detail: string): void => {
    state = next;
    options.onState(next, reason, detail);
  };
  const isIdle = (): boolean => !isWatched && state === 'PROCESSED_REMOTE' && video.isSettled && audio.isSettled;
  const guard = createMediaGuard({
    nowMs,
    log,
    onMedia(message, arrivedMs) {
      idleGop.passed(message, demuxer.receive(message, arrivedMs));
      if (state === 'CONNECTED' && knowledge.settled) enter('PROCESSED_REMOTE', null, '');
    },
  });
  const idleGop = new IdleGop({
    maxBytes: options.maxIdleBytes,
    isIdle,
    pass: guard.pass,
    onFlush: video.expect,
    onGap: video.forgetGop,
  });
  const meter = createSourceMeter();
  const start = new SessionStart({
    nowMs,
    onLate: demuxer.startLate,
    pass: (message, arrivedMs) => idleGop.receive(message, arrivedMs),
  });
  const sources = new Sources({
    ...options,
    isIdle,
    onState: enter,
    onSession() {
      start.newSession();
      idleGop.newSession();
      demuxer.newSession();
      unsupported.newSession();
    },
    onMedia(message) {
      if (message.track !== 'data') meter.saw(message.track, message.timestampMs, message.body, nowMs());
      start.receive(message);
    },
  });

  return {
    start: () => sources.start(),
    refuse: (reason, detail) => sources.refuse(reason, detail),
    stop() {
      start.close();
      return sources.stop();
    },
    idleGop,
    get stats() {
      const { sourceBytes, reconnects, skippedMessages: ofMessages } = sources.stats;
      const skippedMessages = ofMessages + guard.dropped + demuxer.dataDropped;
      return { sourceBytes, reconnects, skippedMessages, source: meter.metrics(nowMs()) };
    },
    setWatched(watched) {
      isWatched = watched;
      if (!isWatched) return;
      idleGop.flush();
      sources.wake();
    },
  };
}
