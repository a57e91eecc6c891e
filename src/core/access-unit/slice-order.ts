/** The slices of one picture in the order of their macroblocks: Baseline allows any (H.264 A.2.1), and browsers decode no other. */
import type { SliceFacts } from './nal-codec.js';

export class SliceOrder {
  /** Where each stands among the units of the picture. */
  readonly #slices: { readonly at: number; readonly firstMb: number }[] = [];
  #isRight = true;
  #hasFirst = false;

  get isRight(): boolean {
    return this.#isRight;
  }

  /** The slice with which the picture begins is among them. */
  get hasFirst(): boolean {
    return this.#hasFirst;
  }

  add(at: number, { firstMb, isFirst }: SliceFacts): void {
    this.#hasFirst ||= isFirst;
    if (firstMb === null) return;
    if (firstMb < (this.#slices.at(-1)?.firstMb ?? 0)) this.#isRight = false;
    this.#slices.push({ at, firstMb });
  }

  inOrder(nals: readonly Uint8Array[]): readonly Uint8Array[] {
    const sorted = this.#slices.toSorted((one, other) => one.firstMb - other.firstMb);
    const from = new Map(this.#slices.map(({ at }, n) => [at, sorted[n]?.at ?? at]));
    return nals.flatMap((_, at) => nals[from.get(at) ?? at] ?? []);
  }
}
