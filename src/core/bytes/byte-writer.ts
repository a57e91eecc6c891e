const firstCapacityBytes = 256;

/** Appends big-endian bytes to a buffer that grows as needed. */
export interface ByteWriter {
  u8(value: number): void;
  u16(value: number): void;
  u32(value: number): void;
  i16(value: number): void;
  /** IEEE 754 double. */
  f64(value: number): void;
  bytes(value: Uint8Array): void;
  /** All that was written. Later writes do not show in it. */
  finish(): Uint8Array;
}

export function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(firstCapacityBytes);
  let view = new DataView(buffer.buffer);
  let length = 0;

  const reserve = (more: number): number => {
    const from = length;
    length += more;
    if (length > buffer.length) {
      const grown = new Uint8Array(Math.max(length, buffer.length * 2));
      grown.set(buffer.subarray(0, from));
      buffer = grown;
      view = new DataView(grown.buffer);
    }
    return from;
  };

  return {
    u8: (value) => {
      const at = reserve(1);
      view.setUint8(at, value);
    },
    u16: (value) => {
      const at = reserve(2);
      view.setUint16(at, value);
    },
    u32: (value) => {
      const at = reserve(4);
      view.setUint32(at, value);
    },
    i16: (value) => {
      const at = reserve(2);
      view.setInt16(at, value);
    },
    f64: (value) => {
      const at = reserve(8);
      view.setFloat64(at, value);
    },
    bytes: (value) => {
      const at = reserve(value.length);
      buffer.set(value, at);
    },
    finish: () => buffer.slice(0, length),
  };
}
