/** Numbers of names that are the same on all nodes, and spread evenly. No secret depends on them. */

/** Each bit of the result depends on all of `bits`: the finalizer of MurmurHash3, fmix32. */
function mix(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

/** FNV-1a (RFC 9923), 32 bits, mixed. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mix(hash);
}

/** Of a pair, by the hashes of its two; more than 0 and less than 1. */
export const pairHash = (one: number, other: number): number =>
  (mix(one ^ Math.imul(other, 0x9e3779b1)) + 0.5) / 2 ** 32;
