/** As its viewers are told it. */
export interface WcsData {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly timestampMs: number;
}

export interface WcsFrame {
  readonly message: string;
  readonly data: readonly unknown[];
}
