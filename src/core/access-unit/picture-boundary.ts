/** Whether two slices are of one picture, by what they say of it (H.264 7.4.1.2.4). Pure. */
import type { PictureMark, SliceFacts } from './nal-codec.js';

/** What is known of a picture whose slices have come. */
export interface SeenPicture {
  /** Null: its slices tell nothing of it. */
  readonly mark: PictureMark | null;
  /** 2 where the second field of a frame has come. */
  readonly fields: number;
}

/** Of frames; what begins with a field ends with its second field, or with the next picture's first slice. */
export const isSamePicture = (one: PictureMark, two: PictureMark): boolean =>
  one.isBottomField !== null ||
  (one.frameNum === two.frameNum && one.idrId === two.idrId && one.order === two.order && two.isBottomField === null);

/** By all that tells the slices of one frame from those of the next. Fields are told apart by isSecondField. */
export function isSameFrame(
  { mark, isDisposable }: Pick<SeenPicture, 'mark'> & { readonly isDisposable: boolean },
  { picture, isReference }: Pick<SliceFacts, 'picture' | 'isReference'>,
): boolean {
  if (mark === null || picture === null || mark.isBottomField !== null) return false;
  return isSamePicture(mark, picture) && isDisposable === !isReference;
}

/** Slices of the second field of a frame go on with the frame (H.264 7.4.1.2.4 counts them as a picture, decoders want both). */
export function isSecondField(
  { mark, fields }: SeenPicture,
  { picture, isFirst }: Pick<SliceFacts, 'picture' | 'isFirst'>,
): boolean {
  if (mark === null || picture === null || mark.isBottomField === null || picture.isBottomField === null) return false;
  if (mark.frameNum !== picture.frameNum) return false;
  return mark.isBottomField === picture.isBottomField ? !isFirst : !isFirst || fields === 1;
}
