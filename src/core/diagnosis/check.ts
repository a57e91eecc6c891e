/** Answers of checks. */
import { type AlertCode, alerts } from './alerts.js';
import type { Check } from './facts.js';

export const ok = (name: string, title: string, evidence = ''): Check => ({
  name,
  code: 'OK',
  status: 'ok',
  title,
  evidence,
  advice: '',
});

/** `why` it cannot be told. */
export const unknown = (name: string, title: string, why: string): Check => ({
  name,
  code: 'UNKNOWN',
  status: 'unknown',
  title,
  evidence: why,
  advice: '',
});

export function alert(name: string, code: AlertCode, evidence: string): Check {
  const { severity, title, advice } = alerts[code];
  return { name, code, status: severity, title, evidence, advice };
}

/** The first alert whose condition holds, else `good`. */
export function firstOf(name: string, cases: readonly (readonly [boolean, AlertCode, string])[], good: Check): Check {
  const found = cases.find(([holds]) => holds);
  return found === undefined ? good : alert(name, found[1], found[2]);
}
