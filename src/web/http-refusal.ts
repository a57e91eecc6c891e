/** What a server answers in place of what it was asked for. */

/** A refusal of the server, or that it cannot be reached: its message, and whether and when a retry makes sense. */
export class HttpRefusal extends Error {
  /** HTTP status; 0 without a response. */
  readonly status: number;
  /** `code` of a problem+json body, of src/error-table.ts; empty without one. */
  readonly code: string;
  /** Retry-After in ms; null without one. */
  readonly retryAfterMs: number | null;

  constructor(message: string, status: number, code = '', retryAfterMs: number | null = null) {
    super(message);
    this.name = 'HttpRefusal';
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** False for statuses that a retry does not change, such as a bad request, or an offer without a common codec. */
  get isTemporary(): boolean {
    return ![400, 401, 403, 405, 413, 415, 422, 501].includes(this.status);
  }
}

/** `response`: not a success. The message is from problem details (RFC 9457), else it has the status. */
export async function readRefusal(response: Response): Promise<HttpRefusal> {
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  const retryAfterMs = Number.isNaN(seconds) ? null : Math.max(0, seconds) * 1000;
  const problem: unknown = await response.json().catch(() => null);
  const message = field(problem, 'detail') || field(problem, 'title') || `The server answered ${response.status}`;
  return new HttpRefusal(message, response.status, field(problem, 'code'), retryAfterMs);
}

function field(problem: unknown, name: string): string {
  if (typeof problem !== 'object' || problem === null) return '';
  const value: unknown = Reflect.get(problem, name);
  return typeof value === 'string' ? value : '';
}
