/**
 * The highest SRTCP index of each source of a peer, as words that may lie in shared memory: pairs of SSRC and index, -1 where there
 * is none. A browser sends under one or two SSRCs; more than 16 would be memory for nothing.
 */

export const maxRtcpSources = 16;
export const sourceIndexWords = 2 * maxRtcpSources;

/** All sources that `words` knows, with the highest index of each. */
export function readSourceIndices(words: Float64Array): ReadonlyMap<number, number> {
  const known = new Map<number, number>();
  for (let at = 0; at < words.length; at += 2) {
    const [ssrc = -1, index = -1] = words.subarray(at, at + 2);
    if (ssrc >= 0) known.set(ssrc, index);
  }
  return known;
}

/** Notes that `index` is the highest of the source now; does nothing for one more source than there is room for. */
export function writeSourceIndex(words: Float64Array, ssrc: number, index: number): void {
  for (let at = 0; at < words.length; at += 2) {
    const known = words[at] ?? -1;
    if (known >= 0 && known !== ssrc) continue;
    words[at + 1] = index;
    words[at] = ssrc;
    return;
  }
}
