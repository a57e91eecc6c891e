#include "mark.h"

#include "wire.h"

enum { MARK_BYTES = 16, NUMBER_AT = 2, SENT_AT = 6, KEY_AT = 15, IDR = 5, STAP_A = 24, FU_A = 28 };

/* Seven bits a byte, with the highest bit set: no start code can come of them. */
static uint64_t read_sevens(const uint8_t *at, int count) {
  uint64_t value = 0;
  for (int n = 0; n < count; n += 1) value = value << 7 | (at[n] & 0x7fu);
  return value;
}

bool mark_read(const uint8_t *payload, size_t size, frame_mark *mark) {
  if (size < MARK_BYTES) return false;
  const uint8_t *at = payload + size - MARK_BYTES;
  if (at[0] != 0xa5 || at[1] != 0x5a) return false;
  mark->number = read_sevens(at + NUMBER_AT, SENT_AT - NUMBER_AT);
  mark->sent_ns = read_sevens(at + SENT_AT, KEY_AT - SENT_AT);
  mark->is_key = (at[KEY_AT] & 1) != 0;
  return true;
}

bool payload_has_idr(const uint8_t *payload, size_t size) {
  if (size < 2) return false;
  int type = payload[0] & 31;
  if (type == FU_A) return (payload[1] & 31) == IDR;
  if (type != STAP_A) return type == IDR;
  for (size_t at = 1; at + 3 <= size; at += 2u + read16(payload + at)) {
    if ((payload[at + 2] & 31) == IDR) return true;
  }
  return false;
}
