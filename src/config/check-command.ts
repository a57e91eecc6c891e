/** `sluice check --control URL`, and `sluice check rtmp://…`. */

import { isSourceAddress } from '../core/source/schemes.js';

export type CheckCommand =
  | { readonly kind: 'check'; readonly control: URL }
  | { readonly kind: 'print'; readonly text: string; readonly exitCode: 1 };

/** `flags`: of the configuration, as for the server. */
interface SourceCommand {
  readonly kind: 'checkSource';
  readonly uri: string;
  readonly flags: readonly string[];
}

const usage = `Usage: sluice check rtmp://host/app/stream, to hear what stands between that stream and its viewers; or the address of a
       WHEP endpoint, or ws://host:port#stream of a WCS or Sluice.
       sluice check --control URL, with the http(s) address at which others reach the server.
`;

/** `argv`: what follows the word "check". */
export function readCheckCommand(argv: readonly string[]): CheckCommand | SourceCommand {
  const [uri = '', ...rest] = argv;
  if (isSourceAddress(uri)) return { kind: 'checkSource', uri, flags: rest };
  const words = argv.flatMap((word) => (word.startsWith('--control=') ? word.split(/=(.*)/s, 2) : [word]));
  const [flag, address = '', ...others] = words;
  const isUrl = /^https?:\/\//.test(address) && URL.canParse(address);
  if (flag !== '--control' || !isUrl || others.length > 0) return { kind: 'print', text: usage, exitCode: 1 };
  return { kind: 'check', control: new URL(address) };
}
