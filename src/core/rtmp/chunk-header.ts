/** The header of a chunk as it stands in the bytes (RTMP 1.0 5.3.1.1 and 5.3.1.2). */

const fieldBytes = [11, 7, 3, 0] as const;
const extendedMark = 0xffffff;

/** Fields that the header type leaves out are 0. */
export interface ChunkHeader {
  /** 0 to 3: how much of the message header is there. */
  readonly headerType: number;
  readonly chunkStreamId: number;
  /** Timestamp for type 0, distance for types 1 and 2. The extended field is read already. */
  readonly timestampField: number;
  /** False for type 3: its extended field is there by what came before, which the reader knows. */
  readonly isExtended: boolean;
  readonly lengthBytes: number;
  readonly typeId: number;
  readonly streamId: number;
  /** Of the header itself. */
  readonly sizeBytes: number;
}

/** Returns null while the header is incomplete. */
export function parseChunkHeader(view: DataView, at: number): ChunkHeader | null {
  const available = view.byteLength - at;
  if (available < 1) return null;
  const first = view.getUint8(at);
  const headerType = first >> 6;
  const low = first & 0x3f;
  const basicBytes = low > 1 ? 1 : low + 2;
  const fixedBytes = basicBytes + (fieldBytes[headerType] ?? 0);
  if (available < fixedBytes) return null;

  let chunkStreamId = low;
  if (low === 0) chunkStreamId = 64 + view.getUint8(at + 1);
  // The third byte is the high one.
  else if (low === 1) chunkStreamId = 64 + view.getUint16(at + 1, true);

  const fieldsAt = at + basicBytes;
  const timestampField = headerType < 3 ? readU24(view, fieldsAt) : 0;
  const isExtended = timestampField === extendedMark;
  const sizeBytes = fixedBytes + (isExtended ? 4 : 0);
  if (available < sizeBytes) return null;
  return {
    headerType,
    chunkStreamId,
    timestampField: isExtended ? view.getUint32(at + fixedBytes) : timestampField,
    isExtended,
    lengthBytes: headerType < 2 ? readU24(view, fieldsAt + 3) : 0,
    typeId: headerType < 2 ? view.getUint8(fieldsAt + 6) : 0,
    streamId: headerType === 0 ? view.getUint32(fieldsAt + 7, true) : 0,
    sizeBytes,
  };
}

function readU24(view: DataView, at: number): number {
  return view.getUint16(at) * 256 + view.getUint8(at + 2);
}
