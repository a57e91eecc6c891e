/* ICE checks of a controlling agent (RFC 8445 7.2.2), which are its consent checks too (RFC 7675). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STUN_TRANSACTION_BYTES = 12, STUN_MAX_BYTES = 256, STUN_NAME_BYTES = 64 };

/* Of the server, but for the last one. */
typedef struct {
  char ufrag[STUN_NAME_BYTES], pwd[STUN_NAME_BYTES], own_ufrag[STUN_NAME_BYTES];
} stun_credentials;

/* Gives its size; a new transaction each time. */
size_t stun_write_check(uint8_t out[STUN_MAX_BYTES], const stun_credentials *ice,
                        uint8_t transaction[STUN_TRANSACTION_BYTES]);

/* A success response to this transaction, with the integrity of the server's password. */
bool stun_is_answer(uint8_t *message, size_t size, const stun_credentials *ice,
                    const uint8_t transaction[STUN_TRANSACTION_BYTES]);
