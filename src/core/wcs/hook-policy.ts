/**
 * What a back end says in its answer to `connect` about the later calls: the object restClientConfig, by method (docs/wcs.md
 * 5). What it does not say, or says in a way that cannot be read, has WCS's default.
 */

export type HookMethod =
  | 'connect'
  | 'playStream'
  | 'stopStream'
  | 'ConnectionStatusEvent'
  | 'StreamStatusEvent'
  | 'StreamKeepAliveEvent';

export type HookFields = Readonly<Record<string, unknown>>;

export interface HookPolicy {
  /** Fields that the back end does not get. */
  readonly restExclude: ReadonlySet<string>;
  /** Fields that the client does not get. */
  readonly clientExclude: ReadonlySet<string>;
  /** LOG: an error is logged, and what was asked goes on. FAIL: it is broken off. */
  readonly restOnError: 'LOG' | 'FAIL';
  /** OVERWRITE: fields of the answer take the place of those that were sent. DISABLE: the back end is not called. */
  readonly restPolicy: 'NOTIFY' | 'OVERWRITE' | 'DISABLE';
  readonly restOverwrite: ReadonlySet<string>;
}

const nothing: ReadonlySet<string> = new Set();
const defaults: HookPolicy = {
  restExclude: nothing,
  clientExclude: nothing,
  restOnError: 'LOG',
  restPolicy: 'NOTIFY',
  restOverwrite: nothing,
};

export class HookPolicies {
  readonly #config: unknown;

  /** `answer`: the body of the answer to `connect`. */
  constructor(answer: unknown) {
    this.#config = fieldOf(answer, 'restClientConfig');
  }

  of(method: HookMethod): HookPolicy {
    const config = fieldOf(this.#config, method);
    if (config === undefined) return defaults;
    return {
      restExclude: namesIn(config, 'restExclude'),
      clientExclude: namesIn(config, 'clientExclude'),
      restOnError: fieldOf(config, 'restOnError') === 'FAIL' ? 'FAIL' : 'LOG',
      restPolicy: restPolicyOf(fieldOf(config, 'restPolicy')),
      restOverwrite: namesIn(config, 'restOverwrite'),
    };
  }
}

export const without = (fields: HookFields, excluded: ReadonlySet<string>): HookFields =>
  excluded.size === 0 ? fields : Object.fromEntries(Object.entries(fields).filter(([name]) => !excluded.has(name)));

/** The fields that were sent, with those of the answer that the policy lets take their place. */
export function overwritten(
  fields: HookFields,
  answer: unknown,
  { restPolicy, restOverwrite }: HookPolicy,
): HookFields {
  if (restPolicy !== 'OVERWRITE') return fields;
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      restOverwrite.has(name) ? (fieldOf(answer, name) ?? value) : value,
    ]),
  );
}

/** Both spellings stand in WCS's documents. */
function restPolicyOf(value: unknown): HookPolicy['restPolicy'] {
  if (value === 'DISABLE' || value === 'DISABLED') return 'DISABLE';
  return value === 'OVERWRITE' ? 'OVERWRITE' : 'NOTIFY';
}

/** Of a list like "sdp, custom". */
function namesIn(config: unknown, name: string): ReadonlySet<string> {
  const list = fieldOf(config, name);
  return typeof list === 'string' ? new Set(list.split(',').map((one) => one.trim())) : nothing;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
