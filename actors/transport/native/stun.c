/* Reads binding requests and writes success responses. */
#define OPENSSL_SUPPRESS_DEPRECATED /* HMAC_CTX: EVP_MAC costs twice as much for a short message. */
#include "stun.h"

#include <netinet/in.h>
#include <openssl/crypto.h>
#include <string.h>

enum {
  HEADER_BYTES = 20,
  BINDING_REQUEST = 0x0001,
  BINDING_SUCCESS = 0x0101,
  /* As stun-message.ts has them. */
  MAX_MESSAGE_BYTES = 548,
  MAX_USERNAME_BYTES = 508,
  INTEGRITY_BYTES = 20,
  USERNAME = 0x0006,
  MESSAGE_INTEGRITY = 0x0008,
  XOR_MAPPED_ADDRESS = 0x0020,
  PRIORITY = 0x0024,
  USE_CANDIDATE = 0x0025,
  FINGERPRINT = 0x8028
};
static const uint32_t magic_cookie = 0x2112a442u;
static const uint32_t fingerprint_xor = 0x5354554eu;

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static void put16(uint8_t *at, size_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}
static void put32(uint8_t *at, uint32_t value) {
  put16(at, value >> 16);
  put16(at + 2, value & 0xffff);
}

/* CRC-32 of ITU-T V.42, bit by bit: a check has some 100 bytes. */
static uint32_t fingerprint(const uint8_t *bytes, size_t size) {
  uint32_t crc = 0xffffffffu;
  for (size_t at = 0; at < size; at += 1) {
    crc ^= bytes[at];
    for (int bit = 0; bit < 8; bit += 1) crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
  }
  return ~crc ^ fingerprint_xor;
}

static bool has_request_header(const uint8_t *message, size_t size) {
  if (size < HEADER_BYTES || size > MAX_MESSAGE_BYTES) return false;
  if (get16(message) != BINDING_REQUEST || get32(message + 4) != magic_cookie) return false;
  size_t length = get16(message + 2);
  return length % 4 == 0 && length == size - HEADER_BYTES;
}

bool sluice_stun_read(const uint8_t *message, size_t size, sluice_stun_request_t *request) {
  memset(request, 0, sizeof *request);
  if (!has_request_header(message, size)) return false;
  for (size_t at = HEADER_BYTES; at + 4 <= size;) {
    uint16_t type = get16(message + at);
    size_t bytes = get16(message + at + 2);
    size_t end = at + 4 + bytes;
    if (end > size) return false;
    if (type == FINGERPRINT) {
      bool is_right = bytes == 4 && end == size && get32(message + at + 4) == fingerprint(message, at);
      return is_right && request->username != NULL && request->integrity_at != 0;
    }
    /* RFC 8489 14.5: what stands behind MESSAGE-INTEGRITY is not covered by it, and ignored. */
    if (request->integrity_at == 0) {
      if (type == USERNAME && request->username == NULL && bytes <= MAX_USERNAME_BYTES) {
        request->username = message + at + 4;
        request->username_bytes = bytes;
      } else if (type == PRIORITY && bytes == 4) request->priority = get32(message + at + 4);
      else if (type == USE_CANDIDATE) request->nominates = true;
      else if (type == MESSAGE_INTEGRITY && bytes == INTEGRITY_BYTES) request->integrity_at = at;
    }
    at = end + (4 - bytes % 4) % 4;
  }
  return false;
}

/* Of the message before `at`, with the length that it has up to the end of the attribute (RFC 8489 14.5). */
static bool integrity(HMAC_CTX *mac, const uint8_t *message, size_t at, const uint8_t *password, size_t password_bytes,
                      uint8_t out[INTEGRITY_BYTES]) {
  uint8_t head[4];
  unsigned written = 0;
  memcpy(head, message, 2);
  put16(head + 2, at + 4 + INTEGRITY_BYTES - HEADER_BYTES);
  return HMAC_Init_ex(mac, password, (int)password_bytes, EVP_sha1(), NULL) == 1 &&
         HMAC_Update(mac, head, sizeof head) == 1 &&
         HMAC_Update(mac, message + sizeof head, at - sizeof head) == 1 && HMAC_Final(mac, out, &written) == 1;
}

bool sluice_stun_is_authentic(HMAC_CTX *mac, const uint8_t *message, const sluice_stun_request_t *request,
                              const uint8_t *password, size_t password_bytes) {
  uint8_t wanted[INTEGRITY_BYTES];
  return integrity(mac, message, request->integrity_at, password, password_bytes, wanted) &&
         CRYPTO_memcmp(wanted, message + request->integrity_at + 4, sizeof wanted) == 0;
}

/* RFC 8489 14.2: XORed with the magic cookie, an IPv6 address with the transaction id too. Gives the bytes. */
static size_t put_address(uint8_t *out, const uint8_t *request, const struct sockaddr *from) {
  bool is_v6 = from->sa_family == AF_INET6;
  const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)from;
  const uint8_t *address = is_v6 ? v6->sin6_addr.s6_addr : (const uint8_t *)&v4->sin_addr;
  size_t bytes = is_v6 ? 16 : 4;
  put16(out, XOR_MAPPED_ADDRESS);
  put16(out + 2, 4 + bytes);
  put16(out + 4, is_v6 ? 2 : 1);
  put16(out + 6, ntohs(is_v6 ? v6->sin6_port : v4->sin_port) ^ (magic_cookie >> 16));
  /* The cookie and the id follow each other in the request. */
  for (size_t at = 0; at < bytes; at += 1) out[8 + at] = address[at] ^ request[4 + at];
  return 8 + bytes;
}

size_t sluice_stun_answer(HMAC_CTX *mac, const uint8_t *request, const struct sockaddr *from, const uint8_t *password,
                          size_t password_bytes, uint8_t out[SLUICE_STUN_ANSWER_BYTES]) {
  memcpy(out, request, HEADER_BYTES);
  put16(out, BINDING_SUCCESS);
  size_t at = HEADER_BYTES + put_address(out + HEADER_BYTES, request, from);
  size_t size = at + 4 + INTEGRITY_BYTES + 8;
  put16(out + at, MESSAGE_INTEGRITY);
  put16(out + at + 2, INTEGRITY_BYTES);
  if (!integrity(mac, out, at, password, password_bytes, out + at + 4)) return 0;
  at += 4 + INTEGRITY_BYTES;
  put16(out + 2, size - HEADER_BYTES);
  put16(out + at, FINGERPRINT);
  put16(out + at + 2, 4);
  put32(out + at + 4, fingerprint(out, at));
  return size;
}
