/* DTLS 1.2 of a client with SRTP keys (RFC 5764), by the OpenSSL inside Node: another one than the server's. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DTLS_KEY_BYTES = 16, DTLS_SALT_BYTES = 12, DTLS_FINGERPRINT_BYTES = 32 };

typedef struct dtls dtls;

/* For AES-128-GCM alone (RFC 7714), which the server prefers. */
typedef struct {
  uint8_t own_key[DTLS_KEY_BYTES], remote_key[DTLS_KEY_BYTES];
  uint8_t own_salt[DTLS_SALT_BYTES], remote_salt[DTLS_SALT_BYTES];
} dtls_keys;

typedef enum { DTLS_SHAKING, DTLS_CONNECTED, DTLS_CLOSED, DTLS_FAILED } dtls_state;

/* Once for the process. Gives why not, else NULL. */
const char *dtls_use_certificate(const char *certificate_pem, const char *key_pem);

/* Sends by this socket, which it does not own. */
dtls *dtls_open(int fd, const uint8_t fingerprint[DTLS_FINGERPRINT_BYTES]);

/* `size` 0: nothing came, begin or look at the timer. */
dtls_state dtls_take(dtls *session, const uint8_t *datagram, size_t size);

/* Once connected. */
bool dtls_read_keys(const dtls *session, dtls_keys *keys);

/* Says close_notify where it is connected and asked to. */
void dtls_close(dtls *session, bool says_goodbye);
