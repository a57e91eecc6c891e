/*
 * The UDP sockets of a media port, read in batches (recvmmsg(2)) when the thread's event loop finds them readable; or the inbox of a
 * port that all threads share, and sockets that send from it (src/threads/native/demultiplexer.h). What is usual is done here: consent checks of peers at the address that media goes to are answered, their SRTCP is opened, and reports that
 * can wait are collected. The rest is told at once.
 *
 * Threads: that of the event loop alone. Ownership: a receiver lives until it was let go of and all of its sockets are closed;
 * the memory of what waits is JavaScript's.
 */
#ifndef SLUICE_RECEIVER_H
#define SLUICE_RECEIVER_H

#include <uv.h>

#include "../../../src/threads/native/inbox.h"
#include "peers.h"

enum {
  SLUICE_RECEIVER_SOCKETS = 64,
  /* No packet that a viewer sends is longer (src/core/ice/framing.ts). */
  SLUICE_DATAGRAM_BYTES = 4096,
  SLUICE_RECEIVE_BATCH = 16
};

typedef struct sluice_receiver sluice_receiver_t;

/* What JavaScript is told. They may close sockets, and remove peers. */
typedef struct {
  void (*datagram)(void *context, uint32_t socket, const uint8_t *datagram, size_t size, const sluice_address_t *from);
  /* A connection by TCP, of nobody yet, has come through the inbox. The descriptor is the listener's. */
  void (*connection)(void *context, uint32_t socket, int descriptor);
  /* Authentic RTCP that cannot wait, of the peer that this aim is of. */
  void (*rtcp)(void *context, uint32_t aim, const uint8_t *packet, size_t size);
  /* The last socket is closed. */
  void (*closed)(void *context);
} sluice_receiver_events_t;

/* It has a port of its own; it sends from the port that all share; it is the inbox. */
typedef enum { SLUICE_OWN_PORT, SLUICE_SHARED_PORT, SLUICE_INBOX } sluice_receiver_kind_t;

typedef struct {
  uv_poll_t poll;
  sluice_receiver_t *receiver;
  sluice_receiver_kind_t kind;
  int fd;                   /* -1: closed. */
  sluice_address_t address; /* Of a shared port. */
} sluice_receiver_socket_t;

/*
 * One thing that waits to be told: words of the machine's own order, then the packet, up to a multiple of 8 bytes. A packet of no
 * bytes is a consent check. `ms`: of the monotonic clock when it came; its age when it is told.
 */
typedef struct {
  uint32_t aim;
  uint32_t size;
  double ms;
} sluice_waiting_t;

struct sluice_receiver {
  sluice_peers_t peers;
  sluice_receiver_events_t events;
  void *context;
  uv_loop_t *loop;
  sluice_receiver_socket_t *sockets[SLUICE_RECEIVER_SOCKETS];
  size_t opened; /* Sockets whose handles the loop still has. */
  uint8_t *waiting;
  size_t waiting_room;
  size_t waiting_bytes;
  uint8_t datagrams[SLUICE_RECEIVE_BATCH][SLUICE_DATAGRAM_BYTES];
  uint8_t plain[SLUICE_DATAGRAM_BYTES];
};

/* NULL when there is no memory. */
sluice_receiver_t *sluice_receiver_create(uv_loop_t *loop, const sluice_receiver_events_t *events, void *context);
/* When no socket is open. */
void sluice_receiver_destroy(sluice_receiver_t *gone);

/*
 * A socket that is bound to the address, or that of the descriptor, which is owned from then on. Gives its number, or a negative
 * error of errno(3).
 */
int sluice_receiver_open(sluice_receiver_t *of, const sluice_address_t *address, int descriptor, int buffer_bytes);
/* A socket to send from, at a port that all share. Gives its number, or a negative error of errno(3). */
int sluice_receiver_open_shared(sluice_receiver_t *of, const sluice_address_t *address, int buffer_bytes);
/* What comes to these is read from the inbox with this descriptor, which is owned from then on. As above. */
int sluice_receiver_open_inbox(sluice_receiver_t *of, int descriptor);
/* Its descriptor, which stays the receiver's; -1: it is closed. */
int sluice_receiver_descriptor(const sluice_receiver_t *of, uint32_t socket);
/* The port that it is bound to; 0: it is closed. */
uint16_t sluice_receiver_port(const sluice_receiver_t *of, uint32_t socket);
/* 0, or an error of errno(3). */
int sluice_receiver_send(const sluice_receiver_t *of, uint32_t socket, const uint8_t *datagram, size_t size,
                         const sluice_address_t *to);
/* Closes the socket now; the loop lets go of its handle a moment later. */
void sluice_receiver_close(sluice_receiver_t *of, uint32_t socket);

/* What the loop calls for a socket that is readable. */
void sluice_receiver_on_readable(uv_poll_t *poll, int status, int events);

/* Its own memory and what it has allocated; what waits is JavaScript's. */
size_t sluice_receiver_held_bytes(const sluice_receiver_t *of);
/* Makes ages of the times of what waits. Gives its bytes, which the next thing that waits is written over. */
size_t sluice_receiver_take(sluice_receiver_t *of);

#endif
