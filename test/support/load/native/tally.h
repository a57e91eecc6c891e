/* What all viewers of the process have seen since the last reset. */
#pragma once
#include <stdint.h>

/* 32 steps an octave, of microseconds: within 3 %. Those below 32 have a bucket each. */
enum { HISTOGRAM_BUCKETS = 1024, HISTOGRAM_STEPS = 32 };

typedef struct {
  uint32_t counts[HISTOGRAM_BUCKETS];
} histogram;

typedef struct {
  uint64_t packets, bytes, lost, repeated, opened, unauthentic, others;
  uint64_t frames, frames_missed, reports_sent, checks_sent, sender_reports;
  /* From the origin's mark to the last packet of a frame in the viewer's socket; all frames, and those that are no
   * keyframes. */
  histogram delay, delay_between;
  /* From a datagram in its socket until it is read here. */
  histogram lag;
} tally;

static inline void histogram_add(histogram *to, int64_t us) {
  if (us < 0) us = 0;
  int octave = us < HISTOGRAM_STEPS ? 0 : 63 - __builtin_clzll((uint64_t)us) - 4;
  int64_t bucket = octave == 0 ? us : octave * HISTOGRAM_STEPS + ((us >> (octave - 1)) & (HISTOGRAM_STEPS - 1));
  to->counts[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1] += 1;
}
