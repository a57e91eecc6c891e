/*
 * A batch of datagrams for sendmmsg(2): many subscribers in one system call, many packets of one subscriber in one
 * message (UDP_SEGMENT, udp(7)).
 *
 * Threads: a batch belongs to the fan-out that holds it, and so to one thread. Ownership: the batch owns its bytes; a
 * route's descriptor is the caller's. All messages of a batch go by one socket.
 */
#ifndef SLUICE_BATCH_H
#define SLUICE_BATCH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* A message is a run of packets of one size for one subscriber; the last may be shorter. Linux takes 64 segments, 64
 * kB. */
enum {
  SLUICE_BATCH_MESSAGES = 64,
  SLUICE_BATCH_SEGMENTS = 64,
  SLUICE_BATCH_MESSAGE_BYTES = 60000,
  SLUICE_BATCH_BYTES = 262144
};

typedef struct {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } address;
  socklen_t address_bytes;
  int fd;
  bool is_apart; /* The kernel refused segmentation on this path: packets are sent one by one. */
} sluice_route_t;

typedef struct {
  uint64_t system_calls;
  uint64_t datagrams;
  uint64_t blocked;   /* EAGAIN, ENOBUFS, ENOMEM: the queue is full. */
  uint64_t too_long;  /* EMSGSIZE: the datagram is given up. */
  uint64_t dropped;   /* Any other refusal: the datagram is given up. */
  uint64_t fell_back; /* Messages sent packet by packet because segmentation was refused. */
} sluice_batch_counts_t;

typedef struct {
  uint32_t owner; /* The subscriber's slot, for the caller. */
  uint32_t packets;
  uint32_t left; /* Packets at its end that were not taken; all of them until the flush. */
  size_t left_bytes;
  bool is_refused; /* The kernel refused UDP_SEGMENT, and the packets were sent one by one. */
} sluice_message_t;

typedef struct {
  uint8_t bytes[SLUICE_BATCH_BYTES];
  size_t used;
  size_t count;
  int fd;
  sluice_message_t messages[SLUICE_BATCH_MESSAGES];
  size_t segment_bytes[SLUICE_BATCH_MESSAGES];
  sluice_route_t routes[SLUICE_BATCH_MESSAGES];
  struct iovec parts[SLUICE_BATCH_MESSAGES];
  sluice_batch_counts_t counts;
} sluice_batch_t;

void sluice_batch_init(sluice_batch_t *batch);
/* False when the message needs a flush before it: another socket, too many messages, or too many bytes. */
bool sluice_batch_has_room(const sluice_batch_t *batch, const sluice_route_t *route, size_t bytes);
/* Adds a message whose bytes are at batch->bytes + batch->used already; sluice_batch_has_room must have been true. */
void sluice_batch_add(sluice_batch_t *batch, uint32_t owner, const sluice_route_t *route, size_t bytes,
                      uint32_t packets, size_t segment_bytes);
/* Sends all messages without blocking. Returns their number n; messages[0 .. n - 1] then say what was not taken.
 * Empties the batch. */
size_t sluice_batch_flush(sluice_batch_t *batch);

#endif
