/** What is wrong beyond the type of one key. */
export interface Complaint {
  readonly path: readonly PropertyKey[];
  /** What is allowed, for the error text. */
  readonly allowed: string;
}
