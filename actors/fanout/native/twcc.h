/*
 * Transport-wide congestion control of one subscriber: the number that each packet carries in a header extension, and a
 * history of what was sent under them (draft-holmer-rmcat-transport-wide-cc-extensions-01 2).
 *
 * Threads: one thread. Ownership: made by sluice_twcc_create, freed by free().
 */
#ifndef SLUICE_TWCC_H
#define SLUICE_TWCC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SLUICE_TWCC_REMEMBERED is a power of 2: about two seconds of 5 Mbit/s. */
enum { SLUICE_TWCC_EXTENSION_BYTES = 8, SLUICE_TWCC_REMEMBERED = 1024 };

typedef struct {
  uint64_t sent_us;  /* CLOCK_MONOTONIC */
  uint32_t sequence; /* Lower 32 bits of the extended sequence number. */
  uint16_t bytes;
  uint8_t stream; /* Which stream the sequence number belongs to; the caller numbers them. */
} sluice_twcc_packet_t;

typedef struct {
  uint8_t id;     /* Of the extension, 1 to 14. */
  uint64_t first; /* The first number that may be remembered. */
  uint64_t next;
  sluice_twcc_packet_t packets[SLUICE_TWCC_REMEMBERED];
} sluice_twcc_t;

/* NULL when there is no memory. */
sluice_twcc_t *sluice_twcc_create(uint8_t id, uint64_t next);
/* The whole extension (RFC 8285 4.2: one-byte form), the lower 16 bits of the number in it. */
void sluice_twcc_write(const sluice_twcc_t *twcc, uint64_t number, uint8_t out[SLUICE_TWCC_EXTENSION_BYTES]);
/* Records a packet as sent under the next number. */
void sluice_twcc_record(sluice_twcc_t *twcc, const sluice_twcc_packet_t *packet);
/* The latest `count` packets were not taken: their numbers are used again. */
void sluice_twcc_take_back(sluice_twcc_t *twcc, uint64_t count);
/* The number under which a packet was sent; false when that is not remembered. */
bool sluice_twcc_find(const sluice_twcc_t *twcc, uint8_t stream, uint32_t sequence, uint64_t *number);
/* NULL when it is not remembered, or was never sent. */
const sluice_twcc_packet_t *sluice_twcc_sent(const sluice_twcc_t *twcc, uint64_t number);
/* The extended number nearest to the latest one that ends in these 16 bits. */
uint64_t sluice_twcc_extend(const sluice_twcc_t *twcc, uint16_t number);

#endif
