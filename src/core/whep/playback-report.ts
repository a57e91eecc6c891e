/** What a browser says of how it plays, told back by our player (docs/player.md, Telemetry). Types only. */

export interface PlaybackReport {
  /** Since the session began. */
  readonly framesDecoded: number;
  readonly framesDropped: number;
  /** From the wish to play until the first frame was decoded; null: none was, or it is not known. */
  readonly firstFrameMs: number | null;
  /** Pauses of the video that a viewer sees (freezeCount of webrtc-stats), and how long they were together. */
  readonly freezes: number;
  readonly frozenMs: number;
  readonly framesPerSecond: number;
  readonly bitrateKbps: number;
  /** 0 to 1, since the report before. */
  readonly lossFraction: number;
  readonly jitterMs: number;
  readonly roundTripMs: number | null;
  /** From the source's arrival at the server until it is shown. */
  readonly delayMs: number | null;
  /** As the browser names them; empty where it does not. */
  readonly codec: string;
  readonly decoder: string;
  readonly width: number;
  readonly height: number;
  /** "udp" or "tcp", and the kind of the browser's own candidate (RFC 8445 5.1.1); empty: not told. */
  readonly protocol: string;
  readonly candidate: string;
}

export interface ReceivedReport extends PlaybackReport {
  /** UTC. */
  readonly receivedMs: number;
}
