/** The slider by which a viewer goes back in time, and the button that leads to the live edge again. */
import { clock } from '../figures.js';

export interface Scrubber {
  readonly slider: HTMLInputElement;
  readonly toLive: HTMLButtonElement;
  readonly behindMs: number;
  /** `depthMs`: how far back there is; 0: nothing to go back to. */
  show(depthMs: number, behindMs: number): void;
  /** So many steps back. */
  step(steps: number): void;
}

const stepMs = 10_000;
/** With less there is nothing to go back to. */
const leastDepthMs = 5000;

export function createScrubber(shiftTo: (behindMs: number) => void): Scrubber {
  let depthMs = 0;
  let behindMs = 0;
  let isHeld = false;
  const slider = document.createElement('input');
  Object.assign(slider, { type: 'range', id: 'scrubber', max: '0', step: '1', hidden: true, ariaLabel: 'Time' });
  const toLive = document.createElement('button');
  Object.assign(toLive, {
    type: 'button',
    id: 'to-live',
    hidden: true,
    ariaLabel: 'Go to live',
    title: 'Go to live (l)',
  });
  toLive.addEventListener('click', () => shiftTo(0));

  const describe = (ms: number): void => {
    const words = clock(Math.round(ms / 1000) * 1000);
    slider.setAttribute('aria-valuetext', ms > 0 ? `${words} behind live` : 'Live');
    toLive.textContent = `−${words} · Live`;
    toLive.hidden = ms === 0;
  };
  slider.addEventListener('input', () => {
    isHeld = true;
    describe(-slider.valueAsNumber * 1000);
  });
  slider.addEventListener('change', () => {
    isHeld = false;
    shiftTo(-slider.valueAsNumber * 1000);
  });

  return {
    slider,
    toLive,
    get behindMs() {
      return behindMs;
    },
    show(nextDepthMs, nextBehindMs) {
      [depthMs, behindMs] = [Math.max(nextDepthMs, nextBehindMs), nextBehindMs];
      slider.hidden = depthMs < leastDepthMs;
      if (isHeld) return;
      slider.min = String(-Math.floor(depthMs / 1000));
      slider.value = String(-Math.round(behindMs / 1000));
      describe(behindMs);
    },
    step(steps) {
      if (slider.hidden) return;
      shiftTo(Math.min(depthMs, Math.max(0, behindMs + steps * stepMs)));
    },
  };
}
