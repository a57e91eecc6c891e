/** What AMF0 and AMF3 values are in here. */

/**
 * Objects, typed objects and associative arrays have no prototype, so that no key of a peer (`__proto__`) means
 * anything; class names are left out. XML documents are strings, vectors arrays, dictionaries arrays of pairs.
 */
export interface AmfObject {
  readonly [key: string]: AmfValue;
}

export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | Date
  | Uint8Array
  | readonly AmfValue[]
  | AmfObject;

/** Narrows to an object with keys. */
export function isAmfObject(value: AmfValue): value is AmfObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !(value instanceof Date || value instanceof Uint8Array);
}
