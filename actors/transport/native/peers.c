/* Peers in slots, and those with an address in buckets by it. */
#define _GNU_SOURCE /* For uv.h. */
#define OPENSSL_SUPPRESS_DEPRECATED /* HMAC_CTX, as in stun.c. */
#include "peers.h"

#include <stdlib.h>
#include <string.h>

/* Of one peer between two calls of sluice_peers_admit, which come four times a second: Chromium sends some 20 a second. */
enum { MIN_PEERS = 8, MAX_ADMITTED = 50 };

bool sluice_peers_create(sluice_peers_t *made) {
  memset(made, 0, sizeof *made);
  for (size_t at = 0; at < SLUICE_PEER_BUCKETS; at += 1) made->buckets[at] = SLUICE_NO_PEER;
  made->mac = HMAC_CTX_new();
  if (made->mac != NULL && sluice_srtcp_create(&made->srtcp)) return true;
  HMAC_CTX_free(made->mac);
  made->mac = NULL;
  return false;
}

void sluice_peers_destroy(sluice_peers_t *gone) {
  for (uint32_t peer = 0; peer < gone->count; peer += 1) sluice_peers_remove(gone, peer);
  free(gone->peers);
  HMAC_CTX_free(gone->mac);
  sluice_srtcp_destroy(&gone->srtcp);
}

sluice_peer_t *sluice_peers_get(const sluice_peers_t *of, uint32_t peer) {
  return peer < of->count && of->peers[peer].is_used ? &of->peers[peer] : NULL;
}

uint32_t sluice_peers_add(sluice_peers_t *of, const sluice_srtcp_keys_t *keys, double *indices) {
  uint32_t peer = 0;
  while (peer < of->count && of->peers[peer].is_used) peer += 1;
  if (peer == of->capacity) {
    size_t capacity = of->capacity == 0 ? MIN_PEERS : of->capacity * 2;
    sluice_peer_t *grown = realloc(of->peers, capacity * sizeof *grown);
    if (grown == NULL) return SLUICE_NO_PEER;
    of->peers = grown;
    of->capacity = capacity;
  }
  if (peer == of->count) of->count += 1;
  sluice_peer_t *made = &of->peers[peer];
  memset(made, 0, sizeof *made);
  made->is_used = true;
  made->keys = *keys;
  made->indices = indices;
  for (; made->sources < SLUICE_RTCP_SOURCES; made->sources += 1) {
    double ssrc = indices[2 * made->sources];
    double highest = indices[2 * made->sources + 1];
    if (!(ssrc >= 0 && ssrc <= UINT32_MAX && highest >= 0 && highest <= SLUICE_MAX_RTCP_INDEX)) break;
    made->replay[made->sources] =
        (sluice_replay_t){.ssrc = (uint32_t)ssrc, .highest = (uint32_t)highest, .seen = UINT64_MAX};
  }
  return peer;
}

void sluice_peers_remove(sluice_peers_t *of, uint32_t peer) {
  sluice_peer_t *gone = sluice_peers_get(of, peer);
  if (gone == NULL) return;
  sluice_peers_rest(of, peer);
  memset(gone, 0, sizeof *gone);
  while (of->count > 0 && !of->peers[of->count - 1].is_used) of->count -= 1;
}

size_t sluice_peers_held_bytes(const sluice_peers_t *of) {
  size_t held = of->capacity * sizeof *of->peers + 2 * SLUICE_CIPHER_BYTES + 2 * SLUICE_MAC_BYTES;
  for (uint32_t peer = 0; peer < of->count; peer += 1) {
    if (of->peers[peer].is_aimed) held += of->peers[peer].username_bytes + of->peers[peer].password_bytes;
  }
  return held;
}

static size_t bucket_of(uint32_t socket, const sluice_address_t *address) {
  uint32_t hash = (sluice_hash_basis ^ socket) * 16777619u;
  return sluice_address_hash(hash, address) % SLUICE_PEER_BUCKETS;
}

uint32_t sluice_peers_find(const sluice_peers_t *of, uint32_t socket, const sluice_address_t *from) {
  uint32_t peer = of->buckets[bucket_of(socket, from)];
  while (peer != SLUICE_NO_PEER) {
    const sluice_peer_t *one = &of->peers[peer];
    if (one->socket == socket && sluice_address_is_same(&one->address, from)) return peer;
    peer = one->next;
  }
  return SLUICE_NO_PEER;
}

void sluice_peers_rest(sluice_peers_t *of, uint32_t peer) {
  sluice_peer_t *one = sluice_peers_get(of, peer);
  if (one == NULL || !one->is_aimed) return;
  uint32_t *link = &of->buckets[bucket_of(one->socket, &one->address)];
  while (*link != peer) link = &of->peers[*link].next;
  *link = one->next;
  one->is_aimed = false;
  free(one->credentials);
  one->credentials = NULL;
}

uint32_t sluice_peers_aim(sluice_peers_t *of, uint32_t peer, const sluice_aim_t *aim) {
  sluice_peer_t *one = sluice_peers_get(of, peer);
  if (one == NULL) return 0;
  sluice_peers_rest(of, peer);
  /* An address has one owner. */
  uint32_t other = sluice_peers_find(of, aim->socket, aim->address);
  if (other != SLUICE_NO_PEER) sluice_peers_rest(of, other);
  one->credentials = malloc(aim->username_bytes + aim->password_bytes);
  if (one->credentials == NULL) return 0;
  memcpy(one->credentials, aim->username, aim->username_bytes);
  memcpy(one->credentials + aim->username_bytes, aim->password, aim->password_bytes);
  one->username_bytes = aim->username_bytes;
  one->password_bytes = aim->password_bytes;
  one->priority = aim->priority;
  one->socket = aim->socket;
  one->address = *aim->address;
  one->is_aimed = true;
  one->aim = of->aims += 1;
  uint32_t *first = &of->buckets[bucket_of(one->socket, &one->address)];
  one->next = *first;
  *first = peer;
  return one->aim;
}

/* False for an index that came before, or may have. */
static bool is_new(sluice_replay_t *window, uint32_t index) {
  if (index > window->highest) {
    uint32_t ahead = index - window->highest;
    window->seen = ahead >= 64 ? 1 : (window->seen << ahead) | 1;
    window->highest = index;
    return true;
  }
  uint32_t behind = window->highest - index;
  if (behind >= 64 || ((window->seen >> behind) & 1) != 0) return false;
  window->seen |= (uint64_t)1 << behind;
  return true;
}

/* Each source counts by itself (RFC 3711 3.2.3). Authentic, and so never many in a well-meant session. */
static bool take_index(sluice_peer_t *from, uint32_t ssrc, uint32_t index) {
  size_t at = 0;
  while (at < from->sources && from->replay[at].ssrc != ssrc) at += 1;
  if (at == SLUICE_RTCP_SOURCES) return false;
  if (at == from->sources) {
    from->replay[at] = (sluice_replay_t){.ssrc = ssrc, .highest = index, .seen = 1};
    from->sources += 1;
  } else if (!is_new(&from->replay[at], index)) return false;
  /* The index first: a thread that takes the session over reads none for a source that it knows of. */
  from->indices[2 * at + 1] = from->replay[at].highest;
  from->indices[2 * at] = ssrc;
  return true;
}

size_t sluice_peers_open(sluice_peers_t *of, uint32_t peer, const uint8_t *packet, size_t size, uint8_t *out) {
  sluice_peer_t *from = sluice_peers_get(of, peer);
  if (from == NULL || from->admitted >= MAX_ADMITTED) return 0;
  from->admitted += 1;
  uint32_t index = 0;
  size_t plain = sluice_srtcp_open(&of->srtcp, &from->keys, packet, size, out, &index);
  if (plain == 0) return 0;
  uint32_t ssrc = (uint32_t)out[4] << 24 | (uint32_t)out[5] << 16 | (uint32_t)out[6] << 8 | out[7];
  return take_index(from, ssrc, index) ? plain : 0;
}

void sluice_peers_admit(sluice_peers_t *of) {
  for (size_t peer = 0; peer < of->count; peer += 1) of->peers[peer].admitted = 0;
}
