/** An entry of `control.apiKeys`: `name:scope:KEY`, or a bare key, which may do everything. */
import { type Scope, scopes } from './scope.js';

export interface ApiKey {
  /** For the log; empty for a bare key. */
  readonly name: string;
  readonly scope: Scope;
  readonly key: string;
}

/** Its length is what keeps a key from being guessed. */
export const minKeyChars = 16;

export function parseApiKey(text: string): ApiKey {
  const [, name = '', word, key] = /^([\w.-]{1,64}):([a-z]+):(.*)$/.exec(text) ?? [];
  const scope = scopes.find((one) => one === word);
  return scope === undefined || key === undefined ? { name: '', scope: 'admin', key: text } : { name, scope, key };
}
