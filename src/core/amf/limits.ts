/** What one AMF value may make us hold, checked before anything is allocated. */
export interface AmfLimits {
  /** Containers inside each other. */
  readonly depth: number;
  /** Values in all, those in containers counted, and those behind a reference once per reference. */
  readonly values: number;
  /** Bytes of all strings, keys and byte arrays, counted likewise. */
  readonly textBytes: number;
}

/** Room for the keyframe index of a film of some hours; the deepest dialogue seen has four levels. */
export const amfLimits: AmfLimits = { depth: 16, values: 32_768, textBytes: 1_048_576 };
