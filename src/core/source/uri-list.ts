import { sourceKey } from './address.js';

/** A source and its stand-bys, as requests and the configuration name them. */
export interface NamedUris {
  readonly uri?: string | undefined;
  readonly uris?: readonly string[] | undefined;
}

/** In the order in which they are tried, each source once: `uri`, then `uris`. Empty when neither is given. */
export function listUris({ uri, uris = [] }: NamedUris): readonly string[] {
  const named = uri === undefined ? uris : [uri, ...uris];
  const keys = named.map(keyOf);
  return named.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}

/** What cannot be parsed is the same as what is spelt the same. */
function keyOf(uri: string): string {
  try {
    return sourceKey(uri);
  } catch {
    return uri;
  }
}
