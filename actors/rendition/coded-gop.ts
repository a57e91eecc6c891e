/** The source's pictures since its newest key picture, as they came: what a rendition that starts now has to decode first. */
export interface SourcePicture {
  /** As FLV carries it. */
  readonly data: Uint8Array;
  readonly keyFrame: boolean;
  readonly pts90k: number;
}

export interface CodedGop {
  readonly pictures: readonly SourcePicture[];
  /** The data are kept; where they are a small part of a message, a copy of them: the rest would be held with it. */
  add(picture: SourcePicture): void;
  clear(): void;
}

/** Beyond `maxBytes` nothing is kept until the next key picture: half a group of pictures cannot be decoded. */
export function createCodedGop(maxBytes: number): CodedGop {
  let pictures: SourcePicture[] = [];
  let bytes = 0;
  let isBroken = true;
  return {
    get pictures() {
      return pictures;
    },
    add(picture) {
      if (picture.keyFrame) this.clear();
      isBroken &&= !picture.keyFrame;
      bytes += picture.data.length;
      if (isBroken || bytes > maxBytes) {
        pictures = [];
        isBroken = true;
        return;
      }
      pictures.push({ data: detached(picture.data), keyFrame: picture.keyFrame, pts90k: picture.pts90k });
    },
    clear() {
      pictures = [];
      bytes = 0;
      isBroken = true;
    },
  };
}

/** Most pictures are a message but for its tag header; those of an aggregate message are not. */
function detached(data: Uint8Array): Uint8Array {
  return data.length * 2 < data.buffer.byteLength ? Uint8Array.from(data) : data;
}
