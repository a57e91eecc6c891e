/**
 * AMF 3 (Adobe, "Action Message Format -- AMF 3", January 2013; section numbers are its), as it stands in AMF0
 * messages behind the marker of 3.1 there.
 */
import type { ByteReader } from '../bytes/byte-reader.js';
import { WireError } from '../bytes/wire-error.js';
import type { AmfBudget, AmfReferences } from './amf-budget.js';
import type { AmfValue } from './amf-value.js';

const where = 'rtmp.amf3';
const markers = {
  undefined: 0x00,
  null: 0x01,
  false: 0x02,
  true: 0x03,
  integer: 0x04,
  double: 0x05,
  string: 0x06,
  xmlDocument: 0x07,
  date: 0x08,
  array: 0x09,
  object: 0x0a,
  xml: 0x0b,
  byteArray: 0x0c,
  vectorInt: 0x0d,
  vectorUint: 0x0e,
  vectorDouble: 0x0f,
  vectorObject: 0x10,
  dictionary: 0x11,
} as const;
/** The classes whose own format is known: each is one value. */
const wrapperClasses = ['flex.messaging.io.ArrayCollection', 'flex.messaging.io.ObjectProxy'];

/** What an object of a class looks like. */
interface Traits {
  readonly className: string;
  readonly isExternalizable: boolean;
  readonly isDynamic: boolean;
  readonly keys: readonly AmfText[];
}

interface AmfText {
  readonly text: string;
  readonly lengthBytes: number;
}

interface Decoder {
  readonly reader: ByteReader;
  readonly budget: AmfBudget;
  readonly strings: AmfText[];
  readonly traits: Traits[];
  readonly objects: AmfReferences<AmfValue>;
}

/**
 * Returns a function that reads one value, `depth` containers deep. The tables of references are those of one
 * message. Error: WireError.
 */
export function createAmf3Decoder(reader: ByteReader, budget: AmfBudget): (depth: number) => AmfValue {
  const decoder = { reader, budget, strings: [], traits: [], objects: budget.references<AmfValue>() };
  return (depth) => decodeValue(decoder, depth);
}

function decodeValue(decoder: Decoder, depth: number): AmfValue {
  const { reader, budget } = decoder;
  const marker = reader.u8();
  if (marker > markers.string) return decodeReferable(decoder, marker, depth);
  budget.value(depth);
  switch (marker) {
    case markers.null:
      return null;
    case markers.false:
      return false;
    case markers.true:
      return true;
    case markers.integer:
      // 29 bits with a sign.
      return (readU29(reader) << 3) >> 3;
    case markers.double:
      return reader.f64();
    case markers.string:
      return decodeText(decoder).text;
    default:
      return undefined;
  }
}

/** What goes into the table of objects, or is taken from there: the low bit of what follows the marker says which. */
function decodeReferable(decoder: Decoder, marker: number, depth: number): AmfValue {
  if (marker > markers.dictionary) throw new WireError(where, `marker ${marker}`);
  const head = readU29(decoder.reader);
  if ((head & 1) === 0) return decoder.objects.resolve(head >> 1, depth);
  decoder.budget.value(depth);
  const close = decoder.objects.open(depth);
  const value = decodeNew(decoder, marker, head >> 1, depth);
  close(value);
  return value;
}

function decodeNew(decoder: Decoder, marker: number, head: number, depth: number): AmfValue {
  const { reader, budget } = decoder;
  switch (marker) {
    case markers.date:
      return new Date(reader.f64());
    case markers.array:
      return decodeArray(decoder, head, depth);
    case markers.object:
      return decodeObject(decoder, head, depth);
    case markers.byteArray:
      budget.text(head);
      // Not slice: that of a Buffer is a view.
      return new Uint8Array(reader.bytes(head));
    case markers.dictionary:
      reader.u8();
      return decodeMany(head, () => decodePair(decoder, depth + 1));
    case markers.xmlDocument:
    case markers.xml:
      budget.text(head);
      return reader.text(head);
    default:
      return decodeVector(decoder, marker, head, depth);
  }
}

/** The byte after the count says whether the length is fixed, which means nothing here. */
function decodeVector(decoder: Decoder, marker: number, count: number, depth: number): AmfValue[] {
  const { reader, budget } = decoder;
  reader.u8();
  if (marker === markers.vectorObject) {
    decodeText(decoder);
    return decodeMany(count, () => decodeValue(decoder, depth + 1));
  }
  return decodeMany(count, () => {
    budget.value(depth + 1);
    if (marker === markers.vectorDouble) return reader.f64();
    return marker === markers.vectorUint ? reader.u32() : reader.u32() | 0;
  });
}

/** A key and its value, both of any type. */
function decodePair(decoder: Decoder, depth: number): AmfValue[] {
  decoder.budget.value(depth);
  return [decodeValue(decoder, depth + 1), decodeValue(decoder, depth + 1)];
}

/** Keys and values come before those that are counted (3.11); with keys an array is an object. */
function decodeArray(decoder: Decoder, count: number, depth: number): AmfValue {
  const object: Record<string, AmfValue> = Object.create(null);
  const hasKeys = decodeMembers(decoder, object, depth);
  const list = decodeMany(count, () => decodeValue(decoder, depth + 1));
  return hasKeys ? Object.assign(object, list) : list;
}

function decodeObject(decoder: Decoder, head: number, depth: number): AmfValue {
  const traits = decodeTraits(decoder, head, depth);
  if (traits.isExternalizable) {
    if (wrapperClasses.includes(traits.className)) return decodeValue(decoder, depth + 1);
    throw new WireError(where, 'an object in a format of its own class');
  }
  const object: Record<string, AmfValue> = Object.create(null);
  for (const key of traits.keys) {
    decoder.budget.text(key.lengthBytes);
    object[key.text] = decodeValue(decoder, depth + 1);
  }
  if (traits.isDynamic) decodeMembers(decoder, object, depth);
  return object;
}

/** A reference, or the class's name and the keys that all its objects have (3.12). */
function decodeTraits(decoder: Decoder, head: number, depth: number): Traits {
  if ((head & 1) === 0) {
    const known = decoder.traits[head >> 1];
    if (known === undefined) throw new WireError(where, `class ${head >> 1} of ${decoder.traits.length}`);
    return known;
  }
  const isExternalizable = (head & 2) !== 0;
  const className = decodeText(decoder).text;
  const keys = isExternalizable ? [] : decodeMany(head >> 3, () => decodeKey(decoder, depth));
  const traits = { className, isExternalizable, isDynamic: (head & 4) !== 0, keys };
  decoder.traits.push(traits);
  return traits;
}

/** A key of a class counts as a value: many empty ones would else cost nothing. */
function decodeKey(decoder: Decoder, depth: number): AmfText {
  decoder.budget.value(depth);
  return decodeText(decoder);
}

/** Keys and values up to an empty key. True if there were any. */
function decodeMembers(decoder: Decoder, object: Record<string, AmfValue>, depth: number): boolean {
  let key = decodeText(decoder).text;
  const hasMembers = key !== '';
  while (key !== '') {
    object[key] = decodeValue(decoder, depth + 1);
    key = decodeText(decoder).text;
  }
  return hasMembers;
}

/** A reference, or a length and the bytes; the empty string is never referred to (1.3.2). */
function decodeText({ reader, budget, strings }: Decoder): AmfText {
  const head = readU29(reader);
  const lengthBytes = head >> 1;
  if ((head & 1) === 0) {
    const known = strings[head >> 1];
    if (known === undefined) throw new WireError(where, `string ${head >> 1} of ${strings.length}`);
    budget.text(known.lengthBytes);
    return known;
  }
  budget.text(lengthBytes);
  const text = { text: reader.text(lengthBytes), lengthBytes };
  if (lengthBytes > 0) strings.push(text);
  return text;
}

/** Each item takes a byte at least, so a count that lies ends in WireError. */
function decodeMany<Item>(count: number, decode: () => Item): Item[] {
  const items: Item[] = [];
  while (items.length < count) items.push(decode());
  return items;
}

/** 7 bits a byte as long as the high bit is set, and 8 in the fourth (1.3.1). */
function readU29(reader: ByteReader): number {
  let value = 0;
  for (let index = 0; index < 3; index += 1) {
    const byte = reader.u8();
    value = (value << 7) | (byte & 0x7f);
    if (byte < 0x80) return value;
  }
  return (value << 8) | reader.u8();
}
