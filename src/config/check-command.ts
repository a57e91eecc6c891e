/** `sluice check --control URL`. */

export type CheckCommand =
  | { readonly kind: 'check'; readonly control: URL }
  | { readonly kind: 'print'; readonly text: string; readonly exitCode: 1 };

const usage = 'Usage: sluice check --control URL, with the http(s) address at which others reach the server.\n';

/** `argv`: what follows the word "check". */
export function readCheckCommand(argv: readonly string[]): CheckCommand {
  const words = argv.flatMap((word) => (word.startsWith('--control=') ? word.split(/=(.*)/s, 2) : [word]));
  const [flag, address = '', ...others] = words;
  const isUrl = /^https?:\/\//.test(address) && URL.canParse(address);
  if (flag !== '--control' || !isUrl || others.length > 0) return { kind: 'print', text: usage, exitCode: 1 };
  return { kind: 'check', control: new URL(address) };
}
