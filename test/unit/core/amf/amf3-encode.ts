/** Another writer of AMF3, for tests of the decoder: it refers to strings and classes that it has written. */
import type { AmfValue } from '../../../../src/core/amf/amf-value.js';

/** The values behind the marker by which AMF0 switches; `sealed` puts keys into classes. */
export function encodeAmf3(values: readonly AmfValue[], sealed: boolean): Uint8Array {
  const strings: string[] = [];
  const classes: string[] = [];
  const bytes: number[] = [];

  const text = (value: string): void => {
    const known = strings.indexOf(value);
    const encoded = known >= 0 ? [] : Buffer.from(value);
    u29(known >= 0 ? known * 2 : encoded.length * 2 + 1);
    bytes.push(...encoded);
    if (known < 0 && value !== '') strings.push(value);
  };
  const u29 = (value: number): void => {
    if (value >= 0x200000) bytes.push(0x80 | (value >> 22), 0x80 | (value >> 15), 0x80 | (value >> 8), value & 0xff);
    else if (value >= 0x4000) bytes.push(0x80 | (value >> 14), 0x80 | (value >> 7), value & 0x7f);
    else if (value >= 0x80) bytes.push(0x80 | (value >> 7), value & 0x7f);
    else bytes.push(value);
  };
  const double = (value: number): void => {
    const buffer = Buffer.alloc(8);
    buffer.writeDoubleBE(value);
    bytes.push(...buffer);
  };

  const object = (entries: readonly (readonly [string, AmfValue])[]): void => {
    bytes.push(0x0a);
    // An empty key ends the dynamic ones.
    const isSealed = sealed || entries.some(([key]) => key === '');
    const keys = isSealed ? entries.map(([key]) => key) : [];
    const shape = JSON.stringify([isSealed, keys]);
    const known = classes.indexOf(shape);
    if (known >= 0) {
      u29((known << 2) | 1);
    } else {
      classes.push(shape);
      u29((keys.length << 4) | (isSealed ? 0 : 8) | 3);
      text(isSealed ? 'Class' : '');
      for (const key of keys) text(key);
    }
    for (const [key, value] of entries) {
      if (!isSealed) text(key);
      encode(value);
    }
    if (!isSealed) text('');
  };

  const encode = (value: AmfValue): void => {
    if (value === undefined) bytes.push(0);
    else if (value === null) bytes.push(1);
    else if (typeof value === 'boolean') bytes.push(value ? 3 : 2);
    else if (typeof value === 'number') number(value);
    else if (typeof value === 'string') {
      bytes.push(6);
      text(value);
    } else if (value instanceof Date) {
      bytes.push(8, 1);
      double(value.getTime());
    } else if (value instanceof Uint8Array) {
      bytes.push(0x0c);
      u29(value.length * 2 + 1);
      bytes.push(...value);
    } else if (Array.isArray(value)) {
      bytes.push(9);
      u29(value.length * 2 + 1);
      text('');
      value.forEach(encode);
    } else object(Object.entries(value));
  };
  const number = (value: number): void => {
    const isInteger = Number.isInteger(value) && Math.abs(value) < 2 ** 28 && !Object.is(value, -0);
    bytes.push(isInteger ? 4 : 5);
    if (isInteger) u29(value & 0x1fffffff);
    else double(value);
  };

  for (const value of values) {
    bytes.push(0x11);
    encode(value);
  }
  return Uint8Array.from(bytes);
}
