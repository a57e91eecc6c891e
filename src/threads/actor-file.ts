/** Where the bundle of the stream actor is. */
import { existsSync } from 'node:fs';

/** Beside the bundle of the main thread; seen from a tree that was transpiled file by file, in the build's folder. */
export function findActorFile(from = import.meta.url): URL {
  const beside = new URL('../actors/stream.mjs', from);
  return existsSync(beside) ? beside : new URL('../../../dist/actors/stream.mjs', from);
}
