/*
 * Where a subscriber's datagrams go: a UDP socket of this process and a remote address.
 *
 * Threads: one thread for each list of sockets. Ownership: the list owns the descriptors, which are duplicates.
 */
#ifndef SLUICE_ROUTE_H
#define SLUICE_ROUTE_H

#include "batch.h"

/* `address`: 4 (IPv4) or 16 (IPv6) bytes in network order; false for another size. */
bool sluice_route_set(sluice_route_t *route, int fd, const uint8_t *address, size_t address_bytes, uint16_t port);

/* Duplicated descriptors, closed with the object that owns the list: a thread that dies does not close them one by one.
 */
typedef struct {
  int *fds;
  size_t count;
} sluice_sockets_t;

/*
 * Duplicates the UDP socket of this process that is bound to this address and port, and adds it to the list; -1 when
 * there is none. Node does not tell the descriptor of a dgram socket, and a duplicate of our own stays open when Node
 * closes its own.
 */
int sluice_sockets_find(sluice_sockets_t *sockets, const uint8_t *address, size_t address_bytes, uint16_t port);
/* The same of this descriptor: others may be bound there too. */
int sluice_sockets_copy(sluice_sockets_t *sockets, int fd, const uint8_t *address, size_t address_bytes, uint16_t port);
/* Does nothing for a descriptor that is not on the list. */
void sluice_sockets_close(sluice_sockets_t *sockets, int fd);
void sluice_sockets_close_all(sluice_sockets_t *sockets);

#endif
