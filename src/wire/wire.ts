/**
 * Both ends of a contract between two threads, from the names of its methods: calls over a port, by Comlink. To Comlink it
 * adds error codes, which arrive as they were thrown, and that every call settles: by its answer, by its deadline, or when
 * the other thread ends.
 */
import { MessagePort } from 'node:worker_threads';
import { expose, transfer, wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { type Outcome, toOutcome } from '../core/supervise/outcome.js';
import { createPendingCalls } from '../core/supervise/pending-calls.js';

/** timed: the call fails with actor.timeout when there is no answer in time. untimed: it waits until the thread ends. */
export type Deadline = 'timed' | 'untimed';

/** Every method of a contract by its name; the compiler refuses a list that is not complete. */
export type Methods<Contract> = Readonly<Record<keyof Contract, Deadline>>;

export interface Wire<Contract> {
  /** Errors of every call: its own, actor.timeout, actor.dead. */
  readonly calls: Contract;
  /** The thread is gone: what is pending fails now (actor.dead), and so does every later call. */
  fail(): void;
}

/** Answers the calls that come over the port. Anything but a SluiceError is a bug, and arrives as `internal`. */
export function exposeCalls<Contract extends object>(
  port: MessagePort,
  target: Contract,
  methods: Methods<Contract>,
): void;
export function exposeCalls(port: MessagePort, target: object, methods: Readonly<Record<string, Deadline>>): void {
  const answers = Object.keys(methods).map((name) => [
    name,
    async (...args: readonly unknown[]) =>
      withPorts(await toOutcome(() => Reflect.apply(Reflect.get(target, name), target, args))),
  ]);
  expose(Object.fromEntries(answers), nodeEndpoint(port));
}

/** Ports cannot be cloned: those among the fields of the answer are transferred. */
function withPorts(outcome: Outcome<unknown>): Outcome<unknown> {
  const value = outcome.ok ? outcome.value : null;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return outcome;
  return transfer(
    outcome,
    Object.values(value).filter((field) => field instanceof MessagePort),
  );
}

/** The caller's end. `timeoutMs`: until a timed call fails. */
export function wrapCalls<Contract extends object>(
  port: MessagePort,
  methods: Methods<Contract>,
  timeoutMs: number,
): Wire<Contract>;
// The names are the contract's, and so are the methods that are made for them.
export function wrapCalls(
  port: MessagePort,
  methods: Readonly<Record<string, Deadline>>,
  timeoutMs: number,
): Wire<object> {
  const remote = wrap<object>(nodeEndpoint(port));
  const { call, fail } = createPendingCalls(timeoutMs, (onTime, ms) => {
    const timer = setTimeout(onTime, ms);
    return () => clearTimeout(timer);
  });
  const calls = Object.entries(methods).map(([name, deadline]) => [
    name,
    (...args: readonly unknown[]) =>
      call(name, () => Reflect.apply(Reflect.get(remote, name), remote, args), deadline === 'timed'),
  ]);
  return { calls: Object.fromEntries(calls), fail };
}
