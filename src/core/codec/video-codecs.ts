/** Codecs of frames by the names that logs, REST and SDP answers share. */

/** What sources send by FLV and Enhanced RTMP. */
export type SourceCodec = 'H264' | 'HEVC' | 'AV1' | 'VP9';

/** What viewers can be sent: any of those as it came, or what an encoder makes. */
export type VideoCodec = SourceCodec | 'VP8';
