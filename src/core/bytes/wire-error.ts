/**
 * What a parser throws on bytes that break its protocol, and the only thing it throws: any other exception out
 * of `src/core` is a bug of ours, never bad input. `where` names the wire feature ("rtmp.chunk", "flv.video").
 */
export class WireError extends Error {
  readonly where: string;

  constructor(where: string, message: string) {
    super(`${where}: ${message}`);
    this.name = 'WireError';
    this.where = where;
  }
}
