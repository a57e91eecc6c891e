/** Captions: out of what the source says beside audio and video, or, by HLS, as a track of the media. */
import { captionText } from '../../core/captions/caption-text.js';

/** As long as nothing follows. */
const shownS = 5;

export interface Captions {
  /** What is a caption is shown from there on, in s of the element's time, until the next one. */
  take(name: string, values: readonly unknown[], atS: number): void;
  toggle(): void;
}

/** `onChange`: there are captions, and they are shown or not. */
export function createCaptions(video: HTMLVideoElement, onChange: (isOn: boolean) => void): Captions {
  let own: TextTrack | null = null;
  let isWanted = true;
  const show = (track: TextTrack): void => {
    track.mode = isWanted ? 'showing' : 'hidden';
  };
  const isText = ({ kind }: TextTrack): boolean => kind === 'captions' || kind === 'subtitles';

  video.textTracks.addEventListener('addtrack', ({ track }) => {
    if (track === null || track === own || !isText(track)) return;
    // Of the list of an HLS stream: each has one, and most are empty.
    show(track);
    track.addEventListener('cuechange', () => onChange(isWanted));
  });

  return {
    take(name, values, atS) {
      const text = captionText(name, values);
      if (text === '') return;
      if (own === null) {
        own = video.addTextTrack('captions', 'Captions');
        show(own);
        onChange(isWanted);
      }
      for (const cue of [...(own.cues ?? [])]) {
        const isNeeded = cue.startTime < atS && cue.endTime > video.currentTime;
        if (isNeeded) cue.endTime = Math.min(cue.endTime, atS);
        else own.removeCue(cue);
      }
      own.addCue(new VTTCue(atS, atS + shownS, text));
    },
    toggle() {
      const tracks = [...video.textTracks].filter(isText);
      if (tracks.length === 0) return;
      isWanted = !isWanted;
      for (const track of tracks) show(track);
      onChange(isWanted);
    },
  };
}
