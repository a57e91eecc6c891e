/** Layers of settings: values by section and key, with the origin of each. */
import type { ConfigKey } from './keys.js';

export interface Override {
  readonly key: ConfigKey;
  readonly value: unknown;
  /** For error texts: "flag --rtmp.connectTimeoutMs". */
  readonly from: string;
}

/** Where the value at a path comes from: "config/sluice.yaml, line 12". */
export type Origin = (path: readonly PropertyKey[]) => string;

export interface Layered {
  readonly values: unknown;
  readonly origin: Origin;
}

/** Applies overrides to the values of the file; the last one of a key wins. */
export function layer(base: Layered, overrides: readonly Override[]): Layered {
  const values: Record<string, unknown> = isRecord(base.values) ? { ...base.values } : {};
  const origins = new Map<string, string>();
  for (const { key, value, from } of overrides) {
    const section = values[key.section] ?? {};
    // A section of the file that is no mapping is an error, which the schema reports.
    if (!isRecord(section)) continue;
    values[key.section] = { ...section, [key.name]: value };
    origins.set(key.path, from);
  }
  return {
    values: isRecord(base.values) ? values : base.values,
    origin: (path) => origins.get(path.slice(0, 2).join('.')) ?? base.origin(path),
  };
}

/** The text of a flag or variable in the type of its key. Text that does not fit stays text, and the schema refuses it. */
export function readText({ kind }: ConfigKey, text: string): unknown {
  const trimmed = text.trim();
  switch (kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
    case 'boolean':
      return trimmed === 'true' ? true : trimmed === 'false' ? false : text;
    case 'list':
      return itemsOf(trimmed);
    case 'numbers':
      return itemsOf(trimmed).map((item) => (/^\d+$/.test(item) ? Number(item) : item));
    case 'text':
      return text;
  }
}

const itemsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(',').map((item) => item.trim()));

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
