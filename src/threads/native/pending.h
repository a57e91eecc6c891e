/*
 * ICE-TCP (RFC 6544): connections whose first message has not come yet. It is looked at and left where it is (MSG_PEEK), and the
 * connection goes to the inbox that it names. There are so many at once, and the oldest of the client that has most of them makes
 * room for the next.
 *
 * Threads: that of the demultiplexer. Ownership: it owns the connections until an inbox has them.
 */
#ifndef SLUICE_PENDING_H
#define SLUICE_PENDING_H

#include "inbox.h"

enum { SLUICE_MAX_PENDING = 128 };

typedef struct {
  int fd; /* -1: none. */
  double since_ms;
  sluice_inbox_head_t path;
} sluice_pending_connection_t;

typedef struct {
  int loop; /* An epoll descriptor, which tells of each by `first` and its place. */
  uint32_t first;
  size_t count;
  sluice_pending_connection_t connections[SLUICE_MAX_PENDING];
} sluice_pending_t;

void sluice_pending_create(sluice_pending_t *made, int loop, uint32_t first);
void sluice_pending_close(sluice_pending_t *gone);
/* A connection of the listening socket, which is bound to `to`. False: there is none, or it could not be taken, as errno(3) says. */
bool sluice_pending_accept(sluice_pending_t *of, int listening, const sluice_address_t *to, double now_ms);
/* Something came, or it is closed. True: it was for nobody. */
bool sluice_pending_look(sluice_pending_t *of, size_t place);
/* Closes those whose time is over. */
void sluice_pending_sweep(sluice_pending_t *of, double now_ms);

#endif
