/** When a recording goes on in another file: after so many seconds, or so many bytes (`20M`), as WCS writes it. */
export interface Rotation {
  /** Null: no such limit. */
  readonly afterMs: number | null;
  readonly afterBytes: number | null;
}

export const noRotation: Rotation = { afterMs: null, afterBytes: null };

const mebi = 1_048_576;

/** Empty: none. Null for what is neither. */
export function parseRotation(text: string): Rotation | null {
  if (text === '' || text === '0') return noRotation;
  const [, digits, unit] = /^(\d{1,7})(M?)$/i.exec(text) ?? [];
  const value = Number(digits);
  if (digits === undefined || value === 0) return null;
  return unit === '' ? { afterMs: value * 1000, afterBytes: null } : { afterMs: null, afterBytes: value * mebi };
}
