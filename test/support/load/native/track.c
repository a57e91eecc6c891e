#include "track.h"

#include <string.h>

#include "wire.h"

enum {
  RECEIVER_REPORT = 201,
  PAYLOAD_FEEDBACK = 206,
  HEADER_BYTES = 8,
  BLOCK_BYTES = 24,
  REMB_BYTES = 24,
  REMB_BPS = 20000000,
  REMB_SHIFT = 8,
  OWN_SSRC = 1,
};

bool track_take(track *of, uint32_t ssrc, uint16_t sequence, uint64_t *index, uint64_t *missing) {
  *missing = 0;
  if (!of->has_begun) {
    of->ssrc = ssrc;
    of->has_begun = true;
    of->first = of->highest = *index = sequence;
    of->received = 1;
    return true;
  }
  uint16_t ahead = (uint16_t)(sequence - (uint16_t)of->highest);
  if (ahead == 0 || ahead >= 0x8000) return false;
  *missing = ahead - 1u;
  of->highest = *index = of->highest + ahead;
  of->received += 1;
  of->lost += *missing;
  return true;
}

void track_note_sender_report(track *of, const uint8_t *packet, uint64_t at_ns) {
  of->report_ntp = read32(packet + 10);
  of->report_ns = at_ns;
}

static void write_header(uint8_t *out, int count, int type, size_t bytes) {
  out[0] = (uint8_t)(0x80 | count);
  out[1] = (uint8_t)type;
  write16(out + 2, (uint32_t)(bytes / 4 - 1));
  write32(out + 4, OWN_SSRC);
}

static void write_block(uint8_t *out, track *of, uint64_t at_ns) {
  uint64_t expected = of->highest - of->reported_highest, received = of->received - of->reported_received;
  uint64_t lost = expected > received ? expected - received : 0;
  memset(out, 0, BLOCK_BYTES);
  write32(out, of->ssrc);
  out[4] = (uint8_t)(expected == 0 ? 0 : lost * 255 / expected);
  out[5] = (uint8_t)(of->lost >> 16);
  write16(out + 6, (uint32_t)of->lost);
  write32(out + 8, (uint32_t)of->highest);
  write32(out + 16, of->report_ntp);
  /* In units of 1/65,536 s. */
  if (of->report_ns != 0) write32(out + 20, (uint32_t)((at_ns - of->report_ns) * 65536 / 1000000000u));
  of->reported_highest = of->highest;
  of->reported_received = of->received;
}

size_t write_report(uint8_t *out, track *tracks, int count, uint64_t at_ns) {
  int blocks = 0;
  for (int n = 0; n < count; n += 1) {
    if (tracks[n].has_begun) write_block(out + HEADER_BYTES + BLOCK_BYTES * blocks++, &tracks[n], at_ns);
  }
  size_t report = HEADER_BYTES + (size_t)(BLOCK_BYTES * blocks);
  write_header(out, blocks, RECEIVER_REPORT, report);
  /* draft-alvestrand-rmcat-remb: exponent of 6 bits, mantissa of 18. */
  uint8_t *remb = out + report;
  write_header(remb, 15, PAYLOAD_FEEDBACK, REMB_BYTES);
  write32(remb + 8, 0);
  memcpy(remb + 12, "REMB", 4);
  write32(remb + 16, 1u << 24 | (uint32_t)REMB_SHIFT << 18 | REMB_BPS >> REMB_SHIFT);
  write32(remb + 20, tracks[0].ssrc);
  return report + REMB_BYTES;
}
