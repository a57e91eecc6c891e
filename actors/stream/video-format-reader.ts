/** Which format the source's video is in, by its sequence headers and keyframes; a source may change it at any time. */
import type { SourceCodec } from '../../src/core/codec/video-codecs.js';
import type { VideoTag } from '../../src/core/flv/video-tag.js';
import { openFormat, openFormatByKey, type VideoFormat } from '../../src/core/rtp/video-format.js';

export type FrameTag = Extract<VideoTag, { kind: 'frame' }>;

export interface VideoFormatReader {
  /** Of the latest configuration that said all. */
  readonly format: VideoFormat | null;
  /** A sequence header. Throws WireError. */
  configure(codec: SourceCodec, record: Uint8Array): void;
  /** The format of this frame; null while it is not known. Throws WireError. */
  formatOf(frame: FrameTag): VideoFormat | null;
}

/** `onFormat`: the frames that follow are of this format; `isOtherCodec`: and those before were of another codec. */
export function createVideoFormatReader(
  onFormat: (format: VideoFormat, isOtherCodec: boolean) => void,
): VideoFormatReader {
  let format: VideoFormat | null = null;
  /** What the source last configured, whether or not that said all. */
  let header: { readonly codec: SourceCodec; readonly record: Uint8Array } | null = null;

  const adopt = (opened: VideoFormat): void => {
    const isOtherCodec = format?.info.codec !== opened.info.codec;
    format = opened;
    onFormat(opened, isOtherCodec);
  };

  return {
    get format() {
      return format;
    },
    configure(codec, record) {
      if (header?.codec === codec && Buffer.compare(header.record, record) === 0) return;
      // A view of what was read from the socket must not hold a whole read in memory.
      header = { codec, record: Uint8Array.from(record) };
      const opened = openFormat(codec, header.record);
      if (opened !== null) adopt(opened);
    },
    formatOf({ codec, isKeyframe, data }) {
      // Some codecs have their format in keyframes, in place of a sequence header or beside it.
      if (isKeyframe && (codec === 'VP9' || format?.info.codec !== codec)) {
        const opened = openFormatByKey(codec, header?.codec === codec ? header.record : null, data);
        if (opened !== null && JSON.stringify(opened.info) !== JSON.stringify(format?.info)) adopt(opened);
      }
      return format?.info.codec === codec ? format : null;
    },
  };
}
