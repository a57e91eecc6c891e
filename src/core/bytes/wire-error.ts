/**
 * What a parser throws on bytes that break its protocol, and the only thing it throws: any other exception out
 * of `src/core` is a bug of ours, never bad input. `where` names the wire feature ("rtmp.chunk", "flv.video").
 */
export class WireError extends Error {
  readonly where: string;
  /** What is wrong, without `where`. */
  readonly detail: string;

  constructor(where: string, detail: string) {
    super(`${where}: ${detail}`);
    this.name = 'WireError';
    this.where = where;
    this.detail = detail;
  }
}
