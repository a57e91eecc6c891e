/**
 * What a client says of itself in a form of its own (`custom`, `mediaProviders`), which is kept for the time of its session,
 * listed by REST, and told to a back end. A megabyte of brackets is 18 MB here, for each of its sockets, and what is
 * thousands deep cannot be written as JSON again.
 */

const maxValues = 512;
const maxDepth = 16;
/** A playback token of the longest kind, twice. */
const maxChars = 16_384;

/** It has few values and little text, its names included. */
export function isKeptValue(value: unknown): boolean {
  let [values, chars] = [0, 0];
  const isFew = (one: unknown, depth: number): boolean => {
    values += 1;
    if (typeof one === 'string') chars += one.length;
    if (values > maxValues || chars > maxChars || depth > maxDepth) return false;
    if (typeof one !== 'object' || one === null) return true;
    if (Array.isArray(one)) return one.length <= maxValues && one.every((part: unknown) => isFew(part, depth + 1));
    return Object.entries(one).every(([name, part]) => {
      chars += name.length;
      return isFew(part, depth + 1);
    });
  };
  return isFew(value, 1);
}
