#include "stun.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "wire.h"

enum {
  HEADER_BYTES = 20,
  REQUEST = 0x0001,
  SUCCESS = 0x0101,
  USERNAME = 0x0006,
  MESSAGE_INTEGRITY = 0x0008,
  PRIORITY = 0x0024,
  USE_CANDIDATE = 0x0025,
  FINGERPRINT = 0x8028,
  ICE_CONTROLLING = 0x802a,
  MAC_BYTES = 20,
};
static const uint32_t cookie = 0x2112a442, fingerprint_mask = 0x5354554e;

static size_t put(uint8_t *out, size_t at, int type, const void *value, size_t size) {
  size_t padded = (size + 3) & ~(size_t)3;
  write16(out + at, (uint32_t)type);
  write16(out + at + 2, (uint32_t)size);
  memset(out + at + 4, 0, padded);
  memcpy(out + at + 4, value, size);
  return at + 4 + padded;
}

/* The length in the header is that with the attribute that follows (RFC 8489 14.5). */
static void set_length(uint8_t *out, size_t size) { write16(out + 2, (uint32_t)(size - HEADER_BYTES)); }

static void mac_of(const uint8_t *message, size_t size, const char *pwd, uint8_t mac[MAC_BYTES]) {
  unsigned written = 0;
  HMAC(EVP_sha1(), pwd, (int)strlen(pwd), message, size, mac, &written);
}

static uint32_t crc32_of(const uint8_t *bytes, size_t size) {
  uint32_t crc = 0xffffffffu;
  for (size_t n = 0; n < size; n += 1) {
    crc ^= bytes[n];
    for (int bit = 0; bit < 8; bit += 1) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
  }
  return ~crc;
}

size_t stun_write_check(uint8_t out[STUN_MAX_BYTES], const stun_credentials *ice,
                        uint8_t transaction[STUN_TRANSACTION_BYTES]) {
  uint8_t mac[MAC_BYTES], word[4], tie_breaker[8] = {1};
  char name[2 * STUN_NAME_BYTES];
  size_t at = HEADER_BYTES, split = strlen(ice->ufrag);
  RAND_bytes(transaction, STUN_TRANSACTION_BYTES);
  write16(out, REQUEST);
  write32(out + 4, cookie);
  memcpy(out + 8, transaction, STUN_TRANSACTION_BYTES);
  memcpy(name, ice->ufrag, split);
  name[split] = ':';
  memcpy(name + split + 1, ice->own_ufrag, strlen(ice->own_ufrag));
  at = put(out, at, USERNAME, name, split + 1 + strlen(ice->own_ufrag));
  write32(word, 1853693695);
  at = put(out, at, PRIORITY, word, sizeof word);
  at = put(out, at, ICE_CONTROLLING, tie_breaker, sizeof tie_breaker);
  at = put(out, at, USE_CANDIDATE, word, 0);
  set_length(out, at + 4 + MAC_BYTES);
  mac_of(out, at, ice->pwd, mac);
  at = put(out, at, MESSAGE_INTEGRITY, mac, MAC_BYTES);
  set_length(out, at + 8);
  write32(word, crc32_of(out, at) ^ fingerprint_mask);
  return put(out, at, FINGERPRINT, word, sizeof word);
}

bool stun_is_answer(uint8_t *message, size_t size, const stun_credentials *ice,
                    const uint8_t transaction[STUN_TRANSACTION_BYTES]) {
  if (size < HEADER_BYTES || read16(message) != SUCCESS) return false;
  if (memcmp(message + 8, transaction, STUN_TRANSACTION_BYTES) != 0) return false;
  for (size_t at = HEADER_BYTES; at + 4 <= size; at += 4 + ((read16(message + at + 2) + 3u) & ~3u)) {
    if (read16(message + at) != MESSAGE_INTEGRITY || at + 4 + MAC_BYTES > size) continue;
    uint8_t mac[MAC_BYTES];
    set_length(message, at + 4 + MAC_BYTES);
    mac_of(message, at, ice->pwd, mac);
    return memcmp(mac, message + at + 4, MAC_BYTES) == 0;
  }
  return false;
}
