/** The configuration of an existing WCS, by --wcs-conf: what of it is taken, and a report of the rest. */
import { readFileSync } from 'node:fs';
import { readThrown } from '../errors.js';
import type { Override } from './layer.js';
import { readProperties } from './wcs-properties.js';

interface WcsConf {
  readonly overrides: readonly Override[];
  /** A line for each property: the key of ours that it gives a value, or why it gives none. */
  readonly report: readonly string[];
  readonly errors: readonly string[];
}

export const noWcsConf: WcsConf = { overrides: [], report: [], errors: [] };

/** `folder`: /usr/local/FlashphonerWebCallServer/conf, for example. */
export function readWcsConf(folder: string): WcsConf {
  const path = `${folder}/flashphoner.properties`;
  try {
    return { ...readProperties(readFileSync(path, 'utf8'), path), errors: [] };
  } catch (error) {
    const { code, message } = readThrown(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code || message;
    return { overrides: [], report: [], errors: [`--wcs-conf: ${path} cannot be read: ${why}`] };
  }
}
