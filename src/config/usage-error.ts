/** A command line that a command does not take: printed in place of doing anything. */
export interface UsageError {
  readonly kind: 'print';
  /** What is wrong, then how the command is used. */
  readonly text: string;
  readonly exitCode: 1;
}

/** `usage`: that of the command, which ends with a line break. */
export const usageError = (message: string, usage: string): UsageError => ({
  kind: 'print',
  text: `${message}\n\n${usage}`,
  exitCode: 1,
});
