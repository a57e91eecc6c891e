#include "transport.h"

#include <stdlib.h>
#include <string.h>

transport *transport_create(uint8_t id, uint64_t next) {
  transport *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->id = id;
  made->first = next;
  made->next = next;
  return made;
}

void transport_write(const transport *transport, uint64_t number, uint8_t out[TRANSPORT_EXTENSION_BYTES]) {
  const uint8_t bytes[TRANSPORT_EXTENSION_BYTES] = {
      /* One-byte form, one word of elements: an id and two bytes, and padding. */
      0xbe, 0xde, 0, 1, (uint8_t)(transport->id << 4 | 1), (uint8_t)(number >> 8), (uint8_t)number, 0,
  };
  memcpy(out, bytes, sizeof bytes);
}

void transport_record(transport *transport, const transport_packet *packet) {
  transport->packets[transport->next % TRANSPORT_REMEMBERED] = *packet;
  transport->next += 1;
}

void transport_take_back(transport *transport, uint64_t count) { transport->next -= count; }

const transport_packet *transport_sent(const transport *transport, uint64_t number) {
  if (number < transport->first || number >= transport->next) return NULL;
  if (transport->next - number > TRANSPORT_REMEMBERED) return NULL;
  return &transport->packets[number % TRANSPORT_REMEMBERED];
}

bool transport_find(const transport *transport, uint8_t stream, uint32_t sequence, uint64_t *number) {
  for (uint64_t n = transport->next; n > transport->first && transport->next - n < TRANSPORT_REMEMBERED; n -= 1) {
    const transport_packet *packet = &transport->packets[(n - 1) % TRANSPORT_REMEMBERED];
    if (packet->stream != stream || packet->sequence != sequence) continue;
    *number = n - 1;
    return true;
  }
  return false;
}

uint64_t transport_extend(const transport *transport, uint16_t number) {
  uint64_t near = transport->next - (transport->next > transport->first ? 1 : 0);
  return near + (uint64_t)(int64_t)(int16_t)(number - (uint16_t)near);
}
