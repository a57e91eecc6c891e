/*
 * SRTP of one subscriber, sending side: AES-128-GCM (RFC 7714) and AES-128-CM with HMAC-SHA1-80 (RFC 3711 4).
 *
 * Threads: a context belongs to one thread. Ownership: it owns its OpenSSL contexts; keys are copied. The caller never
 * protects two different packets under one index.
 */
#ifndef SLUICE_SRTP_H
#define SLUICE_SRTP_H

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  SLUICE_RTP_HEADER_BYTES = 12,
  SLUICE_MAX_HEADER_BYTES = 20,
  SLUICE_GCM_TAG_BYTES = 16,
  SLUICE_SHA1_TAG_BYTES = 10,
  SLUICE_MAX_TAG_BYTES = 16
};
/* Of OpenSSL 3.0, a context each with all behind it, by mallinfo2(3). */
enum { SLUICE_CIPHER_BYTES = 1168, SLUICE_MAC_BYTES = 624 };

typedef enum { SLUICE_SRTP_GCM = 0, SLUICE_SRTP_CM_SHA1 = 1 } sluice_srtp_profile_t;

/* Session keys, not master keys: the caller derives them (RFC 3711 4.3). */
typedef struct {
  sluice_srtp_profile_t profile;
  uint8_t salt[14];
  EVP_CIPHER_CTX *cipher;
  HMAC_CTX *mac; /* NULL with GCM. */
} sluice_srtp_t;

/* `salt`: 12 bytes with GCM, 14 with CM. `auth_key`: 20 bytes, unused by GCM. False when OpenSSL refuses. */
bool sluice_srtp_open(sluice_srtp_t *sender, sluice_srtp_profile_t profile, const uint8_t key[16], const uint8_t *salt,
                      const uint8_t auth_key[20]);
void sluice_srtp_close(sluice_srtp_t *sender);

static inline size_t sluice_srtp_tag_bytes(const sluice_srtp_t *sender) {
  return sender->profile == SLUICE_SRTP_GCM ? SLUICE_GCM_TAG_BYTES : SLUICE_SHA1_TAG_BYTES;
}

/* An extension is a part of the header: authenticated, and not encrypted (RFC 3711 3.1, RFC 7714 8.2). */
typedef struct {
  uint8_t bytes[SLUICE_MAX_HEADER_BYTES];
  size_t size;
} sluice_rtp_header_t;

/*
 * Writes header, encrypted payload and tag to `out`, which has room for all three. `index`: 48 bits, roll-over counter
 * and sequence number. Gives the bytes written, or 0 when OpenSSL fails.
 */
size_t sluice_srtp_protect(sluice_srtp_t *sender, const sluice_rtp_header_t *header, const uint8_t *payload,
                           size_t size, uint64_t index, uint8_t *out);

#endif
