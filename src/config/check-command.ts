/** `sluice check --control URL`, and `sluice check rtmp://…`. */

import { maskUri } from '../core/rtmp/url.js';
import { isSourceAddress, sourceSchemes } from '../core/source/schemes.js';
import { isServerUrl } from './server-url.js';
import { type UsageError, usageError } from './usage-error.js';

export type CheckCommand = { readonly kind: 'check'; readonly control: URL } | UsageError;

/** `flags`: of the configuration, as for the server. */
interface SourceCommand {
  readonly kind: 'checkSource';
  readonly uri: string;
  readonly flags: readonly string[];
}

const usage = `Usage: sluice check ADDRESS [flags]
         checks what stands between a stream and its viewers. ADDRESS: rtmp://host/app/stream, a WHEP endpoint, or
         ws://host:port#stream of a WCS or Sluice.
       sluice check --control URL
         tries to control a server as an outsider would. URL: the http(s) address at which others reach it.
`;

/** `argv`: what follows the word "check". */
export function readCheckCommand(argv: readonly string[]): CheckCommand | SourceCommand {
  const [uri = '', ...rest] = argv;
  if (isSourceAddress(uri)) return { kind: 'checkSource', uri, flags: rest };
  const words = argv.flatMap((word) => (word.startsWith('--control=') ? word.split(/=(.*)/s, 2) : [word]));
  const [flag, address = '', ...others] = words;
  const refusal = (message: string): UsageError => usageError(message, usage);
  if (uri === '') return refusal('The address to check is missing');
  if (flag !== '--control')
    return refusal(`"${maskUri(uri)}" is not the address of a source, which begins with ${sourceSchemes}`);
  if (!isServerUrl(address))
    return refusal('--control needs the address of a server, such as https://play.example.org');
  if (others.length > 0)
    return refusal(`"${maskUri(others[0] ?? '')}" is unexpected: --control takes one address and nothing else`);
  return { kind: 'check', control: new URL(address) };
}
