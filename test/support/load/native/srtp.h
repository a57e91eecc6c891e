/* SRTP and SRTCP of one viewer by AES-128-GCM (RFC 7714). */
#pragma once
#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dtls.h"

enum { SRTP_TAG_BYTES = 16, SRTCP_MORE_BYTES = SRTP_TAG_BYTES + 4 };

typedef struct {
  EVP_CIPHER_CTX *cipher;
  uint8_t salt[DTLS_SALT_BYTES];
} srtp_stream;

typedef struct {
  srtp_stream rtp, rtcp, own_rtcp;
  uint32_t own_index;
} srtp;

void srtp_open_session(srtp *session, const dtls_keys *keys);
void srtp_close_session(srtp *session);

/* In place; `extended`: roll-over counter and sequence number. Gives the bytes of the payload, -1 for what is not
 * authentic. */
int srtp_open(srtp *session, uint8_t *packet, size_t size, uint64_t extended, uint8_t **payload);

/* In place. Gives the bytes of the packet, -1 for what is not authentic. */
int srtcp_open(srtp *session, uint8_t *packet, size_t size);

/* In place, with room for SRTCP_MORE_BYTES behind it. Gives the bytes of what is to be sent. */
size_t srtcp_seal(srtp *session, uint8_t *packet, size_t size);
