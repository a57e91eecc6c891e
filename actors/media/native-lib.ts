/** What is used of node-av, and by tree shaking the only part of it that the bundle has. Loads the binary. */
export { AV_LOG_QUIET } from 'node-av/constants';
export {
  Codec,
  CodecContext,
  FormatContext,
  Frame,
  getFFmpegInfo,
  IOContext,
  Log,
  Packet,
  Rational,
  SoftwareResampleContext,
  SoftwareScaleContext,
} from 'node-av/lib';
