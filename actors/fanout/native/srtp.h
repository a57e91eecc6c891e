/* SRTP of one viewer, sending side: AES-128-GCM (RFC 7714) and AES-128-CM with HMAC-SHA1-80 (RFC 3711 4). */
#ifndef SLUICE_SRTP_H
#define SLUICE_SRTP_H

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RTP_HEADER_BYTES = 12, MAX_HEADER_BYTES = 20, GCM_TAG_BYTES = 16, SHA1_TAG_BYTES = 10, MAX_TAG_BYTES = 16 };

typedef enum { SRTP_GCM = 0, SRTP_CM_SHA1 = 1 } srtp_profile;

/* Session keys, not master keys: the caller derives them (RFC 3711 4.3). */
typedef struct {
  srtp_profile profile;
  uint8_t salt[14];
  EVP_CIPHER_CTX *cipher;
  HMAC_CTX *mac; /* NULL with GCM. */
} srtp_sender;

/* `salt`: 12 bytes with GCM, 14 with CM. `auth_key`: 20 bytes, unused by GCM. False when OpenSSL refuses. */
bool srtp_open(srtp_sender *sender, srtp_profile profile, const uint8_t key[16], const uint8_t *salt,
               const uint8_t auth_key[20]);
void srtp_close(srtp_sender *sender);

static inline size_t srtp_tag_bytes(const srtp_sender *sender) {
  return sender->profile == SRTP_GCM ? GCM_TAG_BYTES : SHA1_TAG_BYTES;
}

/* An extension is a part of the header: authenticated, and not encrypted (RFC 3711 3.1, RFC 7714 8.2). */
typedef struct {
  uint8_t bytes[MAX_HEADER_BYTES];
  size_t size;
} rtp_header;

/*
 * Writes header, encrypted payload and tag to `out`, which has room for all three. `index`: 48 bits, roll-over counter
 * and sequence number. Gives the bytes written, or 0 when OpenSSL fails.
 */
size_t srtp_protect(srtp_sender *sender, const rtp_header *header, const uint8_t *payload, size_t size, uint64_t index,
                    uint8_t *out);

#endif
