/* Where a viewer's datagrams go: a socket of this process and an address. */
#ifndef SLUICE_ROUTE_H
#define SLUICE_ROUTE_H

#include "batch.h"

/* Address bytes as on the wire: 4 (IPv4) or 16 (IPv6). False for another size. */
bool route_set(batch_route *route, int fd, const uint8_t *address, size_t address_bytes, uint16_t port);

/*
 * A duplicate of the UDP socket of this process that is bound to this address and port; -1 when there is none. Node
 * does not tell a socket's descriptor, and a duplicate of our own cannot be closed under us.
 */
int route_find_socket(const uint8_t *address, size_t address_bytes, uint16_t port);

#endif
