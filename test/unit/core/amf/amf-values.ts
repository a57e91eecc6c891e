/** Any value that an AMF message can carry. */
import fc from 'fast-check';
import type { AmfObject, AmfValue } from '../../../../src/core/amf/amf-value.js';

const { tree } = fc.letrec<{ tree: AmfValue; list: AmfValue[]; object: AmfObject }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.double(),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(null, undefined),
    // Two dates that are none are the same here, and not to node:assert.
    fc.date({ noInvalidDate: true }),
    fc.uint8Array({ maxLength: 200 }),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('tree'), { maxLength: 4, depthIdentifier: 'amf' }),
  object: fc
    .dictionary(fc.oneof(fc.string(), fc.constantFrom('', '__proto__', 'constructor')), tie('tree'), {
      maxKeys: 4,
      depthIdentifier: 'amf',
    })
    .map((entries) => Object.assign(Object.create(null), entries)),
}));

export const amfValues = tree;
