/* Where a viewer's datagrams go: a socket of this process and an address. */
#ifndef SLUICE_ROUTE_H
#define SLUICE_ROUTE_H

#include "batch.h"

/* Address bytes as on the wire: 4 (IPv4) or 16 (IPv6). False for another size. */
bool route_set(batch_route *route, int fd, const uint8_t *address, size_t address_bytes, uint16_t port);

/* Duplicates of sockets, closed with their owner: a thread that dies has nobody who closes them one by one. */
typedef struct {
  int *fds;
  size_t count;
} route_sockets;

/*
 * A duplicate of the UDP socket of this process that is bound to this address and port; -1 when there is none. Node
 * does not tell a socket's descriptor, and a duplicate of our own cannot be closed under us.
 */
int route_find_socket(route_sockets *sockets, const uint8_t *address, size_t address_bytes, uint16_t port);
/* Nothing happens for one that is not among them. */
void route_close_socket(route_sockets *sockets, int fd);
void route_close_sockets(route_sockets *sockets);

#endif
