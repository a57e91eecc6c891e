/*
 * The STUN that src/core/ice/stun-message.ts speaks (RFC 8489, RFC 8445 7), as far as a check of a connected peer needs it. What is no
 * sound binding request is not read here: TypeScript decides on it.
 *
 * Threads: any. Ownership: a request points into the message that it was read from.
 */
#ifndef SLUICE_STUN_H
#define SLUICE_STUN_H

#include <openssl/hmac.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

typedef struct {
  const uint8_t *username;
  size_t username_bytes;
  uint32_t priority; /* 0 without one. */
  bool nominates;
  size_t integrity_at; /* Where MESSAGE-INTEGRITY begins. */
} sluice_stun_request_t;

/* Header, XOR-MAPPED-ADDRESS of IPv6, MESSAGE-INTEGRITY, FINGERPRINT. */
enum { SLUICE_STUN_ANSWER_BYTES = 20 + 24 + 24 + 8 };

/* A binding request with USERNAME, MESSAGE-INTEGRITY (not checked yet) and a right FINGERPRINT; false: anything else. */
bool sluice_stun_read(const uint8_t *message, size_t size, sluice_stun_request_t *request);
bool sluice_stun_is_authentic(HMAC_CTX *mac, const uint8_t *message, const sluice_stun_request_t *request,
                              const uint8_t *password, size_t password_bytes);
/* The success response to a request from `from`, which is IPv4 or IPv6. Gives its bytes, 0 when OpenSSL fails. */
size_t sluice_stun_answer(HMAC_CTX *mac, const uint8_t *request, const struct sockaddr *from, const uint8_t *password,
                          size_t password_bytes, uint8_t out[SLUICE_STUN_ANSWER_BYTES]);

#endif
