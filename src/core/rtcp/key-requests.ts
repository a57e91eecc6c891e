/**
 * What a viewer's requests for a keyframe say (PLI, RFC 4585 6.3.1; FIR, RFC 5104 4.3.1). One that loses packets asks now and then;
 * one that cannot decode what it receives asks on and on, however often it is answered.
 */

/** Requests that are further apart have nothing to do with each other. */
const togetherMs = 5000;
const inARow = 6;
const lastingMs = 10_000;
/** Of one that loses more, the losses explain the requests. */
const mostLoss = 0.02;

export interface KeyRequests {
  /** In all. */
  readonly count: number;
  /** Of the newest that belong together. */
  readonly together: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export const noKeyRequests: KeyRequests = {
  count: 0,
  together: 0,
  firstMs: Number.NEGATIVE_INFINITY,
  lastMs: Number.NEGATIVE_INFINITY,
};

export function requestKey(state: KeyRequests, nowMs: number): KeyRequests {
  const goesOn = nowMs - state.lastMs <= togetherMs;
  return {
    count: state.count + 1,
    together: goesOn ? state.together + 1 : 1,
    firstMs: goesOn ? state.firstMs : nowMs,
    lastMs: nowMs,
  };
}

/** `lossFraction`: of what it last reported, 0 to 1. */
export function cannotDecode({ together, firstMs, lastMs }: KeyRequests, nowMs: number, lossFraction: number): boolean {
  const isAsking = nowMs - lastMs <= togetherMs;
  return isAsking && together >= inARow && lastMs - firstMs >= lastingMs && lossFraction <= mostLoss;
}
