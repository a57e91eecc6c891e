/** The controls over the video, by mouse, finger, keyboard and screen reader. They show; what they do is told by `Actions`. */
import { createIcon, type IconName } from './icons.js';
import type { Quality } from './qualities.js';
import { createScrubber } from './scrubber.js';

export interface Actions {
  playOrStop(): void;
  muteOrUnmute(): void;
  setVolume(volume: number): void;
  toggleCaptions(): void;
  toggleInset(): void;
  toggleStats(): void;
  toggleFull(): void;
  chooseQuality(index: number): void;
  /** So far behind the live edge; 0: live. */
  shiftTo(behindMs: number): void;
}

export interface Controls {
  readonly bar: HTMLElement;
  /** The large button while it is muted. */
  readonly unmute: HTMLButtonElement;
  showPlaying(isPlaying: boolean): void;
  showVolume(volume: number, isMuted: boolean): void;
  showToggle(which: 'captions' | 'stats', isOn: boolean): void;
  showQualities(qualities: readonly Quality[], chosen: number): void;
  showLive(isLive: boolean): void;
  /** How far back there is, and where it plays now. */
  showShift(depthMs: number, behindMs: number): void;
  /** True when the key meant something here. */
  takeKey(key: string): boolean;
}

interface Button {
  readonly element: HTMLButtonElement;
  label(words: string, icon?: IconName): void;
}

function createButton(icon: IconName, words: string, onClick: () => void, key: string): Button {
  const element = document.createElement('button');
  element.type = 'button';
  const picture = createIcon(icon);
  element.append(picture.element);
  element.addEventListener('click', onClick);
  const label = (next: string, nextIcon?: IconName): void => {
    element.setAttribute('aria-label', next);
    element.title = `${next} (${key})`;
    if (nextIcon !== undefined) picture.show(nextIcon);
  };
  element.setAttribute('aria-keyshortcuts', key);
  label(words);
  return { element, label };
}

/** A key of a button that this browser has no use for does nothing. */
const whereShown =
  ({ element }: Button, act: () => void) =>
  (): void => {
    if (!element.hidden) act();
  };

const volumeStep = 0.1;

export function createControls(actions: Actions): Controls {
  const play = createButton('play', 'Play', actions.playOrStop, 'k');
  const mute = createButton('muted', 'Unmute', actions.muteOrUnmute, 'm');
  const captions = createButton('captions', 'Captions', actions.toggleCaptions, 'c');
  const inset = createButton('inset', 'Picture in picture', actions.toggleInset, 'p');
  const stats = createButton('stats', 'Statistics', actions.toggleStats, 'd');
  const full = createButton('full', 'Full screen', actions.toggleFull, 'f');
  inset.element.hidden = !document.pictureInPictureEnabled;
  full.element.hidden = !document.fullscreenEnabled;
  captions.element.hidden = true;

  const volume = document.createElement('input');
  Object.assign(volume, { type: 'range', min: '0', max: '1', step: '0.05', ariaLabel: 'Volume' });
  volume.addEventListener('input', () => actions.setVolume(volume.valueAsNumber));

  const quality = document.createElement('select');
  quality.ariaLabel = 'Quality';
  quality.hidden = true;
  quality.addEventListener('change', () => actions.chooseQuality(quality.selectedIndex));

  const scrubber = createScrubber(actions.shiftTo);
  const live = document.createElement('span');
  live.id = 'live';
  live.textContent = 'LIVE';
  const gap = document.createElement('span');
  gap.className = 'gap';

  const bar = document.createElement('div');
  bar.id = 'bar';
  bar.append(scrubber.slider, play.element, mute.element, volume, live, scrubber.toLive, gap, quality);
  bar.append(captions.element, stats.element, inset.element, full.element);

  const unmute = document.createElement('button');
  Object.assign(unmute, { type: 'button', id: 'unmute', hidden: true });
  unmute.append(createIcon('muted').element, 'Unmute');
  unmute.addEventListener('click', actions.muteOrUnmute);

  const keys: Readonly<Record<string, () => void>> = {
    k: actions.playOrStop,
    m: actions.muteOrUnmute,
    c: actions.toggleCaptions,
    p: whereShown(inset, actions.toggleInset),
    d: actions.toggleStats,
    f: whereShown(full, actions.toggleFull),
    l: () => actions.shiftTo(0),
    ArrowLeft: () => scrubber.step(1),
    ArrowRight: () => scrubber.step(-1),
    ArrowUp: () => actions.setVolume(Math.min(1, volume.valueAsNumber + volumeStep)),
    ArrowDown: () => actions.setVolume(Math.max(0, volume.valueAsNumber - volumeStep)),
  };

  return {
    bar,
    unmute,
    showPlaying: (isPlaying) => play.label(isPlaying ? 'Stop' : 'Play', isPlaying ? 'stop' : 'play'),
    showVolume(level, isMuted) {
      mute.label(isMuted ? 'Unmute' : 'Mute', isMuted ? 'muted' : 'loud');
      volume.value = String(isMuted ? 0 : level);
    },
    showToggle(which, isOn) {
      const { element } = which === 'captions' ? captions : stats;
      element.hidden = false;
      element.ariaPressed = String(isOn);
    },
    showQualities(qualities, chosen) {
      quality.replaceChildren(...qualities.map(({ label }) => new Option(label)));
      quality.selectedIndex = chosen;
      quality.hidden = qualities.length < 2;
    },
    showLive(isLive) {
      live.hidden = !isLive || scrubber.behindMs > 0;
    },
    showShift(depthMs, behindMs) {
      scrubber.show(depthMs, behindMs);
      if (behindMs > 0) live.hidden = true;
    },
    takeKey(key) {
      const act = keys[key];
      act?.();
      return act !== undefined;
    },
  };
}
