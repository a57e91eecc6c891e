export interface Part {
  readonly from: number;
  readonly to: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/**
 * Cuts from..to into as few parts of at most `maxBytes` as it takes. All but the last are equal, the last is not larger:
 * so segmentation offload takes their packets in one call. Nothing gives no part.
 */
export function equalParts(from: number, to: number, maxBytes: number): readonly Part[] {
  const count = Math.ceil((to - from) / maxBytes);
  const partBytes = Math.ceil((to - from) / count);
  const parts: Part[] = [];
  for (let n = 0; n < count; n += 1) {
    const start = from + n * partBytes;
    parts.push({ from: start, to: Math.min(to, start + partBytes), isFirst: n === 0, isLast: n === count - 1 });
  }
  return parts;
}
