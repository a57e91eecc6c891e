/**
 * An address that a viewer named is dialled before a thread is started for it. While it has not played (`isOnTrial`) it is
 * dialled no second time; where somebody else wants it meanwhile, the thread dials on.
 */
import { type ErrorCode, rowOf, SluiceError } from '../errors.js';

interface FirstDial {
  readonly isOnTrial: () => boolean;
  /** Errors: source.*. */
  readonly probe: () => Promise<void>;
  readonly begin: () => void;
  readonly onFailed: (reason: ErrorCode, detail: string) => void;
}

export async function dialFirst({ isOnTrial, probe, begin, onFailed }: FirstDial): Promise<void> {
  if (isOnTrial()) {
    try {
      await probe();
    } catch (error) {
      if (isOnTrial()) {
        onFailed(rowOf(error), error instanceof SluiceError ? error.detail : '');
        return;
      }
    }
  }
  begin();
}
