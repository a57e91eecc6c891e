/** The fragments of a stream with all of its audio: what MP4 does not carry is encoded on the way. */
import { createFragments, type Fragments, type FragmentsOptions } from '../fragments/fragments.js';
import type { AudioUnit, VideoUnit } from '../fragments/units.js';
import type { NativeGuard } from '../media/native.js';
import { createFragmentAudio } from './fragment-audio.js';
import type { StreamCode } from './stream-code.js';

export interface StreamFragmentsOptions extends Omit<FragmentsOptions, 'loadMuxer' | 'onWanted'> {
  readonly guard: NativeGuard;
  readonly code: Pick<StreamCode, 'audio' | 'fragments'>;
}

export interface StreamFragments extends Pick<Fragments, 'open' | 'close'> {
  pushVideo(unit: VideoUnit): void;
  pushAudio(unit: AudioUnit): void;
}

export function createStreamFragments(options: StreamFragmentsOptions): StreamFragments {
  const { spec, knowledge, maxBytes, since, guard, code, log } = options;
  const fragments = createFragments({
    spec,
    knowledge,
    maxBytes,
    since,
    loadMuxer: code.fragments,
    log,
    onWanted: (isWanted) => audio.setWanted(isWanted),
    onTaken: options.onTaken,
  });
  const audio = createFragmentAudio({ guard, loadAudio: code.audio, log, onUnit: fragments.push });
  return {
    pushVideo: fragments.push,
    pushAudio: audio.push,
    open: fragments.open,
    close() {
      fragments.close();
      audio.close();
    },
  };
}
