/** The file of WCS that says what is taken from sources, if the operator names one. */
import { readFileSync } from 'node:fs';
import { WireError } from '../core/bytes/wire-error.js';
import type { AcceptedMedia } from '../core/flv/accepted-media.js';
import { parseAgentSdp } from '../core/sdp/agent-sdp.js';
import { readThrown, SluiceError } from '../errors.js';

/** Null without a file: everything is taken. Error: config.invalid. */
export function readAgentSdp(file: string): AcceptedMedia | null {
  if (file === '') return null;
  try {
    return parseAgentSdp(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = readThrown(error);
    const why = error instanceof WireError ? error.detail : `it cannot be read (${code || message})`;
    throw new SluiceError('config.invalid', `rtmp.agentSdpFile: ${file}: ${why}`);
  }
}
