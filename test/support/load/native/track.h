/* The sequence numbers of one track (RFC 3550 A.1), and what a receiver report says of it (RFC 3550 6.4.2). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t ssrc;
  bool has_begun;
  /* Roll-over counter and sequence number. */
  uint64_t first, highest;
  uint64_t received, lost;
  /* At the last report. */
  uint64_t reported_received, reported_highest;
  /* The middle of the NTP time of the last sender report, and when it came. */
  uint32_t report_ntp;
  uint64_t report_ns;
} track;

/* False: it came before. Else `*index` is that of SRTP, and `*missing` how many were left out before it. */
bool track_take(track *of, uint32_t ssrc, uint16_t sequence, uint64_t *index, uint64_t *missing);

/* `packet`: a sender report, of 20 bytes at least (RFC 3550 6.4.1). */
void track_note_sender_report(track *of, const uint8_t *packet, uint64_t at_ns);

/* A report with a block for each track that has begun, and REMB, as Chromium sends it. Gives its bytes. */
size_t write_report(uint8_t *out, track *tracks, int count, uint64_t at_ns);
