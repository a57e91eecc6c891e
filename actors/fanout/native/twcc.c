/* A ring of the packets that were sent last, by transport-wide number. */
#include "twcc.h"

#include <stdlib.h>
#include <string.h>

sluice_twcc_t *sluice_twcc_create(uint8_t id, uint64_t next) {
  sluice_twcc_t *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->id = id;
  made->first = next;
  made->next = next;
  return made;
}

void sluice_twcc_write(const sluice_twcc_t *twcc, uint64_t number, uint8_t out[SLUICE_TWCC_EXTENSION_BYTES]) {
  const uint8_t bytes[SLUICE_TWCC_EXTENSION_BYTES] = {
      /* One-byte form, one word of elements: an id and two bytes, and padding. */
      0xbe, 0xde, 0, 1, (uint8_t)(twcc->id << 4 | 1), (uint8_t)(number >> 8), (uint8_t)number, 0,
  };
  memcpy(out, bytes, sizeof bytes);
}

void sluice_twcc_record(sluice_twcc_t *twcc, const sluice_twcc_packet_t *packet) {
  twcc->packets[twcc->next % SLUICE_TWCC_REMEMBERED] = *packet;
  twcc->next += 1;
}

void sluice_twcc_take_back(sluice_twcc_t *twcc, uint64_t count) {
  /* They were recorded over the oldest ones, which are forgotten. */
  if (twcc->next - twcc->first > SLUICE_TWCC_REMEMBERED) twcc->first = twcc->next - SLUICE_TWCC_REMEMBERED;
  twcc->next -= count;
  if (twcc->first > twcc->next) twcc->first = twcc->next;
}

const sluice_twcc_packet_t *sluice_twcc_sent(const sluice_twcc_t *twcc, uint64_t number) {
  if (number < twcc->first || number >= twcc->next) return NULL;
  if (twcc->next - number > SLUICE_TWCC_REMEMBERED) return NULL;
  return &twcc->packets[number % SLUICE_TWCC_REMEMBERED];
}

bool sluice_twcc_find(const sluice_twcc_t *twcc, uint8_t stream, uint32_t sequence, uint64_t *number) {
  for (uint64_t n = twcc->next; n > twcc->first && twcc->next - n < SLUICE_TWCC_REMEMBERED; n -= 1) {
    const sluice_twcc_packet_t *packet = &twcc->packets[(n - 1) % SLUICE_TWCC_REMEMBERED];
    if (packet->stream != stream || packet->sequence != sequence) continue;
    *number = n - 1;
    return true;
  }
  return false;
}

uint64_t sluice_twcc_extend(const sluice_twcc_t *twcc, uint16_t number) {
  uint64_t near = twcc->next - (twcc->next > twcc->first ? 1 : 0);
  return near + (uint64_t)(int64_t)(int16_t)(number - (uint16_t)near);
}
