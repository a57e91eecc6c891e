/**
 * AV1 and VP9: a message is a temporal unit (AV1) or a frame (VP9), and each keyframe says what follows is coded by. The container's
 * key flag is not asked: the frame header says it (AV1 5.9.2, VP9 6.2).
 */
import { WireError } from '../bytes/wire-error.js';
import { parseAv1Config, parseAv1Sequence } from '../codec/av1-config.js';
import { obuTypes, splitObus } from '../codec/av1-obu.js';
import { withoutBFrames } from '../codec/b-frames.js';
import { parseVp9Header } from '../codec/vp9-header.js';
import type { Assembler, Glance, Picture, PictureFormat, VideoMessage } from './picture.js';

/** What a frame says of itself. */
interface FrameFacts {
  readonly isKey: boolean;
  /** What it is coded by; null: what was known before. */
  readonly format: PictureFormat | null;
}

interface FrameCodec {
  /** Null: the record does not say all, and a keyframe must. Throws WireError. */
  readRecord(record: Uint8Array): PictureFormat | null;
  /** `format`: as far as it is known. Throws WireError. */
  read(data: Uint8Array, format: PictureFormat | null): FrameFacts;
}

class FrameAssembler implements Assembler {
  readonly #codec: FrameCodec;
  #format: PictureFormat | null = null;
  #missed = 0;

  constructor(codec: FrameCodec) {
    this.#codec = codec;
  }

  readonly isHolding = false;

  get format(): PictureFormat | null {
    return this.#format;
  }

  get missed(): number {
    return this.#missed;
  }

  configure(record: Uint8Array): void {
    this.#adopt(this.#codec.readRecord(record));
  }

  receive({ data, compositionTimeMs }: VideoMessage, placeMs: () => number): readonly Picture[] {
    if (data.length === 0) throw new WireError('accessUnit', 'no part of a picture');
    const { isKey, format } = this.#codec.read(data, this.#format);
    this.#adopt(format);
    if (this.#format === null) {
      this.#missed += 1;
      return [];
    }
    const start = isKey ? 'entry' : null;
    const mediaMs = placeMs();
    const facts = { nals: [], start, hasB: false, isDisposable: false } as const;
    return [{ ...facts, format: this.#format, data, mediaMs, compositionTimeMs }];
  }

  flush(): readonly Picture[] {
    return [];
  }

  glance({ data }: VideoMessage): Glance | null {
    const { isKey, format } = this.#codec.read(data, this.#format);
    if (this.#format === null || (format !== null && !isSame(format, this.#format))) return null;
    return isKey ? 'entry' : 'picture';
  }

  newSession(): void {}

  #adopt(format: PictureFormat | null): void {
    if (format !== null && (this.#format === null || !isSame(format, this.#format))) this.#format = format;
  }
}

const isSame = (one: PictureFormat, other: PictureFormat): boolean =>
  JSON.stringify(one.info) === JSON.stringify(other.info) &&
  one.setup.every((bytes, at) => Buffer.compare(bytes, other.setup[at] ?? new Uint8Array()) === 0);

/** Of the first frame header: show_existing_frame, frame_type (0: key), show_frame. */
const av1FrameHead = { showsExisting: 0x80, typeMask: 0x60 } as const;

export function createAv1(): Assembler {
  let record = new Uint8Array();
  const open = (sequenceHeader: Uint8Array | null): PictureFormat | null => {
    const [sequence] = sequenceHeader === null ? [] : splitObus(sequenceHeader);
    if (sequence === undefined || sequenceHeader === null) return null;
    const { width, height, profile } = parseAv1Sequence(sequence.payload);
    return {
      config: { codec: 'AV1', extraData: record },
      info: { codec: 'AV1', width, height, profile },
      bFrames: withoutBFrames('AV1 is coded in the order in which it is shown'),
      reorderFrames: 0,
      setup: [sequenceHeader],
    };
  };
  return new FrameAssembler({
    readRecord(data) {
      const { sequenceHeader } = parseAv1Config(data);
      record = Uint8Array.from(data);
      return open(sequenceHeader);
    },
    read(data) {
      const obus = splitObus(data);
      const found = obus.find(({ type }) => type === obuTypes.sequenceHeader);
      const frame = obus.find(({ type }) => type === obuTypes.frame || type === obuTypes.frameHeader);
      if (frame === undefined && found === undefined) throw new WireError('accessUnit', 'no frame in the OBUs');
      const head = frame?.payload[0] ?? av1FrameHead.showsExisting;
      const isKey = (head & av1FrameHead.showsExisting) === 0 && (head & av1FrameHead.typeMask) === 0;
      return { isKey, format: found === undefined ? null : open(Uint8Array.of(...found.header, ...found.payload)) };
    },
  });
}

export function createVp9(): Assembler {
  return new FrameAssembler({
    readRecord: () => null,
    read(data, known) {
      const { profile, size, isKeyframe } = parseVp9Header(data);
      const format =
        size === null
          ? null
          : {
              config: { codec: 'VP9' as const, extraData: new Uint8Array() },
              info: { codec: 'VP9' as const, ...size, profile },
              bFrames: withoutBFrames('VP9 is coded in the order in which it is shown'),
              reorderFrames: 0,
              setup: [],
            };
      return { isKey: isKeyframe, format: format ?? known };
    },
  });
}
