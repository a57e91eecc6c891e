/** What each operation of /api takes and gives, as its handler sees it. Types only. */
import type { z } from 'zod';
import type { Operations } from './api-operations.js';
import type { OperationName } from './api-paths.js';

type Immutable<T> = T extends (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

interface Input<Name extends OperationName> {
  /** `{id}` of the path, percent-decoded; empty where it has none. */
  readonly id: string;
  readonly query: z.infer<Operations[Name]['query']>;
  readonly body: z.infer<Operations[Name]['body']>;
}

type Output<Name extends OperationName> = Immutable<z.infer<Operations[Name]['response']>>;

export type ApiHandlers = {
  readonly [Name in OperationName]: (input: Input<Name>) => Output<Name> | Promise<Output<Name>>;
};
