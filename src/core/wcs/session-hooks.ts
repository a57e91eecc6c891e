/** The REST hooks of one signalling session: which calls go to the back end of its application, and what becomes of them. */
import type { Emit, HookAnswer, HookSettings } from './contract.js';
import { type HookFields, type HookMethod, HookPolicies, overwritten, without } from './hook-policy.js';

type Verdict =
  | { readonly kind: 'go'; readonly fields: HookFields }
  /** `status`: of the back end's answer; null: there was none. */
  | { readonly kind: 'decline'; readonly status: number | null };

interface Pending {
  readonly method: HookMethod;
  readonly fields: HookFields;
  readonly then: (verdict: Verdict) => void;
}

export const isGoodAnswer = ({ status }: HookAnswer): boolean => status !== null && status >= 200 && status < 300;

export class SessionHooks {
  readonly #settings: HookSettings | null;
  readonly #emit: Emit;
  readonly #pending = new Map<number, Pending>();
  #policies = new HookPolicies(undefined);
  #appKey = '';
  #isOn = false;
  #lastCall = 0;

  constructor(settings: HookSettings | null, emit: Emit) {
    this.#settings = settings;
    this.#emit = emit;
  }

  get keepAliveMs(): number {
    const { keepAliveMs = 0, keepAliveAppKeys } = this.#settings ?? {};
    return this.#isOn && keepAliveAppKeys?.has(this.#appKey) ? keepAliveMs : 0;
  }

  /** False: the application is not known here, although others have hooks; to let it in would go round them. */
  begin(appKey: string): boolean {
    this.#appKey = appKey;
    if (this.#settings === null) return true;
    const hasBackEnd = this.#settings.apps.get(appKey);
    this.#isOn = hasBackEnd === true;
    return hasBackEnd !== undefined;
  }

  /** Asks whether this session may be. An error of any kind declines it: WCS does so whatever the configuration says. */
  connect(fields: HookFields, then: (verdict: Verdict) => void): void {
    if (this.#isOn) this.#call('connect', fields, then);
    else then({ kind: 'go', fields });
  }

  /** `then` is called at once where the answer cannot change anything: the back end may take its time. */
  ask(method: HookMethod, fields: HookFields, then: (verdict: Verdict) => void): void {
    const { restPolicy, restOnError } = this.#policies.of(method);
    const isAsked = this.#isOn && restPolicy !== 'DISABLE';
    const isWaitedFor = isAsked && (restOnError === 'FAIL' || restPolicy === 'OVERWRITE');
    if (isAsked) this.#call(method, fields, isWaitedFor ? then : null);
    if (!isWaitedFor) then({ kind: 'go', fields });
  }

  tell(method: HookMethod, fields: HookFields): void {
    this.ask(method, fields, (verdict) => {
      // Events go on (docs/wcs.md 5): the client is warned.
      if (verdict.kind === 'decline') this.#warn(method, verdict.status);
    });
  }

  hear(call: number, answer: HookAnswer): void {
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    const isGood = isGoodAnswer(answer);
    if (pending === undefined) return;
    const { method, fields, then } = pending;
    if (isGood && method === 'connect') this.#policies = new HookPolicies(answer.body);
    const policy = this.#policies.of(method);
    if (isGood) then({ kind: 'go', fields: overwritten(fields, answer.body, policy) });
    else if (method === 'connect' || policy.restOnError === 'FAIL') then({ kind: 'decline', status: answer.status });
    else then({ kind: 'go', fields });
  }

  /** What the client gets of a message that the back end gets as this method. */
  forClient(method: HookMethod, fields: HookFields): HookFields {
    return this.#isOn ? without(fields, this.#policies.of(method).clientExclude) : fields;
  }

  /** No answer is waited for any more. */
  close(): void {
    this.#pending.clear();
  }

  #call(method: HookMethod, fields: HookFields, then: Pending['then'] | null): void {
    this.#lastCall += 1;
    const call = this.#lastCall;
    if (then !== null) this.#pending.set(call, { method, fields, then });
    const named = { nodeId: this.#settings?.nodeId ?? '', appKey: this.#appKey, ...fields };
    const body = without(named, this.#policies.of(method).restExclude);
    this.#emit({ kind: 'hook', call, appKey: this.#appKey, method, body });
  }

  /** With another apiMethod than StreamStatusEvent the SDK warns the page and changes nothing. */
  #warn(method: HookMethod, status: number | null): void {
    const info = status === null ? 'The back end did not answer' : `The back end answered ${status}`;
    this.#emit({ kind: 'send', frame: { message: 'fail', data: [{ apiMethod: 'ErrorEvent', method, info }] } });
  }
}
