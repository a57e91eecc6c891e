/** What a decoder is opened with. */
export interface VideoConfig {
  readonly codec: 'H264' | 'HEVC' | 'AV1' | 'VP9';
  /** The source's sequence header (avcC, hvcC, av1C); empty where the codec has none. */
  readonly extraData: Uint8Array;
}
