/* Time as the rest of the process has it: CLOCK_MONOTONIC, which is process.hrtime of Node. */
#pragma once
#include <stdint.h>
#include <time.h>

static inline uint64_t nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline uint64_t now_ns(void) { return nanoseconds(CLOCK_MONOTONIC); }
