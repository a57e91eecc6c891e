/*
 * One port for all streams: its sockets are read here, by a thread of their own that runs no JavaScript, and what comes is put into
 * inboxes (inbox.h). What is nobody's is dropped, and counted.
 *
 * Who sends has a socket of its own at the same port (SO_REUSEPORT), with its own queue, and nothing ever comes to it: a program of one
 * step gives everything to the first socket of the group (SO_ATTACH_REUSEPORT_CBPF, socket(7)).
 *
 * Threads: started and stopped by one thread; counts are read by any. Ownership: it owns its sockets.
 */
#ifndef SLUICE_DEMULTIPLEXER_H
#define SLUICE_DEMULTIPLEXER_H

#include <stddef.h>

#include "address.h"

enum { SLUICE_DEMULTIPLEXER_ADDRESSES = 64 };

typedef struct {
  uint64_t received;
  uint64_t unknown; /* Of nobody that is known here. */
  uint64_t full;    /* The inbox had no room: its thread does not read. */
} sluice_demultiplexer_counts_t;

/*
 * Binds UDP and TCP at these addresses, all at the port of the first one (0: any), and starts. Gives the port, or a negative error of
 * errno(3) of the address with the number `*failed`. One at a time.
 */
int sluice_demultiplexer_start(const sluice_address_t *addresses, size_t count, size_t *failed);
/* Ends the thread, and closes the sockets. Nothing happens where none runs. */
void sluice_demultiplexer_stop(void);
sluice_demultiplexer_counts_t sluice_demultiplexer_counts(void);

#endif
