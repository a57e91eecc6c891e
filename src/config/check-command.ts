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
  const refusal = (message: string): UsageError => usageError(message, usage);
  if (uri === '') return refusal('What is to be checked? Its address is missing');
  if (flag !== '--control')
    return refusal(`"${maskUri(uri)}" is no address of a source; it begins with ${sourceSchemes}`);
  if (!isServerUrl(address))
    return refusal('--control needs the address of a server, such as https://play.example.org');
  if (others.length > 0)
    return refusal(`"${maskUri(others[0] ?? '')}" is one too many: --control takes the address alone`);
  return { kind: 'check', control: new URL(address) };
}
