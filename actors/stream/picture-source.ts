/** From the tags of a source's video to whole pictures; the codec, and what the pictures are coded by, may change at any time. */
import { createAssembler } from '../../src/core/access-unit/assembler.js';
import type { Assembler, Glance, Picture, PictureFormat } from '../../src/core/access-unit/picture.js';
import type { SourceCodec } from '../../src/core/codec/video-codecs.js';
import type { VideoTag } from '../../src/core/flv/video-tag.js';
import type { ErrorCode } from '../../src/errors.js';

/** A picture that waits for the next one to show that it is whole waits no longer than this. */
const mostHeldMs = 100;

export interface PictureSourceOptions {
  /** Known before the first of the pictures, where a sequence header or parameter sets say it. */
  readonly onFormat: (format: PictureFormat) => void;
  readonly onPicture: (picture: Picture) => void;
  /** What came is of no use, for this reason; the detail is for people. */
  readonly onUnusable: (code: ErrorCode, detail: string, isCertain?: boolean) => void;
  /** A picture that browsers can begin with was glanced at. */
  readonly onEntryGlanced: () => void;
}

export interface PictureSource {
  /** `place` gives the decoding time on the media timeline, and is asked where a picture begins, once. Throws WireError. */
  receive(tag: VideoTag, place: () => number): void;
  /** What this tag holds; null: it must be received now. Throws WireError. */
  glance(tag: VideoTag): Glance | null;
  /** What follows is of another RTMP session. */
  newSession(): void;
  close(): void;
  /** A frame has come, of whatever use it was. */
  readonly hasCome: boolean;
}

type Frame = Extract<VideoTag, { readonly kind: 'frame' }>;

/** Of one codec, with the sequence header that it was given last. */
interface Opened {
  readonly codec: SourceCodec;
  readonly assembler: Assembler;
  record: Uint8Array;
}

export function createPictureSource(options: PictureSourceOptions): PictureSource {
  const { onFormat, onPicture, onUnusable } = options;
  let opened: Opened | null = null;
  /** Of this session: a source that goes back to a codec need not send its header again. */
  let known = new Map<SourceCodec, Opened>();
  let holdTimer: NodeJS.Timeout | null = null;
  let hasCome = false;

  const hold = (isHolding: boolean): void => {
    if (holdTimer !== null) clearTimeout(holdTimer);
    holdTimer = isHolding ? setTimeout(release, mostHeldMs) : null;
  };

  const release = (): void => {
    hold(false);
    for (const picture of opened?.assembler.flush() ?? []) onPicture(picture);
  };

  const open = (codec: SourceCodec): Opened => {
    if (opened?.codec === codec) return opened;
    release();
    opened = known.get(codec) ?? { codec, assembler: createAssembler(codec), record: new Uint8Array() };
    known.set(codec, opened);
    return opened;
  };

  const configure = (codec: SourceCodec, record: Uint8Array): void => {
    const to = open(codec);
    if (Buffer.compare(to.record, record) === 0) return;
    release();
    // A view of what was read from the socket must not hold a whole read in memory.
    to.record = Uint8Array.from(record);
    to.assembler.configure(to.record);
    if (to.assembler.format !== null) onFormat(to.assembler.format);
  };

  const receiveFrame = (frame: Frame, place: () => number): void => {
    hasCome = true;
    const { assembler } = open(frame.codec);
    const { missed } = assembler;
    const pictures = assembler.receive(frame, place);
    for (const picture of pictures) onPicture(picture);
    // What is said of the stream need not wait for a picture to be whole.
    if (pictures.length === 0 && assembler.format !== null) onFormat(assembler.format);
    if (assembler.missed > missed) {
      onUnusable('source.noParameterSets', `${frame.codec} without the parameter sets that its pictures name`);
    }
    hold(assembler.isHolding);
  };

  return {
    receive(tag, place) {
      if (tag.kind === 'config') configure(tag.codec, tag.data);
      else if (tag.kind === 'unsupported') onUnusable('source.unsupportedCodec', tag.codec);
      else if (tag.kind === 'frame') receiveFrame(tag, place);
    },
    glance(tag) {
      const found = tag.kind === 'frame' && opened?.codec === tag.codec ? opened.assembler.glance(tag) : null;
      if (found === 'entry') options.onEntryGlanced();
      return found;
    },
    newSession() {
      release();
      opened?.assembler.newSession();
      known = new Map(opened === null ? [] : [[opened.codec, opened]]);
    },
    close: () => hold(false),
    get hasCome() {
      return hasCome;
    },
  };
}
