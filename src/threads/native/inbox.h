/*
 * Inboxes: what has come to the one port of all streams (demultiplexer.h) waits in them for the threads that it is for. An inbox is a
 * pair of unix sockets (SOCK_SEQPACKET); its name begins the ICE user name of each viewer that it is for. A thread that dies leaves
 * its inbox to the next.
 *
 * Threads: any; one mutex guards all. Ownership: an inbox has both of its sockets until it is closed; the reading one is held
 * (hold.h), and threads read from copies. Addresses belong to the inbox that has claimed them.
 */
#ifndef SLUICE_INBOX_H
#define SLUICE_INBOX_H

#include "address.h"

/* 24 bits, in base64 the first four characters of a user name: the place in the table, and how often that was given before. */
enum { SLUICE_NO_INBOX = -1, SLUICE_MAX_INBOX = 0xffffff, SLUICE_INBOX_NAME_BYTES = 4 };

/*
 * Stands before each datagram. A connection by TCP has none behind it, but a descriptor beside it (SCM_RIGHTS, unix(7)), from which
 * nothing has been read.
 */
typedef struct {
  sluice_address_t from;
  sluice_address_t to; /* Ours. */
} sluice_inbox_head_t;

/* SLUICE_NO_INBOX: no descriptor or no memory is left. */
int sluice_inbox_open(void);
/*
 * A descriptor of the socket to read from, the caller's; -1: there is none. Who had one before is not the reader any more: a thread
 * that hung says nothing of addresses when it goes on after all.
 */
int sluice_inbox_copy(int inbox);
/* What waits in it is lost, and its addresses are nobody's. */
void sluice_inbox_close(int inbox);

/*
 * What comes from `from` to `to` is for this inbox from now on. False when it is for another one, and something came from there a moment ago:
 * one check does not take a viewer's address away, whoever forged its source (docs/reliability.md 8, 12).
 */
bool sluice_inbox_claim(int inbox, int reader, const sluice_inbox_head_t *path);
/* Nothing happens where the address is another's. */
void sluice_inbox_disclaim(int inbox, int reader, const sluice_inbox_head_t *path);

typedef enum { SLUICE_SORTED, SLUICE_UNKNOWN, SLUICE_FULL } sluice_sorted_t;

/* Between these two sluice_inbox_sort may be called. */
void sluice_inboxes_lock(void);
void sluice_inboxes_unlock(void);
/*
 * Puts the datagram into its inbox: a binding request by its user name (RFC 8445 7.2.2), anything else but STUN by the address that
 * it comes from (RFC 7983).
 */
sluice_sorted_t sluice_inbox_sort(const sluice_inbox_head_t *path, const uint8_t *datagram, size_t size, double now_ms);
/* Puts the connection into the inbox that its first message names, a binding request. It stays the caller's. */
sluice_sorted_t sluice_inbox_connect(const sluice_inbox_head_t *path, const uint8_t *request, size_t size, int fd);

#endif
