/** FLV script data, Adobe's FLV 10.1 section E.5: what a source says beside audio and video. */

import { type AmfValue, isAmfObject } from '../amf/amf-value.js';
import { decodeAmf0 } from '../amf/amf0.js';
import { WireError } from '../bytes/wire-error.js';

/** RTMP's AMF3 data messages begin with a format byte 0; a name, a string, begins with another. */
const amf3Format = 0;

export interface ScriptData {
  /** "onMetaData", "onTextData", "onCuePoint", or any other. */
  readonly name: string;
  readonly values: readonly AmfValue[];
}

/** The body of an RTMP data message. Throws WireError on bytes that are no AMF, and on data without a name. */
export function parseScriptTag(body: Uint8Array): ScriptData {
  const decoded = decodeAmf0(body[0] === amf3Format ? body.subarray(1) : body);
  const [name, ...values] = decoded[0] === '@setDataFrame' ? decoded.slice(1) : decoded;
  if (typeof name !== 'string') throw new WireError('flv.script', 'data without a name');
  return { name, values };
}

/** True for an onMetaData that announces video: there will be some, however long it takes to come. */
export function promisesVideo({ name, values: [metadata] }: ScriptData): boolean {
  if (name !== 'onMetaData' || metadata === undefined || !isAmfObject(metadata)) return false;
  const { hasVideo, videocodecid, width } = metadata;
  if (hasVideo === false) return false;
  return hasVideo === true || isSaid(videocodecid) || isSaid(width);
}

/** Codecs are numbers, or names such as "avc1"; 0 and an empty name stand for none. */
const isSaid = (value: AmfValue): boolean =>
  (typeof value === 'number' && value > 0) || (typeof value === 'string' && value !== '');

/**
 * The values as JSON: dates as ISO 8601, bytes in Base64, what JSON has no word for (undefined, infinities) as null.
 * Null when the text would be longer than `maxLength`.
 */
export function toJson(values: readonly AmfValue[], maxLength: number): string | null {
  const text = JSON.stringify(values, (_name, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  return text.length > maxLength ? null : text;
}
