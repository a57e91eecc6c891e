/** What is thrown, by the one table of errors (error-table.ts). */
import { type ErrorRow, table } from './error-table.js';

export type ErrorCode = keyof typeof table;

export const errorTable: Readonly<Record<ErrorCode, ErrorRow>> = table;

/** An error with a row in the table. `detail`: the particulars of this case, without secrets. */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;

  constructor(code: ErrorCode, detail = '') {
    super(detail === '' ? table[code].text : `${table[code].text}: ${detail}`);
    this.name = 'SluiceError';
    this.code = code;
    this.detail = detail;
  }

  get row(): ErrorRow {
    return table[this.code];
  }
}

/** Another node has what is asked for, at these addresses (NodeAddresses). */
export class ElsewhereError extends SluiceError {
  readonly http: string;
  readonly ws: string;

  constructor({ http, ws }: Pick<ElsewhereError, 'http' | 'ws'>) {
    super('stream.elsewhere', http);
    this.name = 'ElsewhereError';
    this.http = http;
    this.ws = ws;
  }
}

/** True for a string that names a row: values from another thread are checked, never cast. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(table, value);
}

/** Code and message of a thrown value of unknown type. */
interface Thrown {
  /** The code of an error of Node or the system ("ENOENT"), or the row of a SluiceError; empty without one. */
  readonly code: string;
  readonly message: string;
}

export function readThrown(thrown: unknown): Thrown {
  if (!(thrown instanceof Error)) return { code: '', message: String(thrown) };
  return { code: 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '', message: thrown.message };
}

/** The stack of a bug, for the log. V8 formats it when it is read, so it is no part of `Thrown`. */
export function stackOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** The row of what was thrown: `internal` for anything but a SluiceError. */
export function rowOf(thrown: unknown): ErrorCode {
  return thrown instanceof SluiceError ? thrown.code : 'internal';
}
