/** The configuration of an existing WCS, by --wcs-conf: what of it is taken, and a report of the rest. */
import { existsSync, readFileSync } from 'node:fs';
import { readThrown } from '../errors.js';
import { configKeys } from './keys.js';
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
    const { overrides, report } = readProperties(readFileSync(path, 'utf8'), path);
    const sdp = agentSdp(`${folder}/rtmp_agent.sdp`);
    return { overrides: [...overrides, ...sdp.overrides], report: [...report, ...sdp.report], errors: [] };
  } catch (error) {
    const { code, message } = readThrown(error);
    const why = code === 'ENOENT' ? 'there is no such file' : code || message;
    return { overrides: [], report: [], errors: [`--wcs-conf: ${path} cannot be read: ${why}`] };
  }
}

/** It is obeyed where it is there; WCS has defaults of its own without it. */
function agentSdp(file: string): Pick<WcsConf, 'overrides' | 'report'> {
  const key = configKeys.find(({ path }) => path === 'rtmp.agentSdpFile');
  if (key === undefined || !existsSync(file)) return noWcsConf;
  return { overrides: [{ key, value: file, from: file }], report: [`${file}: rtmp.agentSdpFile is this file`] };
}
