/*
 * Holds the sockets of a media port beside the thread that has them: when the thread dies, its port is still ours, what
 * comes to it waits in the sockets, and nobody is told that it is closed (ICMP).
 *
 * Threads: any; descriptors belong to the process. Ownership: a held descriptor is nobody's but this table's, until it
 * is released. It outlives a cut-off (cut-off.h).
 */
#ifndef SLUICE_HOLD_H
#define SLUICE_HOLD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A duplicate of the socket at this address and port that the loop waits for: the listening one of TCP, or that of UDP.
 * -1: there is none, or no descriptor is left. The address as text, without a zone.
 */
int sluice_hold(int loop, const char *address, uint16_t port, bool listens);
/* The same of a descriptor that the caller has, and keeps. */
int sluice_hold_own(int fd);
bool sluice_is_held(int fd);
/* Another descriptor of a held socket, for a thread to use; -1: it is not held, or no descriptor is left. */
int sluice_hold_copy(int fd);
/* Closes a held descriptor; nothing happens to another one. */
void sluice_hold_release(int fd);

#endif
