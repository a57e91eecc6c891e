/* Datagrams on their way to the kernel: many viewers in one system call, many packets of one viewer in one message. */
#ifndef SLUICE_BATCH_H
#define SLUICE_BATCH_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* A message is one viewer's run of packets of one size (the last may be shorter). Linux takes 64 segments, 64 kB. */
enum { BATCH_MESSAGES = 64, BATCH_SEGMENTS = 64, BATCH_MESSAGE_BYTES = 60000, BATCH_BYTES = 262144 };

typedef struct {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } address;
  socklen_t address_bytes;
  int fd;
  bool is_apart; /* The kernel refused segments on this way: packet by packet. */
} batch_route;

typedef struct {
  uint64_t system_calls;
  uint64_t datagrams;
  uint64_t blocked;    /* EAGAIN, ENOBUFS, ENOMEM: the queue is full. */
  uint64_t too_long;   /* EMSGSIZE: the datagram is given up. */
  uint64_t dropped;    /* Any other refusal: the datagram is given up. */
  uint64_t fell_back;  /* Messages sent packet by packet because segmentation was refused. */
} batch_counts;

typedef struct {
  uint32_t owner; /* The viewer's slot, for the caller. */
  uint32_t packets;
  uint32_t left; /* Packets at its end that were not taken; all of them until the flush. */
  size_t left_bytes;
  bool is_refused; /* UDP_SEGMENT was, and the packets went out one by one. */
} batch_message;

typedef struct {
  uint8_t bytes[BATCH_BYTES];
  size_t used;
  size_t count;
  int fd;
  batch_message messages[BATCH_MESSAGES];
  size_t segment_bytes[BATCH_MESSAGES];
  batch_route routes[BATCH_MESSAGES];
  struct iovec parts[BATCH_MESSAGES];
  batch_counts counts;
} batch;

void batch_init(batch *batch);
bool batch_has_room(const batch *batch, const batch_route *route, size_t bytes);
/* The bytes stand at batch->bytes + batch->used already. */
void batch_add(batch *batch, uint32_t owner, const batch_route *route, size_t bytes, uint32_t packets,
               size_t segment_bytes);
/* Hands all to the kernel. Afterwards messages[0..n) say what was left; gives n, and the batch is empty. */
size_t batch_flush(batch *batch);

#endif
