/** A viewer's SDP offer, read (RFC 8866, RFC 8829, RFC 9143). Plain data: it crosses thread boundaries as it is. */
export interface OfferedCodec {
  readonly payloadType: number;
  /** Encoding name as written, for example "H264", "opus". */
  readonly name: string;
  readonly clockRateHz: number;
  readonly channels: number;
  /** fmtp parameters by lower-case key. */
  readonly parameters: Readonly<Record<string, string>>;
  /** rtcp-fb values, for example "nack", "nack pli", "ccm fir", "goog-remb". */
  readonly feedback: readonly string[];
  /** Under which its packets may be sent again (RFC 4588 8.1); null: none is offered. */
  readonly rtxPayloadType: number | null;
}

export interface OfferedMedia {
  /** "audio", "video" or anything else, as written. */
  readonly kind: string;
  readonly protocol: string;
  /** Format list of the m-line as written: a refused m-line repeats it. */
  readonly formats: readonly string[];
  /** Empty when the m-line has none. */
  readonly mid: string;
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** True for port 0 without bundle-only: the viewer itself refuses this m-line. */
  readonly refused: boolean;
  readonly rtcpMux: boolean;
  readonly rtcpReducedSize: boolean;
  /** Without those of RTX. */
  readonly codecs: readonly OfferedCodec[];
  /** RTP header extensions: id by URI. */
  readonly extensions: Readonly<Record<string, number>>;
}

export interface Offer {
  readonly media: readonly OfferedMedia[];
  /** mids of the BUNDLE group in order; empty without one. */
  readonly bundle: readonly string[];
  /** Those of the m-line that carries the BUNDLE group's transport; empty when the offer has none. */
  readonly iceUfrag: string;
  readonly icePwd: string;
  /** Tokens of a=ice-options. */
  readonly iceOptions: readonly string[];
  /** Algorithm in lower case, value in upper case; both empty when the offer has none. */
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly setup: 'actpass' | 'active' | 'passive' | 'holdconn';
}
