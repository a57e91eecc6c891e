/*
 * The peers of a media port: by which keys what they send is opened, and at which address their consent checks are answered here.
 *
 * Threads: a table belongs to one thread. Ownership: it owns its peers; the words of their indices are JavaScript's, which keeps
 * them until the peer is removed. Pointers to peers are valid until the next sluice_peers_add.
 */
#ifndef SLUICE_PEERS_H
#define SLUICE_PEERS_H

#include "../../../src/threads/native/address.h"
#include "../../fanout/native/srtcp.h"
#include "stun.h"

/* As src/core/srtp/source-indices.ts: pairs of SSRC and the highest index that came of it, -1 where there is none. */
enum { SLUICE_RTCP_SOURCES = 16, SLUICE_RTCP_SOURCE_WORDS = 2 * SLUICE_RTCP_SOURCES, SLUICE_NO_PEER = UINT32_MAX };
enum { SLUICE_PEER_BUCKETS = 1024 };

/* RFC 3711 3.3.2: 64 indices back from the highest one. */
typedef struct {
  uint32_t ssrc;
  uint32_t highest;
  uint64_t seen;
} sluice_replay_t;

typedef struct {
  bool is_used;
  bool is_aimed; /* It has an address, and stands in a bucket. */
  uint32_t next; /* In its bucket. */
  uint32_t aim;  /* Names the peer at this address; none is used again. */
  uint32_t socket;
  sluice_address_t address;
  uint32_t priority;
  uint8_t *credentials; /* USERNAME of its checks, and then our password. */
  size_t username_bytes;
  size_t password_bytes;
  uint32_t admitted; /* Packets that were opened since the last sluice_peers_admit. */
  sluice_srtcp_keys_t keys;
  double *indices; /* SLUICE_RTCP_SOURCE_WORDS. */
  size_t sources;
  sluice_replay_t replay[SLUICE_RTCP_SOURCES];
} sluice_peer_t;

typedef struct {
  sluice_peer_t *peers;
  size_t count; /* In use or free, below `capacity`. */
  size_t capacity;
  uint32_t aims;
  uint32_t buckets[SLUICE_PEER_BUCKETS];
  sluice_srtcp_t srtcp;
  HMAC_CTX *mac;
} sluice_peers_t;

/* False when there is no memory. */
bool sluice_peers_create(sluice_peers_t *made);
void sluice_peers_destroy(sluice_peers_t *gone);

/* SLUICE_NO_PEER when there is no memory. What the words know to have come does not come again. */
uint32_t sluice_peers_add(sluice_peers_t *of, const sluice_srtcp_keys_t *keys, double *indices);
void sluice_peers_remove(sluice_peers_t *of, uint32_t peer);
/* What it has allocated, those of OpenSSL by their usual size. */
size_t sluice_peers_held_bytes(const sluice_peers_t *of);
/* NULL for an unknown one. */
sluice_peer_t *sluice_peers_get(const sluice_peers_t *of, uint32_t peer);

typedef struct {
  uint32_t socket;
  const sluice_address_t *address;
  uint32_t priority;
  const uint8_t *username;
  size_t username_bytes;
  const uint8_t *password;
  size_t password_bytes;
} sluice_aim_t;

/* The peer's address from now on. Gives a name for the peer at that address, 0 when there is no memory or no such peer. */
uint32_t sluice_peers_aim(sluice_peers_t *of, uint32_t peer, const sluice_aim_t *aim);
/* It has none any more: whatever comes from there is for TypeScript. */
void sluice_peers_rest(sluice_peers_t *of, uint32_t peer);
/* Whose address it is; SLUICE_NO_PEER: nobody's. */
uint32_t sluice_peers_find(const sluice_peers_t *of, uint32_t socket, const sluice_address_t *from);

/*
 * Opens an SRTCP packet of the peer to `out`, which has `size` bytes of room. Gives its bytes; 0 when it is not authentic, not
 * whole, came before, or is one too many since the last sluice_peers_admit.
 */
size_t sluice_peers_open(sluice_peers_t *of, uint32_t peer, const uint8_t *packet, size_t size, uint8_t *out);
/* All may be opened so many packets again. */
void sluice_peers_admit(sluice_peers_t *of);

#endif
