/*
 * SRTCP of one viewer, either direction: AES-128-GCM (RFC 7714 9) and AES-128-CM with HMAC-SHA1-80 (RFC 3711 3.4).
 *
 * Threads: a context belongs to one thread. Ownership: it owns its OpenSSL contexts, which all viewers share and which
 * are keyed again for each packet: RTCP is rare, and a context of its own takes 1.2 kB. Keys are plain bytes.
 */
#ifndef SLUICE_SRTCP_H
#define SLUICE_SRTCP_H

#include "srtp.h"

/* Session keys, not master keys: the caller derives them (RFC 3711 4.3). */
typedef struct {
  sluice_srtp_profile_t profile;
  uint8_t key[16];
  uint8_t salt[14];     /* 12 bytes with GCM. */
  uint8_t auth_key[20]; /* Unused by GCM. */
} sluice_srtcp_keys_t;

typedef struct {
  EVP_CIPHER_CTX *gcm;
  EVP_CIPHER_CTX *counter;
  HMAC_CTX *mac;
} sluice_srtcp_t;

enum {
  SLUICE_RTCP_HEADER_BYTES = 8,
  SLUICE_RTCP_INDEX_BYTES = 4,
  /* What a packet grows by at most. */
  SLUICE_SRTCP_MAX_OVERHEAD = SLUICE_RTCP_INDEX_BYTES + SLUICE_MAX_TAG_BYTES
};
#define SLUICE_MAX_RTCP_INDEX 0x7fffffffu

/* False when there is no memory. */
bool sluice_srtcp_create(sluice_srtcp_t *made);
void sluice_srtcp_destroy(sluice_srtcp_t *gone);

/*
 * Writes the protected packet to `out`, which has SLUICE_SRTCP_MAX_OVERHEAD more bytes of room than the packet. `index`: 31
 * bits, a new one for each packet. `size`: SLUICE_RTCP_HEADER_BYTES at least. Gives the bytes written, 0 when OpenSSL fails.
 */
size_t sluice_srtcp_seal(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet, size_t size,
                         uint32_t index, uint8_t *out);
/* Writes the packet to `out`, which has `size` bytes of room. Gives its bytes, 0 when it is not authentic or not whole. */
size_t sluice_srtcp_open(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet, size_t size,
                         uint8_t *out, uint32_t *index);

#endif
