/**
 * From messages to access units, for codecs of NAL units: a picture is what its slices say, not a message. Sources send slices,
 * parameter sets and SEI in messages of their own, and several pictures in one.
 *
 * A picture is known to be whole when the next one begins. To wait for that would cost each frame the time of one; so a source whose
 * messages have turned out to hold whole pictures is believed, and its pictures are given at once, until a message goes on with
 * the picture before it.
 */
import { WireError } from '../bytes/wire-error.js';
import type { Identified, NalCodec, PictureMark, SliceFacts } from './nal-codec.js';
import { joinNals, NalFraming } from './nal-framing.js';
import { ParameterSets } from './parameter-sets.js';
import type { Assembler, Glance, Picture, PictureFormat, PictureStart, VideoMessage } from './picture.js';
import { isSameFrame, isSamePicture, isSecondField, type SeenPicture } from './picture-boundary.js';
import { SliceOrder } from './slice-order.js';

/**
 * So many pictures in a row of one message each show that messages hold whole ones. Of the first keyframe, given too early, viewers
 * would see a damaged picture until the next one; to wait costs its viewers the time of three frames in all, when nobody has seen any.
 */
const convincing = 3;
/** Of one picture, in whatever messages they came (as nal-framing.ts). */
const mostNals = 8192;
/** Units before a picture; of more the newest are kept. */
const mostWaiting = 64;
/** Pictures of one message are so far apart where nothing else is known, and no further. */
const stepMs = { usual: 1, most: 200 } as const;

/** A picture that is being put together. */
interface Open {
  readonly nals: Uint8Array[];
  readonly mark: PictureMark | null;
  readonly ppsId: number;
  readonly start: PictureStart | null;
  readonly mediaMs: number;
  readonly compositionTimeMs: number;
  /** The message, where the picture is all of it and it needs no other form. */
  whole: Uint8Array | null;
  messages: number;
  fields: number;
  hasB: boolean;
  isDisposable: boolean;
  readonly slices: SliceOrder;
}

export class NalAssembler<Sps extends Identified> implements Assembler {
  readonly #codec: NalCodec<Sps>;
  readonly #name: 'H264' | 'HEVC';
  readonly #sets: ParameterSets<Sps>;
  readonly #spsOf: (ppsId: number) => Sps | null;
  #framing: NalFraming;
  #open: Open | null = null;
  /** A picture that was given before the next one began. */
  #given: SeenPicture | null = null;
  /** Stand before the picture that is to come. */
  #waiting: Uint8Array[] = [];
  /** Pictures in a row that were one message; below zero once one was not. */
  #wholePictures = 0;
  #format: PictureFormat | null = null;
  /** Of the sets that `format` was made of. */
  #made = { revision: -1, spsId: -1 };
  /** Of the last message with pictures: when, and how many. */
  #last: { readonly mediaMs: number; readonly pictures: number } | null = null;
  /** A message that was only glanced at held a recovery point, and no picture. */
  #hasGlancedRecovery = false;
  #missed = 0;

  constructor(name: 'H264' | 'HEVC', codec: NalCodec<Sps>) {
    this.#name = name;
    this.#codec = codec;
    this.#sets = new ParameterSets(codec);
    this.#spsOf = (ppsId) => this.#sets.spsOf(ppsId);
    this.#framing = new NalFraming(null, codec.isUnit);
  }

  get format(): PictureFormat | null {
    if (this.#format === null) this.#adopt(this.#sets.firstPpsId);
    return this.#format;
  }

  get isHolding(): boolean {
    return this.#open !== null;
  }

  get missed(): number {
    return this.#missed;
  }

  configure(record: Uint8Array): void {
    const { lengthBytes, sets } = this.#codec.readRecord(record);
    if (lengthBytes !== null) this.#framing = new NalFraming(lengthBytes, this.#codec.isUnit);
    for (const nal of sets) this.#keep(nal);
    // What is said of the stream follows its header at once; a picture that waits belongs to what was before.
    if (sets.length > 0) this.#adopt(this.#sets.firstPpsId);
  }

  receive(message: VideoMessage, placeMs: () => number): readonly Picture[] {
    const { nals, isPlain } = this.#framing.read(message.data);
    const pictures: Picture[] = [];
    const isAlone = this.#waiting.length === 0;
    let mediaMs: number | null = null;
    let begun = 0;
    let others = 0;
    for (const nal of nals) {
      const place = this.#codec.placeOf(nal);
      if (place === 'before') this.#await(nal);
      if (place === 'behind') {
        this.#add(nal);
        others += 1;
      }
      const facts = place === 'slice' ? this.#readSlice(nal) : null;
      if (facts === null) continue;
      if (!this.#begins(facts, begun === 0)) {
        if (this.#goOn(nal, facts, begun === 0)) others += 1;
        continue;
      }
      this.#close(pictures);
      mediaMs ??= placeMs();
      this.#begin(nal, facts, message, mediaMs + begun * this.#stepMs(mediaMs));
      begun += 1;
    }
    if (this.#open !== null && begun === 1 && isPlain && isAlone && this.#waiting.length === 0) {
      this.#open.whole = message.data;
    }
    if (mediaMs !== null) this.#last = { mediaMs, pictures: begun };
    if (this.#wholePictures >= convincing) this.#close(pictures);
    if (begun + others === 0 && this.#waiting.length === 0) throw new WireError('accessUnit', 'no part of a picture');
    return pictures;
  }

  flush(): readonly Picture[] {
    const pictures: Picture[] = [];
    this.#close(pictures);
    return pictures;
  }

  glance({ data, isKeyframe }: VideoMessage): Glance | null {
    let recovery: number | null = this.#hasGlancedRecovery ? 0 : null;
    const { nals } = this.#framing.read(data);
    for (const nal of nals) {
      const kind = this.#codec.setKindOf(nal);
      if (kind !== null && !this.#sets.has(kind, nal)) return null;
      recovery ??= this.#codec.recoveryOf(nal);
      if (this.#codec.placeOf(nal) !== 'slice') continue;
      this.#hasGlancedRecovery = false;
      if (!this.#codec.isFirst(nal)) return 'part';
      if (this.#codec.isEntry(nal)) return 'entry';
      if (recovery === null && !isKeyframe) return 'picture';
      const facts = this.#readSlice(nal);
      return facts === null ? null : (startOf(facts, recovery, isKeyframe) ?? 'picture');
    }
    this.#hasGlancedRecovery = recovery !== null;
    return 'before';
  }

  newSession(): void {
    this.#open = null;
    this.#given = null;
    this.#waiting = [];
    this.#wholePictures = 0;
    this.#last = null;
    this.#hasGlancedRecovery = false;
  }

  #keep(nal: Uint8Array): void {
    const kind = this.#codec.setKindOf(nal);
    if (kind === null) return;
    try {
      this.#sets.put(kind, nal);
    } catch (error) {
      // The others may do.
      if (!(error instanceof WireError)) throw error;
    }
  }

  #await(nal: Uint8Array): void {
    this.#keep(nal);
    this.#waiting.push(nal);
    if (this.#waiting.length > mostWaiting) this.#waiting.shift();
  }

  #readSlice(nal: Uint8Array): SliceFacts | null {
    try {
      return this.#codec.readSlice(nal, this.#spsOf);
    } catch (error) {
      if (error instanceof WireError) return null;
      throw error;
    }
  }

  /** False where the slice belongs to the picture before it. */
  #begins(slice: SliceFacts, isOtherMessage: boolean): boolean {
    const { isFirst, isEntry, picture } = slice;
    const last = this.#open ?? this.#given;
    if (last === null) return isFirst || isEntry;
    // Slices in any order, those of colour planes, and redundant ones (H.264 7.4.1.2.4) begin at macroblock 0 within their picture.
    const isWithin = !isOtherMessage || this.#open?.slices.hasFirst === false;
    if (this.#open !== null && isWithin && isSameFrame(this.#open, slice)) return false;
    if (isSecondField(last, slice)) return false;
    return isFirst || (picture !== null && last.mark !== null && !isSamePicture(last.mark, picture));
  }

  #begin(nal: Uint8Array, facts: SliceFacts, message: VideoMessage, mediaMs: number): void {
    const nals = [...this.#waiting, nal];
    const recovery = this.#waiting.reduce<number | null>((found, one) => found ?? this.#codec.recoveryOf(one), null);
    this.#waiting = [];
    this.#given = null;
    this.#open = {
      nals,
      mark: facts.picture,
      ppsId: facts.ppsId,
      start: startOf(facts, recovery, message.isKeyframe),
      mediaMs,
      compositionTimeMs: message.compositionTimeMs,
      whole: null,
      messages: 1,
      fields: 1,
      hasB: facts.isB,
      isDisposable: !facts.isReference,
      slices: new SliceOrder(),
    };
    this.#open.slices.add(nals.length - 1, facts);
  }

  /** False: the picture that it belongs to is not here. */
  #goOn(nal: Uint8Array, facts: SliceFacts, isOtherMessage: boolean): boolean {
    const open = this.#open;
    if (open === null) {
      // It was given too early: from now on pictures wait for the next one to begin.
      if (this.#given !== null) this.#wholePictures = Number.NEGATIVE_INFINITY;
      return this.#given !== null;
    }
    if (open.nals.length >= mostNals) return false;
    if (isSecondField(open, facts) && facts.isFirst) open.fields += 1;
    open.nals.push(...this.#waiting, nal);
    open.slices.add(open.nals.length - 1, facts);
    this.#waiting = [];
    open.whole = null;
    if (isOtherMessage) open.messages += 1;
    open.hasB ||= facts.isB;
    open.isDisposable &&= !facts.isReference;
    return true;
  }

  #add(nal: Uint8Array): void {
    if (this.#open === null || this.#open.nals.length >= mostNals) return;
    this.#open.nals.push(nal);
    this.#open.whole = null;
  }

  /** The picture is whole. One that no parameter sets are known for is left out. */
  #close(into: Picture[]): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    this.#given = { mark: open.mark, fields: open.fields };
    this.#wholePictures = open.messages > 1 ? Number.NEGATIVE_INFINITY : this.#wholePictures + 1;
    if (open.start !== null || this.#format === null) this.#adopt(open.ppsId);
    const format = this.#format;
    if (format === null || this.#sets.spsOf(open.ppsId) === null) {
      this.#missed += 1;
      return;
    }
    const { start, hasB, isDisposable, mediaMs, compositionTimeMs } = open;
    const nals = open.slices.isRight ? open.nals : open.slices.inOrder(open.nals);
    const data = open.slices.isRight && open.whole !== null ? open.whole : joinNals(nals);
    into.push({ format, data, nals, start, hasB, isDisposable, mediaMs, compositionTimeMs });
  }

  /** What slices of this PPS are coded by is the format from now on; the same object where that says nothing new. */
  #adopt(ppsId: number | null): void {
    const active = ppsId === null ? null : this.#sets.active(ppsId);
    const { revision } = this.#sets;
    if (active === null || (revision === this.#made.revision && active.spsId === this.#made.spsId)) return;
    this.#made = { revision, spsId: active.spsId };
    const { sets, parsed } = active;
    const { info, extraData, bFrames, reorderFrames } = this.#codec.describe(parsed, sets);
    const isSameSize = this.#format?.info.width === info.width && this.#format.info.height === info.height;
    if (this.#format !== null && isSameSize && Buffer.compare(this.#format.config.extraData, extraData) === 0) return;
    const setup = [...sets.vps, ...sets.sps, ...sets.pps];
    this.#format = { info, config: { codec: this.#name, extraData }, bFrames, reorderFrames, setup };
  }

  #stepMs(mediaMs: number): number {
    if (this.#last === null) return stepMs.usual;
    return Math.min(stepMs.most, Math.max(stepMs.usual, (mediaMs - this.#last.mediaMs) / this.#last.pictures));
  }
}

/** `recovery`: pictures until all is right, by a recovery point before it; null: there is none. */
function startOf(facts: SliceFacts, recovery: number | null, isKeyframe: boolean): PictureStart | null {
  if (facts.isEntry) return 'entry';
  if (recovery !== null) return recovery === 0 && facts.isIntra ? 'recovery' : 'gradual';
  return isKeyframe && facts.isIntra ? 'recovery' : null;
}
