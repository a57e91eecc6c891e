/** AMF 0 (Adobe, "Action Message Format -- AMF 0"; section numbers are its). */
import { type ByteReader, createByteReader } from '../bytes/byte-reader.js';
import { type ByteWriter, createByteWriter } from '../bytes/byte-writer.js';
import { WireError } from '../bytes/wire-error.js';
import { type AmfBudget, type AmfReferences, createAmfBudget } from './amf-budget.js';
import type { AmfObject, AmfValue } from './amf-value.js';
import { createAmf3Decoder } from './amf3.js';
import { type AmfLimits, amfLimits } from './limits.js';

const where = 'rtmp.amf0';
const markers = {
  number: 0x00,
  boolean: 0x01,
  string: 0x02,
  object: 0x03,
  null: 0x05,
  undefined: 0x06,
  reference: 0x07,
  ecmaArray: 0x08,
  objectEnd: 0x09,
  strictArray: 0x0a,
  date: 0x0b,
  longString: 0x0c,
  unsupported: 0x0d,
  xmlDocument: 0x0f,
  typedObject: 0x10,
  amf3: 0x11,
} as const;
const amf3ByteArray = 0x0c;
const maxShortBytes = 0xffff;
const utf8 = new TextEncoder();

interface Decoder {
  readonly reader: ByteReader;
  readonly budget: AmfBudget;
  readonly objects: AmfReferences<AmfObject | readonly AmfValue[]>;
  readonly decodeAmf3: (depth: number) => AmfValue;
}

/** All values in the bytes. Objects behind one reference are one object; none holds itself. Error: WireError. */
export function decodeAmf0(bytes: Uint8Array, limits = amfLimits): AmfValue[] {
  const values: AmfValue[] = [];
  decodeInto(values, bytes, limits);
  return values;
}

/** The values up to bytes that are no AMF: none where the first is none. */
export function decodeLeadingAmf0(bytes: Uint8Array): readonly AmfValue[] {
  const values: AmfValue[] = [];
  try {
    decodeInto(values, bytes, amfLimits);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return values;
}

function decodeInto(values: AmfValue[], bytes: Uint8Array, limits: AmfLimits): void {
  const reader = createByteReader(bytes, where);
  const budget = createAmfBudget(where, limits);
  const decodeAmf3 = createAmf3Decoder(reader, budget);
  const decoder: Decoder = { reader, budget, objects: budget.references(), decodeAmf3 };
  while (reader.remaining > 0) values.push(decodeValue(decoder, 0));
}

function decodeValue(decoder: Decoder, depth: number): AmfValue {
  return decodeMarked(decoder, decoder.reader.u8(), depth);
}

function decodeMarked(decoder: Decoder, marker: number, depth: number): AmfValue {
  const { reader, budget } = decoder;
  // These two pay for themselves.
  if (marker === markers.reference) return decoder.objects.resolve(reader.u16(), depth);
  if (marker === markers.amf3) return decoder.decodeAmf3(depth);
  budget.value(depth);
  switch (marker) {
    case markers.number:
      return reader.f64();
    case markers.boolean:
      return reader.u8() !== 0;
    case markers.string:
      return decodeText(decoder, reader.u16());
    case markers.longString:
    case markers.xmlDocument:
      return decodeText(decoder, reader.u32());
    case markers.null:
      return null;
    case markers.undefined:
    case markers.unsupported:
      return undefined;
    case markers.date:
      return decodeDate(reader);
    default:
      return decodeContainer(decoder, marker, depth);
  }
}

function decodeContainer(decoder: Decoder, marker: number, depth: number): AmfValue {
  const { reader } = decoder;
  switch (marker) {
    case markers.strictArray:
      return decodeArray(decoder, reader.u32(), depth);
    case markers.object:
      return decodeObject(decoder, depth, null);
    case markers.ecmaArray:
      return decodeObject(decoder, depth, reader.u32());
    case markers.typedObject:
      decodeText(decoder, reader.u16());
      return decodeObject(decoder, depth, null);
    default:
      throw new WireError(where, `marker ${marker} at ${reader.offset - 1}`);
  }
}

function decodeText({ reader, budget }: Decoder, lengthBytes: number): string {
  budget.text(lengthBytes);
  return reader.text(lengthBytes);
}

/** The time zone after the time is reserved and means nothing (2.13). */
function decodeDate(reader: ByteReader): Date {
  const date = new Date(reader.f64());
  reader.i16();
  return date;
}

function decodeArray(decoder: Decoder, count: number, depth: number): AmfValue[] {
  const array: AmfValue[] = [];
  const close = decoder.objects.open(depth);
  // Each value takes a byte at least, so a count that lies ends in WireError.
  for (let index = 0; index < count; index += 1) array.push(decodeValue(decoder, depth + 1));
  close(array);
  return array;
}

/**
 * Key and value pairs up to the end marker (2.5, 2.10, 2.18). The count of an associative array is a hint; but
 * some encoders end the message after that many pairs, without a marker.
 */
function decodeObject(decoder: Decoder, depth: number, count: number | null): AmfObject {
  const { reader, objects } = decoder;
  const object: Record<string, AmfValue> = Object.create(null);
  const close = objects.open(depth);
  for (let pairs = 0; pairs !== count || reader.remaining > 0; pairs += 1) {
    const key = decodeText(decoder, reader.u16());
    const marker = reader.u8();
    if (key === '' && marker === markers.objectEnd) break;
    object[key] = decodeMarked(decoder, marker, depth + 1);
  }
  close(object);
  return object;
}

/**
 * The values, one after the other. Every object goes as an anonymous one. Errors: RangeError for a key of more
 * than 65,535 bytes or an object that holds itself.
 */
export function encodeAmf0(...values: readonly AmfValue[]): Uint8Array {
  const writer = createByteWriter();
  for (const value of values) encodeValue(writer, value);
  return writer.finish();
}

function encodeValue(writer: ByteWriter, value: AmfValue): void {
  if (value === undefined) {
    writer.u8(markers.undefined);
  } else if (value === null) {
    writer.u8(markers.null);
  } else if (typeof value === 'number') {
    writer.u8(markers.number);
    writer.f64(value);
  } else if (typeof value === 'boolean') {
    writer.u8(markers.boolean);
    writer.u8(value ? 1 : 0);
  } else if (typeof value === 'string') {
    encodeString(writer, value);
  } else if (value instanceof Date) {
    writer.u8(markers.date);
    writer.f64(value.getTime());
    writer.i16(0);
  } else if (value instanceof Uint8Array) {
    encodeBytes(writer, value);
  } else if (isArray(value)) {
    writer.u8(markers.strictArray);
    writer.u32(value.length);
    for (const item of value) encodeValue(writer, item);
  } else {
    encodeObject(writer, value);
  }
}

function encodeString(writer: ByteWriter, value: string): void {
  const text = utf8.encode(value);
  const isLong = text.length > maxShortBytes;
  writer.u8(isLong ? markers.longString : markers.string);
  if (isLong) writer.u32(text.length);
  else writer.u16(text.length);
  writer.bytes(text);
}

function encodeObject(writer: ByteWriter, object: AmfObject): void {
  writer.u8(markers.object);
  for (const [key, item] of Object.entries(object)) {
    encodeKey(writer, key);
    encodeValue(writer, item);
  }
  encodeKey(writer, '');
  writer.u8(markers.objectEnd);
}

/** AMF0 has no byte arrays: an AMF3 value, its length in four bytes (AMF 3 1.3.1 and 3.14). */
function encodeBytes(writer: ByteWriter, value: Uint8Array): void {
  const head = value.length * 2 + 1;
  writer.u8(markers.amf3);
  writer.u8(amf3ByteArray);
  for (const shift of [22, 15, 8]) writer.u8(0x80 | (head >>> shift));
  writer.u8(head & 0xff);
  writer.bytes(value);
}

function encodeKey(writer: ByteWriter, key: string): void {
  const text = utf8.encode(key);
  if (text.length > maxShortBytes) throw new RangeError('an AMF0 key of more than 65,535 bytes');
  writer.u16(text.length);
  writer.bytes(text);
}

/** Array.isArray does not narrow to a read-only array. */
function isArray(value: readonly AmfValue[] | AmfObject): value is readonly AmfValue[] {
  return Array.isArray(value);
}
