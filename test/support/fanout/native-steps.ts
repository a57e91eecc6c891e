/** Calls of the fan-out's add-on at random, nearly all of which make sense. */
import fc from 'fast-check';
import { SessionNumbers } from '../../../actors/fanout/session-numbers.js';

const slots = fc.nat(12);
const kinds = fc.nat(1);
/** One call. */
export const nativeStep = fc.oneof(
  fc.record({ what: fc.constant('add' as const), profile: fc.nat(1), ipv6: fc.boolean() }),
  fc.record({ what: fc.constant('remove' as const), slot: slots }),
  fc.record({ what: fc.constant('track' as const), slot: slots, kind: kinds, rtx: fc.boolean() }),
  fc.record({ what: fc.constant('transport' as const), slot: slots, next: fc.constantFrom(0, 65_530) }),
  fc.record({ what: fc.constant('sent' as const), slot: slots, first: fc.nat(65_535), count: fc.nat(3000) }),
  fc.record({ what: fc.constant('publish' as const), kind: kinds, bytes: fc.integer({ min: 1, max: 20_000 }) }),
  fc.record({ what: fc.constant('publish' as const), kind: kinds, bytes: fc.constant(1172) }),
  fc.record({
    what: fc.constant('seek' as const),
    slot: slots,
    kind: kinds,
    back: fc.integer({ min: -5, max: 700 }),
  }),
  fc.record({
    what: fc.constant('hold' as const),
    slot: slots,
    kind: kinds,
    held: fc.constantFrom(0 as const, 1 as const),
  }),
  fc.record({ what: fc.constant('rtcp' as const), slot: slots, bytes: fc.integer({ min: 8, max: 1024 }) }),
  fc.record({
    what: fc.constant('serve' as const),
    kind: kinds,
    slot: slots,
    budgetUs: fc.constantFrom(0, 5, 10_000),
    room: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ what: fc.constant('serveOne' as const), slot: slots, kind: kinds, most: fc.nat(200) }),
  fc.record({
    what: fc.constant('resend' as const),
    slot: slots,
    kind: kinds,
    sequences: fc.array(fc.nat(65_535), { maxLength: 200 }),
  }),
);

const kept: SessionNumbers[] = [];

/** Numbers for a subscriber of the add-on, which writes there until it is removed: nobody else may hold them to the end of a test. */
export function keptNumbers(): SessionNumbers {
  const numbers = new SessionNumbers();
  kept.push(numbers);
  return numbers;
}
