/** A profile of a codec in which video can be sent. What a rendition's parameters will be need not be said. */
export type CodecProfile =
  /** Null: not known, or ours. */
  | { readonly codec: 'H264'; readonly profileLevelId: string | null }
  /** general_profile_idc. */
  | { readonly codec: 'HEVC'; readonly profileIdc: number }
  /** seq_profile. */
  | { readonly codec: 'AV1'; readonly profile: number }
  | { readonly codec: 'VP9'; readonly profile: number }
  | { readonly codec: 'VP8' };

/** As it comes from a source. */
export type SourceVideo = Exclude<CodecProfile, { readonly codec: 'VP8' }>;
