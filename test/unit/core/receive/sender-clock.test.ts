import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SenderClock } from '../../../../src/core/receive/sender-clock.js';

const audioHz = 48_000;
const videoHz = 90_000;

/** A sender that has taken both tracks at one moment; its RTP times begin anywhere. */
const rtpOf = (track: 'audio' | 'video', ms: number): number =>
  track === 'audio' ? (0xffff_0000 + ms * 48) >>> 0 : (0x1234_5678 + ms * 90) >>> 0;

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 0.1, `${actual} in place of ${expected}`);
}

test('before the reports each track stands where it came first, and runs by its own clock', () => {
  const clock = new SenderClock();
  near(clock.stampMs('video', rtpOf('video', 0), videoHz, 1000), 1000);
  near(clock.stampMs('audio', rtpOf('audio', 2000), audioHz, 1010), 1010);
  near(clock.stampMs('video', rtpOf('video', 40), videoHz, 5000), 1040);
  near(clock.stampMs('audio', rtpOf('audio', 2020), audioHz, 5000), 1030);
});

test('reports put the audio where it belongs by the video, whichever comes first, also over the wrap of RTP time', () => {
  for (const tracks of [['audio', 'video'] as const, ['video', 'audio'] as const]) {
    const clock = new SenderClock();
    clock.stampMs('video', rtpOf('video', 0), videoHz, 1000);
    clock.stampMs('audio', rtpOf('audio', 2000), audioHz, 1010);
    for (const track of tracks) clock.reported(track, 50_000 + 2500, rtpOf(track, 2500));
    near(clock.stampMs('video', rtpOf('video', 2000), videoHz, 9000), 3000);
    near(clock.stampMs('audio', rtpOf('audio', 2000), audioHz, 9000), 3000);
  }
});

test('reports that came before the packets count, and those of two moments too', () => {
  const clock = new SenderClock();
  clock.reported('audio', 50_000, rtpOf('audio', 0));
  clock.reported('video', 50_700, rtpOf('video', 700));
  near(clock.stampMs('audio', rtpOf('audio', 1000), audioHz, 1000), 1000);
  near(clock.stampMs('video', rtpOf('video', 400), videoHz, 1005), 1005);
  near(clock.stampMs('audio', rtpOf('audio', 1020), audioHz, 1020), 1625);
  near(clock.stampMs('video', rtpOf('video', 1020), videoHz, 1020), 1625);
});

test('a clock that drifts is followed from report to report, and one that is broken is not', () => {
  const clock = new SenderClock();
  clock.stampMs('video', rtpOf('video', 0), videoHz, 0);
  clock.stampMs('audio', rtpOf('audio', 0), audioHz, 0);
  clock.reported('video', 10_000, rtpOf('video', 10_000));
  clock.reported('audio', 10_000, rtpOf('audio', 10_007));
  near(clock.stampMs('audio', rtpOf('audio', 10_007), audioHz, 0), 10_000);
  clock.reported('audio', 10_000_000, rtpOf('audio', 11_000));
  near(clock.stampMs('audio', rtpOf('audio', 10_007), audioHz, 0), 10_000);
});

test('another stream of a track begins by its arrival, and knows nothing of the reports before', () => {
  const clock = new SenderClock();
  clock.stampMs('video', 0, videoHz, 0);
  clock.stampMs('audio', 0, audioHz, 0);
  clock.begin('video');
  near(clock.stampMs('video', 77, videoHz, 500), 500);
});
