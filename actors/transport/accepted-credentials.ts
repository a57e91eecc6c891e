/** The ICE credentials that a peer may use: in a restart the old ones too, until the first check with the new ones (RFC 8445 9). */
import type { Credentials } from '../session-record.js';

export interface AcceptedCredentials {
  /** The newest last. */
  readonly all: readonly Credentials[];
  find(localUfrag: string): Credentials | undefined;
  /** A restart begins. Those in use stay, whichever restart was not followed by a check. */
  add(credentials: Credentials): void;
  /** A check with these was valid. */
  settle(used: Credentials): void;
}

/** `onReplaced`: these are valid no longer. `onChanged`: after each change. */
export function createAcceptedCredentials(
  first: readonly Credentials[],
  onReplaced: (localUfrag: string) => void,
  onChanged: () => void,
): AcceptedCredentials {
  let all = first;
  const become = (next: readonly Credentials[]): void => {
    const replaced = all.filter((one) => !next.includes(one));
    all = next;
    for (const { localUfrag } of replaced) onReplaced(localUfrag);
    onChanged();
  };
  return {
    get all() {
      return all;
    },
    find: (localUfrag) => all.find((one) => one.localUfrag === localUfrag),
    add: (credentials) => become([...all.slice(0, 1), credentials]),
    settle(used) {
      if (all.length > 1 && used === all.at(-1)) become([used]);
    },
  };
}
