/** AMF values as they stand on the wire, and bytes that are none. */
import type { AmfObject, AmfValue } from '../../../../src/core/amf/amf-value.js';

export const object = (entries: Record<string, AmfValue>): AmfObject => Object.assign(Object.create(null), entries);
const hexOf = (text: string): string => Buffer.from(text).toString('hex');
const nameHex = (text: string): string => (text.length * 2 + 1).toString(16).padStart(2, '0') + hexOf(text);

export const amf0Values = [
  ['a number', '00 4059000000000000', 100],
  ['true', '01 01', true],
  ['false', '01 00', false],
  ['a string', '02 0003 e282ac', '€'],
  ['a string that is no UTF-8', '02 0002 61ff', 'a\ufffd'],
  ['an object', '03 0001 61 05 0001 62 0101 0000 09', object({ a: null, b: true })],
  ['an object with an empty key', '03 0000 05 0000 09', object({ '': null })],
  ['null', '05', null],
  ['undefined', '06', undefined],
  ['unsupported', '0d', undefined],
  ['an associative array', '08 00000001 0001 61 05 0000 09', object({ a: null })],
  ['an associative array whose count is wrong', '08 00000000 0001 61 05 0000 09', object({ a: null })],
  ['an associative array that ends with the bytes', '08 00000001 0001 61 05', object({ a: null })],
  ['a strict array', '0a 00000002 05 0101', [null, true]],
  ['a date, whose time zone means nothing', '0b 4059000000000000 ffc4', new Date(100)],
  ['a long string', '0c 00000001 61', 'a'],
  ['an XML document', '0f 00000004 3c612f3e', '<a/>'],
  ['a typed object', '10 0001 43 0001 61 05 0000 09', object({ a: null })],
] as const satisfies readonly (readonly [string, string, AmfValue])[];

export const amf0Refused = [
  ['a reference to nothing', '07 0000'],
  ['an object that holds itself', '03 0001 61 07 0000 0000 09'],
  ['an array longer than its bytes', '0a ffffffff 05'],
  ['an object without an end', '03 0001 61 05'],
  ['a string longer than its bytes', '02 0003 6161'],
  ['a long string of 4 GB', '0c ffffffff 61'],
  ['an end marker on its own', '09'],
  ['a movie clip', '04'],
  ['a record set', '0e'],
  ['an unknown marker', '12'],
  ['an AMF3 value without its bytes', '11'],
  ['half a number', '00 4059'],
] as const;

export const amf3Values = [
  ['undefined', '00', undefined],
  ['null', '01', null],
  ['false', '02', false],
  ['true', '03', true],
  ['an integer of one byte', '04 7f', 127],
  ['an integer of two bytes', '04 81 00', 128],
  ['an integer of three bytes', '04 ff ff 7f', 0x1fffff],
  ['the largest integer', '04 bf ff ff ff', 2 ** 28 - 1],
  ['the smallest integer', '04 c0 80 80 00', -(2 ** 28)],
  ['-1', '04 ff ff ff ff', -1],
  ['a double', '05 4059000000000000', 100],
  ['a string', '06 07 e282ac', '€'],
  ['an XML document', '07 09 3c612f3e', '<a/>'],
  ['a date', '08 01 4059000000000000', new Date(100)],
  ['an array', '09 05 01 01 03', [null, true]],
  ['an array with keys', '09 03 0361 02 01 03', object({ a: false, 0: true })],
  ['an object of a class', '0a 13 0343 0361 03', object({ a: true })],
  ['an object with keys of its own', '0a 0b 01 0361 03 0362 01 01', object({ a: true, b: null })],
  ['a class with keys, and others', '0a 1b 01 0361 03 0362 01 01', object({ a: true, b: null })],
  ['XML', '0b 09 3c612f3e', '<a/>'],
  ['bytes', '0c 05 00ff', Uint8Array.of(0, 255)],
  ['a vector of integers', '0d 05 00 00000001 ffffffff', [1, -1]],
  ['a vector of unsigned integers', '0e 03 01 ffffffff', [0xffffffff]],
  ['a vector of doubles', '0f 03 00 4059000000000000', [100]],
  ['a vector of objects', '10 05 00 0343 01 03', [null, true]],
  ['a dictionary', '11 03 00 0603 61 04 05', [['a', 5]]],
  ['a collection', `0a 07 ${nameHex('flex.messaging.io.ArrayCollection')} 09 03 01 03`, [true]],
] as const satisfies readonly (readonly [string, string, AmfValue])[];

export const amf3Refused = [
  ['an unknown marker', '12'],
  ['a string that was never there', '06 00'],
  ['an object that was never there', '0a 00'],
  ['a class that was never there', '0a 01'],
  ['an object that holds itself', '0a 0b 01 0361 0a 00 01'],
  ['an array that holds itself', '09 03 01 09 00'],
  ['an array longer than its bytes', '09 ffffffff 01 01'],
  ['a vector longer than its bytes', '0d ffffffff 00 00000001'],
  ['a dictionary longer than its bytes', '11 ffffffff 00 01 01'],
  ['bytes longer than they are', '0c ffffffff 00'],
  ['a class with more keys than bytes', '0a fffffff3 01 01'],
  ['an object in a format of its own', '0a 07 0343 01'],
  ['half an integer', '04 ff'],
] as const;
