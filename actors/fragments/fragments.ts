/**
 * The fragments of one stream: one muxer for all who take them, be they players by WebSocket or HTTP, or a recording. A stream
 * whose fragments nobody takes loads and makes nothing.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { MediaInfo } from '../../src/core/codec/media-info.js';
import type { FragmentMessage } from '../../src/core/fragments/fragment.js';
import { createRecentFragments } from '../../src/core/fragments/recent-fragments.js';
import { readThrown } from '../../src/errors.js';
import type { Logger } from '../../src/log-line.js';
import type { FragmentsTaker, StreamSpec } from '../contract.js';
import type { OpenFragmentMuxer } from '../media/load-fragments.js';
import { Muxing } from './muxing.js';
import type { Unit, VideoUnit } from './units.js';

export interface FragmentsOptions {
  readonly spec: Pick<StreamSpec, 'hasAudio' | 'hasVideo'>;
  /** Of the source's tracks by now. */
  readonly knowledge: { readonly settled: boolean; readonly info: MediaInfo };
  /** Of the GOP that a new player is sent first. */
  readonly maxBytes: number;
  /** The video since the newest keyframe. */
  readonly since: () => readonly VideoUnit[];
  /** Error: media.unavailable. */
  readonly loadMuxer: () => Promise<OpenFragmentMuxer>;
  readonly log: Logger;
  /** Somebody takes fragments, and all units must come; or nobody any more. */
  readonly onWanted: (isWanted: boolean) => void;
  /** The same of each kind of taker, told again at each change of any. */
  readonly onTaken: (by: FragmentsTaker, isTaken: boolean) => void;
}

export interface Fragments {
  push(unit: Unit): void;
  /**
   * A port on which the fragments come (FragmentMessage), from the newest keyframe on. Who closes it takes no more; it closes
   * with the stream's thread. Error: media.unavailable.
   */
  open(by: FragmentsTaker): Promise<MessagePort>;
  close(): void;
}

const takers: readonly FragmentsTaker[] = ['playback', 'recording'];

/** A sample goes out without the next one when that has not come for so long. */
const holdMs = 250;

export function createFragments(options: FragmentsOptions): Fragments {
  const { spec, knowledge, maxBytes, since, log, onWanted } = options;
  const ports = new Map<MessagePort, FragmentsTaker>();
  let recent = createRecentFragments(maxBytes);
  const isAudioAlone = (): boolean => knowledge.settled && knowledge.info.video === null;
  const hasAudio = (): boolean => knowledge.info.audio !== null;
  let muxing: Muxing | null = null;
  let holdTimer: NodeJS.Timeout | null = null;

  const emit = (message: FragmentMessage): void => {
    recent.add(message);
    for (const port of ports.keys()) port.postMessage(message);
  };

  /** A muxer that fails is opened again with the next keyframe. */
  const guarded = (current: Muxing, step: () => void): void => {
    try {
      step();
    } catch (error) {
      log('error', 'fragments.failed', { error: readThrown(error).message });
      current.close();
    }
  };

  const mux = (current: Muxing, unit: Unit): void => {
    guarded(current, () => current.push(unit));
    if (holdTimer === null) holdTimer = setTimeout(flush, holdMs);
    else holdTimer.refresh();
  };

  const flush = (): void => {
    const current = muxing;
    if (current !== null) guarded(current, () => current.flush());
  };

  const tellTakers = (): void => {
    const all = new Set(ports.values());
    for (const by of takers) options.onTaken(by, all.has(by));
  };

  const stop = (): void => {
    if (holdTimer !== null) clearTimeout(holdTimer);
    holdTimer = null;
    muxing?.close();
    muxing = null;
    recent = createRecentFragments(maxBytes);
    onWanted(false);
  };

  const begin = (open: OpenFragmentMuxer): void => {
    const begun = new Muxing({ spec, isAudioAlone, hasAudio, emit, open });
    muxing = begun;
    for (const unit of since()) mux(begun, unit);
    // What the stream had put off comes in here.
    onWanted(true);
    tellTakers();
    begun.caughtUp();
  };

  return {
    push(unit) {
      if (muxing !== null) mux(muxing, unit);
    },
    async open(by) {
      const openMuxer = await options.loadMuxer();
      const { port1, port2 } = new MessageChannel();
      port1.on('close', () => {
        if (!ports.delete(port1)) return;
        if (ports.size === 0) stop();
        tellTakers();
      });
      // The port must not keep the thread alive by itself.
      port1.unref();
      ports.set(port1, by);
      if (muxing === null) begin(openMuxer);
      else {
        if (recent.init !== null) port1.postMessage(recent.init);
        for (const fragment of recent.fragments) port1.postMessage(fragment);
        tellTakers();
      }
      return port2;
    },
    close() {
      // Nothing comes behind what waits for it.
      flush();
      for (const port of ports.keys()) port.close();
      if (muxing !== null) stop();
      ports.clear();
      tellTakers();
    },
  };
}
