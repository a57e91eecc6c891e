/** FLV script data, Adobe's FLV 10.1 section E.5: what a source says beside audio and video. */

import { type AmfValue, isAmfObject } from '../amf/amf-value.js';
import { decodeLeadingAmf0 } from '../amf/amf0.js';
import { WireError } from '../bytes/wire-error.js';

/** RTMP's AMF3 data messages begin with a format byte 0; a name, a string, begins with another. */
const amf3Format = 0;
/** What publishers put before the name; some servers pass it on. */
const publisherCall = '@setDataFrame';

export interface ScriptData {
  /** "onMetaData", "onTextData", "onCuePoint", or any other. */
  readonly name: string;
  readonly values: readonly AmfValue[];
}

/**
 * The body of an RTMP data message. What stands before the name (numbers of some encoders) is passed over, and so are bytes
 * that are no AMF behind the values. Throws WireError on bytes that are no AMF, and on data without a name.
 */
export function parseScriptTag(body: Uint8Array): ScriptData {
  // A first byte of 0 may be a number's marker as well: then the name stands behind the number.
  const script = body[0] === amf3Format ? (findName(body.subarray(1)) ?? findName(body)) : findName(body);
  if (script === null) throw new WireError('flv.script', 'data without a name');
  return script;
}

/** Null where the bytes begin with no AMF, or hold no name. */
function findName(bytes: Uint8Array): ScriptData | null {
  const values = decodeLeadingAmf0(bytes);
  const at = values.findIndex((value) => typeof value === 'string' && value !== publisherCall);
  const name = values[at];
  return typeof name === 'string' ? { name, values: values.slice(at + 1) } : null;
}

/** True for an onMetaData that announces video: there will be some, however long it takes to come. */
export function promisesVideo({ name, values: [metadata] }: ScriptData): boolean {
  if (name !== 'onMetaData' || metadata === undefined || !isAmfObject(metadata)) return false;
  const { hasVideo, videocodecid, width } = metadata;
  if (hasVideo === false) return false;
  return hasVideo === true || isSaid(videocodecid) || isSaid(width);
}

/** What metadata say of the audio; null where they do not. */
export interface SaidAudio {
  readonly sampleRateHz: number | null;
  readonly channels: number | null;
}

/** Null for other data than onMetaData. */
export function saidAudio({ name, values: [metadata] }: ScriptData): SaidAudio | null {
  if (name !== 'onMetaData' || metadata === undefined || !isAmfObject(metadata)) return null;
  const { audiosamplerate, audiochannels, stereo } = metadata;
  const sampleRateHz = whole(audiosamplerate, 4000, 192_000);
  const channels = whole(audiochannels, 1, 8) ?? (typeof stereo === 'boolean' ? (stereo ? 2 : 1) : null);
  return { sampleRateHz, channels };
}

/** Encoders write numbers as text now and then. */
function whole(value: AmfValue, least: number, most: number): number | null {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most ? number : null;
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
