/** Captions out of what the source says beside audio and video: onTextData and onCaption, as encoders send them. */

const captionEvents = new Set(['onTextData', 'onCaption', 'onCaptionInfo', 'onFI']);
/** As long as nothing follows. */
const shownS = 5;
const maxChars = 500;

export interface Captions {
  /** What is a caption is shown from there on, in s of the element's time, until the next one. */
  take(name: string, values: readonly unknown[], atS: number): void;
  /** False before the first caption. */
  readonly isOn: boolean;
  toggle(): void;
}

export function createCaptions(video: HTMLVideoElement, onChange: (isOn: boolean) => void): Captions {
  let track: TextTrack | null = null;

  const textOf = (values: readonly unknown[]): string => {
    for (const value of values) {
      if (typeof value === 'string') return value;
      if (typeof value !== 'object' || value === null || !('text' in value)) continue;
      return String(value.text);
    }
    return '';
  };

  return {
    take(name, values, atS) {
      const text = captionEvents.has(name) ? textOf(values).slice(0, maxChars) : '';
      if (text === '') return;
      if (track === null) {
        track = video.addTextTrack('captions', 'Captions');
        track.mode = 'showing';
        onChange(true);
      }
      for (const cue of [...(track.cues ?? [])]) {
        const isNeeded = cue.startTime < atS && cue.endTime > video.currentTime;
        if (isNeeded) cue.endTime = Math.min(cue.endTime, atS);
        else track.removeCue(cue);
      }
      track.addCue(new VTTCue(atS, atS + shownS, text));
    },
    get isOn() {
      return track?.mode === 'showing';
    },
    toggle() {
      if (track === null) return;
      track.mode = track.mode === 'showing' ? 'hidden' : 'showing';
      onChange(track.mode === 'showing');
    },
  };
}
