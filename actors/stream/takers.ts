/** Who takes something of the stream beside viewers by WebRTC: players and recordings of fragments, players of packets and of RTMP. */
import type { MessagePort } from 'node:worker_threads';
import type { VideoWish } from '../../src/core/codec/video-encoding.js';
import type { Logger } from '../../src/log-line.js';
import type { ActorBoot, ActorEvent, FragmentsTaker } from '../contract.js';
import { createPackets } from '../fragments/packets.js';
import { createRecentUnits } from '../fragments/recent-units.js';
import type { AudioUnit, VideoUnit } from '../fragments/units.js';
import type { NativeGuard } from '../media/native.js';
import type { RenditionPool } from '../rendition/pool.js';
import { createRtmpPlayers, type RtmpPlayers } from '../rtmp-out/players.js';
import type { AudioPath } from './audio-path.js';
import type { MediaKnowledge } from './media-knowledge.js';
import type { StreamCode } from './stream-code.js';
import { createStreamFragments, type StreamFragments } from './stream-fragments.js';
import type { VideoPath } from './video-path.js';

export interface TakersOptions {
  readonly boot: Pick<ActorBoot, 'spec' | 'settings'>;
  readonly knowledge: Pick<MediaKnowledge, 'settled' | 'info'>;
  readonly guard: NativeGuard;
  readonly code: Pick<StreamCode, 'audio' | 'fragments'>;
  readonly renditions: Pick<RenditionPool, 'use'>;
  /** Where the units come from; asked when the thread is up. */
  readonly paths: () => { readonly video: Pick<VideoPath, 'isPlayable'>; readonly audio: Pick<AudioPath, 'config'> };
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly post: (event: ActorEvent) => void;
  /** As RtmpPlayersOptions.delayMs. */
  readonly delayMs: () => number | null;
  /** These need units as they arrive, or do not any more. */
  readonly onWanted: (who: FragmentsTaker | 'packets' | 'players', isWanted: boolean) => void;
}

export interface Takers {
  readonly players: RtmpPlayers;
  pushVideo(unit: VideoUnit): void;
  pushAudio(unit: AudioUnit): void;
  /** What browsers can play of the source's own encoding has changed. */
  reconsider(): void;
  /** Units that came do not go together with those that will. */
  forgetGop(): void;
  /** Error: media.unavailable. */
  openFragments(by: FragmentsTaker): Promise<MessagePort>;
  /** Error: media.transcodingDisabled. */
  openPackets(wish: VideoWish | null): MessagePort;
  close(): void;
}

const noWish = { width: null, height: null, bitrateKbps: null, quality: null };

export function createTakers(options: TakersOptions): Takers {
  const { boot, knowledge, renditions, paths, log, nowMs, post, onWanted } = options;
  const { spec, settings } = boot;
  const { gopCacheBytes: maxBytes, transcoding } = settings.media;
  const recent = createRecentUnits(maxBytes);
  const since = () => recent.units;
  const fragmentsFor = (takers: readonly FragmentsTaker[], hasVideo: boolean): StreamFragments =>
    createStreamFragments({
      spec: { hasAudio: spec.hasAudio, hasVideo },
      knowledge,
      maxBytes,
      since: () => (hasVideo ? since() : []),
      guard: options.guard,
      code: options.code,
      log,
      onTaken(by, isTaken) {
        if (takers.includes(by)) onWanted(by, isTaken);
      },
    });
  const recordsVideo = settings.rtmp.accepts?.recordsVideo ?? true;
  const fragments = fragmentsFor(recordsVideo ? ['playback', 'recording'] : ['playback'], spec.hasVideo);
  /** Null: recordings have what players have. */
  const recordedAudio = recordsVideo ? null : fragmentsFor(['recording'], false);
  const packets = createPackets({
    maxBytes,
    transcoding,
    since,
    audioConfig: () => paths().audio.config,
    isPlayable: () => paths().video.isPlayable && knowledge.info.video?.codec === 'H264',
    isAudioAlone: () => knowledge.settled && knowledge.info.video === null,
    openRendition: (wish, onFrame) =>
      renditions.use({ codec: 'H264', isSingleNal: false, ...(wish ?? noWish) }, (frame) => {
        if (frame.codec === 'H264') onFrame(frame);
      }),
    onWanted: (isWanted) => onWanted('packets', isWanted),
  });
  const players = createRtmpPlayers({
    settings: settings.rtmpOut,
    maxGroupBytes: maxBytes,
    nowMs,
    log,
    onWatched: (isWatched) => onWanted('players', isWatched),
    onCount: (count) => post({ kind: 'players.changed', players: count }),
    delayMs: options.delayMs,
  });

  return {
    players,
    pushVideo(unit) {
      recent.add(unit);
      fragments.pushVideo(unit);
      packets.push(unit);
    },
    pushAudio(unit) {
      fragments.pushAudio(unit);
      recordedAudio?.pushAudio(unit);
      packets.push(unit);
    },
    reconsider: packets.reconsider,
    forgetGop() {
      recent.clear();
      players.forgetGroup();
    },
    openFragments: (by) => (by === 'recording' ? (recordedAudio ?? fragments) : fragments).open(by),
    openPackets: packets.open,
    close() {
      for (const part of [players, fragments, packets]) part.close();
      recordedAudio?.close();
    },
  };
}
