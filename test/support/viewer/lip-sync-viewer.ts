/** A viewer that tells by RTP times and sender reports alone when each flash and each beep is to be shown and heard. */
import { decodeEach } from '../media/decoded-video.js';
import { decodeOpus } from '../media/opus.js';
import { depacketise } from '../rtp/h264-depacketiser.js';
import type { ReceivedRtp } from '../rtp/rtp-receiver.js';
import { beepStarts, type FlashesAndBeeps, flashesOf } from '../source/flash-and-beep.js';
import { until } from '../until.js';
import type { SenderReportSeen, StreamViewer } from './stream-viewer.js';

const clockHz = { video: 90_000, audio: 48_000 } as const;
const keySps = 7;

/** What part of the video flashes, as shares of its size. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
const whole: Region = { left: 0, top: 0, width: 1, height: 1 };

/** NTP time in ms of an RTP time by the report that is nearest to it (RFC 3550 6.4.1). */
export function ntpMsOf(rtpTs: number, reports: readonly SenderReportSeen[], rateHz: number): number {
  const ahead = (report: SenderReportSeen): number => (rtpTs - report.rtpTs) | 0;
  const [first, ...others] = reports;
  if (first === undefined) throw new Error('no sender report came');
  const nearest = others.reduce((best, next) => (Math.abs(ahead(next)) < Math.abs(ahead(best)) ? next : best), first);
  return nearest.ntpMs + (ahead(nearest) * 1000) / rateHz;
}

/** Watches until audio of so many seconds came, then gives what was shown and heard, in NTP time. */
export async function watchFlashes(viewer: StreamViewer, seconds: number, region = whole): Promise<FlashesAndBeeps> {
  await until(`${seconds} s of audio`, () => viewer.audio().length >= seconds * 50, (seconds + 20) * 1000);
  const reports = { video: viewer.senderReports('video'), audio: viewer.senderReports('audio') };
  return {
    flashesMs: await flashesIn(viewer.video(), reports.video, region),
    beepsMs: await beepsIn(viewer.audio(), reports.audio),
  };
}

/** Packets of whole frames, the first of them a keyframe. */
async function flashesIn(packets: readonly ReceivedRtp[], reports: readonly SenderReportSeen[], region: Region) {
  const end = packets.findLastIndex(({ marker }) => marker) + 1;
  const byTime = new Map<number, Uint8Array[]>();
  for (const { timestamp, payload } of packets.slice(0, end)) {
    byTime.set(timestamp, [...(byTime.get(timestamp) ?? []), payload]);
  }
  const units = [...byTime].map(([timestamp, payloads]) => ({ timestamp, nals: depacketise(payloads) }));
  const first = units.findIndex(({ nals }) => nals.some((nal) => ((nal[0] ?? 0) & 31) === keySps));
  const start = units[first]?.timestamp ?? 0;
  const frames = units.slice(first).map(({ timestamp, nals }) => {
    return { codec: 'H264', isKeyframe: false, pts90k: (timestamp - start) >>> 0, nals } as const;
  });
  const shown = await decodeEach(frames, ({ data, stride }, pts90k, width, height) => {
    const [left, top] = [Math.round(region.left * width), Math.round(region.top * height)];
    const [columns, lines] = [Math.round(region.width * width), Math.round(region.height * height)];
    let sum = 0;
    for (let y = top; y < top + lines; y += 1) {
      for (let x = left; x < left + columns; x += 1) sum += data[y * stride + x] ?? 0;
    }
    return { atMs: ntpMsOf((start + pts90k) >>> 0, reports, clockHz.video), luma: sum / (columns * lines) };
  });
  return flashesOf(shown);
}

/**
 * Packets of 20 ms. What a decoder makes of a packet begins at the packet's RTP time: the encoder's look-ahead stands before the
 * first one in decoded audio, and nothing of it is left out here (RFC 7587 4.1 leaves pre-skip to nobody).
 */
async function beepsIn(packets: readonly ReceivedRtp[], reports: readonly SenderReportSeen[]) {
  const pcm = await decodeOpus(packets.map(({ payload }) => payload));
  return beepStarts(pcm).map((sample) => {
    const packet = packets[Math.floor(sample / 960)];
    return ntpMsOf(((packet?.timestamp ?? 0) + (sample % 960)) >>> 0, reports, clockHz.audio);
  });
}
