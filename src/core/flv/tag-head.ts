/**
 * What stands before the data of an FLV audio tag. Tags with one head are of one kind: the same codec, the same sort of packet
 * (FLV 10.1 section E.4.2; Enhanced RTMP v2, ExAudioTagHeader).
 */

const exHeader = 9;
/** AAC's second byte says what sort of packet follows. */
const aac = 10;
/** The packet type of Enhanced RTMP whose data follow the FourCC at once, but for many tracks and ModEx. */
const codedFrames = 1;

/** Null where the first bytes do not say it, or the tag holds no frame that can be played. */
export function audioTagHead(body: Uint8Array): number | null {
  const first = body[0];
  const second = body[1];
  if (first === undefined || second === undefined) return null;
  if (first >> 4 === exHeader) return (first & 15) === codedFrames ? withFourCc(first, body) : null;
  return first >> 4 === aac ? first * 256 + second : first * 256;
}

/** A number of 40 bits. */
function withFourCc(first: number, body: Uint8Array): number | null {
  if (body.length < 5) return null;
  const [, a = 0, b = 0, c = 0, d = 0] = body;
  return first * 2 ** 32 + (a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d);
}
