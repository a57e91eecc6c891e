/**
 * Stamps for the packets of two RTP streams by the sender's one clock: its reports say which RTP time of each track belongs to
 * which NTP time (RFC 3550 6.4.1). The video's clock is the line that both stand on; reports move the audio against it. Before
 * they have come, what arrives first of each track counts as of one time.
 */
export type ReceivedTrack = 'audio' | 'video';

interface Report {
  readonly ntpMs: number;
  /** 32 bits. */
  readonly rtpTs: number;
}

interface TrackClock {
  readonly clockHz: number;
  /** Unwrapped, as are those below. */
  lastTicks: number;
  readonly firstTicks: number;
  /** The line's time at `firstTicks`. */
  readonly firstMs: number;
}

/** An NTP time that lies further off is that of a broken clock, not a delay. */
const mostShiftMs = 30_000;

export class SenderClock {
  readonly #tracks = new Map<ReceivedTrack, TrackClock>();
  readonly #reports = new Map<ReceivedTrack, Report>();
  /** By how much the audio is to be moved on the line. */
  #shiftMs = 0;

  /** Another stream of this track follows. */
  begin(track: ReceivedTrack): void {
    this.#tracks.delete(track);
    this.#reports.delete(track);
  }

  /** The stamp of a packet, in ms with fractions; `arrivedMs`: monotonic. */
  stampMs(track: ReceivedTrack, rtpTs: number, clockHz: number, arrivedMs: number): number {
    const known = this.#tracks.get(track);
    const isNew = known?.clockHz !== clockHz;
    const clock = isNew ? { clockHz, lastTicks: rtpTs, firstTicks: rtpTs, firstMs: arrivedMs } : known;
    if (isNew) {
      this.#tracks.set(track, clock);
      this.#align();
    }
    clock.lastTicks = near(rtpTs, clock.lastTicks);
    return lineMs(clock, clock.lastTicks) + (track === 'audio' ? this.#shiftMs : 0);
  }

  /** A sender report of the track, which may come before its first packet. */
  reported(track: ReceivedTrack, ntpMs: number, rtpTs: number): void {
    this.#reports.set(track, { ntpMs, rtpTs });
    this.#align();
  }

  #align(): void {
    const [audio, video] = [this.#tracks.get('audio'), this.#tracks.get('video')];
    const [ofAudio, ofVideo] = [this.#reports.get('audio'), this.#reports.get('video')];
    if (!audio || !video || !ofAudio || !ofVideo) return;
    // Where the line is at the moment of the audio's report, by the video.
    const videoMs = lineMs(video, near(ofVideo.rtpTs, video.lastTicks)) + ofAudio.ntpMs - ofVideo.ntpMs;
    const shiftMs = videoMs - lineMs(audio, near(ofAudio.rtpTs, audio.lastTicks));
    if (Math.abs(shiftMs) <= mostShiftMs) this.#shiftMs = shiftMs;
  }
}

const lineMs = ({ firstMs, firstTicks, clockHz }: TrackClock, ticks: number): number =>
  firstMs + ((ticks - firstTicks) * 1000) / clockHz;

/** The unwrapped time that has these lower 32 bits and lies nearest to `ticks`. */
const near = (rtpTs: number, ticks: number): number => ticks + ((rtpTs - ticks) | 0);
