/** What the source sends beside audio and video, as viewers get it. */
export interface WcsData {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly timestampMs: number;
}

export interface WcsFrame {
  readonly message: string;
  readonly data: readonly unknown[];
}
