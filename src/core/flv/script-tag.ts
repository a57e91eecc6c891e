/** FLV script data, Adobe's FLV 10.1 section E.5: what onMetaData promises of a stream. */
import { type AmfValue, isAmfObject } from '../rtmp/amf-value.js';
import { decodeAmf0 } from '../rtmp/amf0.js';

/** RTMP's AMF3 data messages begin with a format byte 0; a name, a string, begins with another. */
const amf3Format = 0;

/**
 * True when the body of an RTMP data message is an onMetaData that tells of a picture: there will be one, however long
 * it takes to come. Throws WireError on bytes that are no AMF.
 */
export function promisesVideo(body: Uint8Array): boolean {
  const decoded = decodeAmf0(body[0] === amf3Format ? body.subarray(1) : body);
  const [name, metadata] = decoded[0] === '@setDataFrame' ? decoded.slice(1) : decoded;
  if (name !== 'onMetaData' || metadata === undefined || !isAmfObject(metadata)) return false;
  const { hasVideo, videocodecid, width } = metadata;
  if (hasVideo === false) return false;
  return hasVideo === true || isSaid(videocodecid) || isSaid(width);
}

/** Codecs are numbers, or names such as "avc1"; 0 and an empty name stand for none. */
const isSaid = (value: AmfValue): boolean =>
  (typeof value === 'number' && value > 0) || (typeof value === 'string' && value !== '');
