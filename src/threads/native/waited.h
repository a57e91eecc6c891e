/*
 * The internet sockets that an event loop waits for, and the inbox of what comes to a port that it shares (inbox.h).
 *
 * Threads: any. Ownership: the caller frees `sockets`; descriptors stay the loop's.
 */
#ifndef SLUICE_WAITED_H
#define SLUICE_WAITED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct {
  int fd;
  ino_t inode;
} sluice_waited_socket_t;

typedef struct {
  sluice_waited_socket_t *sockets;
  size_t count;
} sluice_waited_t;

/* The inode of an internet socket or an inbox; 0 for anything else. */
ino_t sluice_socket_inode(int fd);
bool sluice_socket_listens(int fd);
/* What the loop with this epoll descriptor waits for, added to the list; false when the loop is unknown or memory is
 * out. */
bool sluice_waited_list(int loop, sluice_waited_t *list);

#endif
