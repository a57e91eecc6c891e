/** The codecs in which sources send audio, and what a decoder must know of each before its first frame. */

/** Rate and channels are the source's word; decoded frames have the last one. */
export interface AudioFormat {
  readonly sampleRateHz: number;
  readonly channels: number;
}

/** Those of which only the FLV header says something. */
export type FlvHeaderConfig = AudioFormat &
  (
    | { readonly codec: 'PCM'; readonly bitsPerSample: 8 | 16 }
    | { readonly codec: 'Speex' | 'PCMA' | 'PCMU' | 'Nellymoser' | 'ADPCM' }
  );

/** Those whose every frame says its rate and channels. */
export type FrameHeaderConfig = AudioFormat & { readonly codec: 'MP3' | 'AC-3' | 'E-AC-3' };

/** Those whose stream begins with a configuration of its own. */
export type ConfiguredConfig = AudioFormat &
  (
    | {
        readonly codec: 'AAC';
        /** AudioSpecificConfig, ISO/IEC 14496-3 section 1.6.2.1. */
        readonly audioSpecificConfig: Uint8Array;
      }
    | {
        readonly codec: 'Opus';
        /** The identification header, RFC 7845 5.1. */
        readonly opusHead: Uint8Array;
        /** One stream of one or two channels, to be played as it is: a packet of it is one of RTP (RFC 7587). */
        readonly isPlain: boolean;
      }
    | {
        readonly codec: 'FLAC';
        /** METADATA_BLOCK_STREAMINFO, RFC 9639 8.2: 34 bytes. */
        readonly streamInfo: Uint8Array;
      }
  );

export type AudioConfig = FlvHeaderConfig | FrameHeaderConfig | ConfiguredConfig;
export type ConfiguredCodec = ConfiguredConfig['codec'];
export type FrameHeaderCodec = FrameHeaderConfig['codec'];

/** What a decoder is opened with, over and above its codec. */
export function setupOf(config: AudioConfig): Uint8Array | null {
  switch (config.codec) {
    case 'AAC':
      return config.audioSpecificConfig;
    case 'Opus':
      return config.opusHead;
    case 'FLAC':
      return config.streamInfo;
    default:
      return null;
  }
}
