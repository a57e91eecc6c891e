/*
 * The numbers that all packets of one viewer's transport carry in a header extension, and what is remembered of those that
 * were sent under them (draft-holmer-rmcat-transport-wide-cc-extensions-01 2).
 */
#ifndef SLUICE_TRANSPORT_H
#define SLUICE_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TRANSPORT_REMEMBERED is a power of 2: about two seconds of 5 Mbit/s. */
enum { TRANSPORT_EXTENSION_BYTES = 8, TRANSPORT_REMEMBERED = 1024 };

typedef struct {
  uint64_t sent_us; /* CLOCK_MONOTONIC */
  uint32_t sequence; /* Lower 32 bits of the extended sequence number. */
  uint16_t bytes;
  uint8_t stream; /* Told apart by the caller. */
} transport_packet;

typedef struct {
  uint8_t id; /* Of the extension, 1 to 14. */
  uint64_t first; /* The first number that was given here. */
  uint64_t next;
  transport_packet packets[TRANSPORT_REMEMBERED];
} transport;

/* NULL without memory. */
transport *transport_create(uint8_t id, uint64_t next);
/* The whole extension (RFC 8285 4.2: one-byte form), the lower 16 bits of the number in it. */
void transport_write(const transport *transport, uint64_t number, uint8_t out[TRANSPORT_EXTENSION_BYTES]);
/* A packet under the next number is on its way. */
void transport_record(transport *transport, const transport_packet *packet);
/* The latest ones were not taken: their numbers are given anew. */
void transport_take_back(transport *transport, uint64_t count);
/* The number that a packet of a stream had; false when it is not remembered. */
bool transport_find(const transport *transport, uint8_t stream, uint32_t sequence, uint64_t *number);
/* NULL when it is not remembered, or was never sent. */
const transport_packet *transport_sent(const transport *transport, uint64_t number);
/* The extended number nearest to the latest one that ends in these 16 bits. */
uint64_t transport_extend(const transport *transport, uint16_t number);

#endif
