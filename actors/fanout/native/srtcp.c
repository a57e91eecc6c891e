/* Protects and opens RTCP packets by the OpenSSL that Node exports. */
#define OPENSSL_SUPPRESS_DEPRECATED /* HMAC_CTX, as in srtp.c. */
#include "srtcp.h"

#include <openssl/crypto.h>
#include <string.h>

static const uint32_t encrypted_flag = 0x80000000u;

bool sluice_srtcp_create(sluice_srtcp_t *made) {
  made->gcm = EVP_CIPHER_CTX_new();
  made->counter = EVP_CIPHER_CTX_new();
  made->mac = HMAC_CTX_new();
  /* The ciphers are looked up once: each packet brings its key alone. */
  bool is_made = made->gcm != NULL && made->counter != NULL && made->mac != NULL &&
                 EVP_CipherInit_ex(made->gcm, EVP_aes_128_gcm(), NULL, NULL, NULL, 1) == 1 &&
                 EVP_CipherInit_ex(made->counter, EVP_aes_128_ctr(), NULL, NULL, NULL, 1) == 1;
  if (!is_made) sluice_srtcp_destroy(made);
  return is_made;
}

void sluice_srtcp_destroy(sluice_srtcp_t *gone) {
  EVP_CIPHER_CTX_free(gone->gcm);
  EVP_CIPHER_CTX_free(gone->counter);
  HMAC_CTX_free(gone->mac);
  memset(gone, 0, sizeof *gone);
}

static void put32(uint8_t *at, uint32_t value) {
  for (int byte = 0; byte < 4; byte += 1) at[byte] = (uint8_t)(value >> (24 - 8 * byte));
}

static uint32_t get32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* RFC 7714 9.1: 00 00, SSRC, 00 00, index of 31 bits; XOR salt. */
static void gcm_iv(const sluice_srtcp_keys_t *keys, const uint8_t *packet, uint32_t index, uint8_t iv[12]) {
  memset(iv, 0, 12);
  memcpy(iv + 2, packet + 4, 4);
  put32(iv + 8, index);
  for (int byte = 0; byte < 12; byte += 1) iv[byte] ^= keys->salt[byte];
}

static size_t seal_gcm(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet, size_t size,
                       uint32_t index, uint8_t *out) {
  uint8_t iv[12], word[SLUICE_RTCP_INDEX_BYTES];
  int written = 0;
  size_t body = size - SLUICE_RTCP_HEADER_BYTES;
  uint8_t *sealed = out + SLUICE_RTCP_HEADER_BYTES;
  gcm_iv(keys, packet, index, iv);
  put32(word, encrypted_flag | index);
  memcpy(out, packet, SLUICE_RTCP_HEADER_BYTES);
  bool is_sealed = EVP_CipherInit_ex(with->gcm, NULL, NULL, keys->key, iv, 1) == 1 &&
                   EVP_CipherUpdate(with->gcm, NULL, &written, out, SLUICE_RTCP_HEADER_BYTES) == 1 &&
                   EVP_CipherUpdate(with->gcm, NULL, &written, word, sizeof word) == 1 &&
                   EVP_CipherUpdate(with->gcm, sealed, &written, packet + SLUICE_RTCP_HEADER_BYTES, (int)body) == 1 &&
                   EVP_CipherFinal_ex(with->gcm, sealed + body, &written) == 1 &&
                   EVP_CIPHER_CTX_ctrl(with->gcm, EVP_CTRL_GCM_GET_TAG, SLUICE_GCM_TAG_BYTES, sealed + body) == 1;
  memcpy(out + size + SLUICE_GCM_TAG_BYTES, word, sizeof word);
  return is_sealed ? size + SLUICE_GCM_TAG_BYTES + sizeof word : 0;
}

static size_t open_gcm(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet, size_t size,
                       uint8_t *out, uint32_t *index) {
  if (size < SLUICE_RTCP_HEADER_BYTES + SLUICE_GCM_TAG_BYTES + SLUICE_RTCP_INDEX_BYTES) return 0;
  const uint8_t *word = packet + size - SLUICE_RTCP_INDEX_BYTES;
  if ((get32(word) & encrypted_flag) == 0) return 0;
  *index = get32(word) & ~encrypted_flag;
  size_t plain = size - SLUICE_RTCP_INDEX_BYTES - SLUICE_GCM_TAG_BYTES;
  uint8_t iv[12], tag[SLUICE_GCM_TAG_BYTES];
  int written = 0;
  gcm_iv(keys, packet, *index, iv);
  memcpy(tag, packet + plain, sizeof tag);
  memcpy(out, packet, SLUICE_RTCP_HEADER_BYTES);
  bool is_open =
      EVP_CipherInit_ex(with->gcm, NULL, NULL, keys->key, iv, 0) == 1 &&
      EVP_CIPHER_CTX_ctrl(with->gcm, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag) == 1 &&
      EVP_CipherUpdate(with->gcm, NULL, &written, packet, SLUICE_RTCP_HEADER_BYTES) == 1 &&
      EVP_CipherUpdate(with->gcm, NULL, &written, word, SLUICE_RTCP_INDEX_BYTES) == 1 &&
      EVP_CipherUpdate(with->gcm, out + SLUICE_RTCP_HEADER_BYTES, &written, packet + SLUICE_RTCP_HEADER_BYTES,
                       (int)(plain - SLUICE_RTCP_HEADER_BYTES)) == 1 &&
      EVP_CipherFinal_ex(with->gcm, out + plain, &written) == 1;
  return is_open ? plain : 0;
}

/* The body from `from` to `to`; RFC 3711 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
static bool run_counter(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet, size_t body,
                        uint32_t index, uint8_t *out) {
  uint8_t iv[16] = {0};
  int written = 0;
  memcpy(iv + 4, packet + 4, 4);
  put32(iv + 10, index);
  for (int byte = 0; byte < 14; byte += 1) iv[byte] ^= keys->salt[byte];
  return EVP_CipherInit_ex(with->counter, NULL, NULL, keys->key, iv, 1) == 1 &&
         EVP_CipherUpdate(with->counter, out + SLUICE_RTCP_HEADER_BYTES, &written, packet + SLUICE_RTCP_HEADER_BYTES,
                          (int)body) == 1;
}

static bool sign(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *bytes, size_t size,
                 uint8_t mac[20]) {
  unsigned mac_bytes = 0;
  return HMAC_Init_ex(with->mac, keys->auth_key, sizeof keys->auth_key, EVP_sha1(), NULL) == 1 &&
         HMAC_Update(with->mac, bytes, size) == 1 && HMAC_Final(with->mac, mac, &mac_bytes) == 1;
}

static size_t seal_counter(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet,
                           size_t size, uint32_t index, uint8_t *out) {
  uint8_t mac[20];
  memcpy(out, packet, SLUICE_RTCP_HEADER_BYTES);
  if (!run_counter(with, keys, packet, size - SLUICE_RTCP_HEADER_BYTES, index, out)) return 0;
  put32(out + size, encrypted_flag | index);
  size += SLUICE_RTCP_INDEX_BYTES;
  if (!sign(with, keys, out, size, mac)) return 0;
  memcpy(out + size, mac, SLUICE_SHA1_TAG_BYTES);
  return size + SLUICE_SHA1_TAG_BYTES;
}

static size_t open_counter(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet,
                           size_t size, uint8_t *out, uint32_t *index) {
  if (size < SLUICE_RTCP_HEADER_BYTES + SLUICE_RTCP_INDEX_BYTES + SLUICE_SHA1_TAG_BYTES) return 0;
  size_t is_signed = size - SLUICE_SHA1_TAG_BYTES;
  uint8_t mac[20];
  if (!sign(with, keys, packet, is_signed, mac)) return 0;
  if (CRYPTO_memcmp(mac, packet + is_signed, SLUICE_SHA1_TAG_BYTES) != 0) return 0;
  size_t plain = is_signed - SLUICE_RTCP_INDEX_BYTES;
  uint32_t word = get32(packet + plain);
  *index = word & ~encrypted_flag;
  memcpy(out, packet, plain);
  bool is_encrypted = (word & encrypted_flag) != 0;
  return !is_encrypted || run_counter(with, keys, packet, plain - SLUICE_RTCP_HEADER_BYTES, *index, out) ? plain : 0;
}

size_t sluice_srtcp_seal(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet, size_t size,
                         uint32_t index, uint8_t *out) {
  if (keys->profile == SLUICE_SRTP_GCM) return seal_gcm(with, keys, packet, size, index, out);
  return seal_counter(with, keys, packet, size, index, out);
}

size_t sluice_srtcp_open(const sluice_srtcp_t *with, const sluice_srtcp_keys_t *keys, const uint8_t *packet, size_t size,
                         uint8_t *out, uint32_t *index) {
  if (keys->profile == SLUICE_SRTP_GCM) return open_gcm(with, keys, packet, size, out, index);
  return open_counter(with, keys, packet, size, out, index);
}
