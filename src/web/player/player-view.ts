/** What the player shows, in its shadow tree: video, controls, figures, and why nothing plays. */
import { type PlayState, wordsOf } from '../play-loop.js';
import type { PlaybackStats } from '../playback-stats.js';
import { createCaptions } from './captions.js';
import { createControls } from './controls.js';
import type { Quality } from './qualities.js';
import { createStatsOverlay } from './stats-overlay.js';
import { adoptStyle } from './style.js';
import type { StreamAlert } from './transport.js';
import { createWarnings } from './warnings.js';

interface Wishes {
  play(): void;
  stop(): void;
  chooseQuality(index: number): void;
  shiftTo(behindMs: number): void;
}

interface Description {
  readonly name: string;
  readonly poster: string;
  readonly qualities: readonly Quality[];
  readonly chosen: number;
  readonly hasControls: boolean;
}

export interface PlayerView {
  readonly video: HTMLVideoElement;
  describe(description: Description): void;
  show(state: PlayState): void;
  showStats(stats: PlaybackStats, way: string): void;
  /** How far back there is to go, and how far back it plays. */
  showShift(depthMs: number, behindMs: number): void;
  /** Null: the source is there again. */
  warn(words: string | null): void;
  /** What is wrong with the stream, of which what is not to be seen or heard is said over the video. */
  showAlerts(alerts: readonly StreamAlert[]): void;
  /** `atS`: where in the element's time it belongs; null: now. */
  caption(name: string, values: readonly unknown[], atS: number | null): void;
}

export function createPlayerView(root: ShadowRoot, wishes: Wishes): PlayerView {
  const stage = document.createElement('div');
  stage.id = 'stage';
  stage.tabIndex = 0;
  stage.role = 'region';
  const video = document.createElement('video');
  // Firefox would stop at it too, beside the stage.
  Object.assign(video, { muted: true, autoplay: true, playsInline: true, tabIndex: -1 });
  const notice = document.createElement('p');
  notice.id = 'notice';
  notice.role = 'status';
  const warnings = createWarnings();
  const overlay = createStatsOverlay();
  const captions = createCaptions(video, (isOn) => controls.showToggle('captions', isOn));
  let [isPlaying, isLive] = [false, false];
  let hasControls = true;

  const controls = createControls({
    playOrStop: () => (isPlaying ? wishes.stop() : wishes.play()),
    muteOrUnmute() {
      video.muted = !video.muted;
      // A click lets the browser play audio.
      void video.play().catch(() => undefined);
    },
    setVolume(volume) {
      video.volume = volume;
      video.muted = volume === 0;
    },
    toggleCaptions: captions.toggle,
    toggleInset() {
      const toggled =
        document.pictureInPictureElement === null ? video.requestPictureInPicture() : document.exitPictureInPicture();
      toggled.catch(() => undefined);
    },
    toggleStats() {
      overlay.element.hidden = !overlay.element.hidden;
      controls.showToggle('stats', !overlay.element.hidden);
    },
    toggleFull() {
      const toggled = document.fullscreenElement === null ? stage.requestFullscreen() : document.exitFullscreen();
      toggled.catch(() => undefined);
    },
    chooseQuality: wishes.chooseQuality,
    shiftTo: wishes.shiftTo,
  });

  const showVolume = (): void => {
    controls.showVolume(video.volume, video.muted);
    controls.unmute.hidden = !(hasControls && isLive && video.muted);
  };
  /** A stream's source may be told of before its video plays: that is not live yet. */
  const showLive = (): void => controls.showLive(isLive && !warnings.isLost);
  video.addEventListener('volumechange', showVolume);
  stage.addEventListener('keydown', (event) => {
    // A key on a slider or a list is theirs.
    if (event.ctrlKey || event.metaKey || event.altKey || event.composedPath()[0] instanceof HTMLInputElement) return;
    if (event.composedPath()[0] instanceof HTMLSelectElement) return;
    if (controls.takeKey(event.key)) event.preventDefault();
  });
  stage.append(video, notice, warnings.element, overlay.element, controls.unmute, controls.bar);
  adoptStyle(root);
  root.append(stage);
  showVolume();
  controls.showToggle('stats', false);

  return {
    video,
    describe(description) {
      const { name, poster, qualities, chosen } = description;
      hasControls = description.hasControls;
      stage.ariaLabel = name === '' ? 'Live video' : `Live video: ${name}`;
      video.ariaLabel = name === '' ? 'Live video' : name;
      if (video.poster !== poster) video.poster = poster;
      controls.bar.hidden = !hasControls;
      controls.showQualities(qualities, chosen);
      showVolume();
    },
    show(state) {
      const words = wordsOf(state);
      stage.dataset.phase = state.phase;
      isPlaying = state.phase !== 'idle' && state.phase !== 'failed';
      isLive = state.phase === 'playing';
      notice.textContent = words;
      notice.hidden = words === '';
      if (!isLive) {
        warnings.clear();
        overlay.showAlerts([]);
      }
      controls.showPlaying(isPlaying);
      showLive();
      showVolume();
    },
    showStats: overlay.show,
    showShift: controls.showShift,
    warn(words) {
      warnings.sayLost(words);
      showLive();
    },
    showAlerts(alerts) {
      warnings.sayDead(alerts.flatMap(({ text, deadTrack }) => (deadTrack === null ? [] : [text])).join('. '));
      overlay.showAlerts(alerts);
    },
    caption(name, values, atS) {
      captions.take(name, values, atS ?? video.currentTime);
    },
  };
}
