/* Protects RTP packets by the OpenSSL that Node exports. */
/* node's own OpenSSL carries HMAC_CTX as deprecated; its successor EVP_MAC costs twice as much for a short message. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "srtp.h"

#include <string.h>

bool sluice_srtp_open(sluice_srtp_t *sender, sluice_srtp_profile_t profile, const uint8_t key[16], const uint8_t *salt,
                      const uint8_t auth_key[20]) {
  memset(sender, 0, sizeof *sender);
  sender->profile = profile;
  memcpy(sender->salt, salt, profile == SLUICE_SRTP_GCM ? 12 : 14);
  sender->cipher = EVP_CIPHER_CTX_new();
  if (sender->cipher == NULL) return false;
  const EVP_CIPHER *cipher = profile == SLUICE_SRTP_GCM ? EVP_aes_128_gcm() : EVP_aes_128_ctr();
  bool is_open = EVP_EncryptInit_ex(sender->cipher, cipher, NULL, key, NULL) == 1;
  if (is_open && profile == SLUICE_SRTP_CM_SHA1) {
    sender->mac = HMAC_CTX_new();
    is_open = sender->mac != NULL && HMAC_Init_ex(sender->mac, auth_key, 20, EVP_sha1(), NULL) == 1;
  }
  if (!is_open) sluice_srtp_close(sender);
  return is_open;
}

void sluice_srtp_close(sluice_srtp_t *sender) {
  EVP_CIPHER_CTX_free(sender->cipher);
  HMAC_CTX_free(sender->mac);
  memset(sender, 0, sizeof *sender);
}

static void put_index(uint8_t *at, uint64_t index) {
  for (int byte = 0; byte < 6; byte += 1) at[byte] ^= (uint8_t)(index >> (40 - 8 * byte));
}

static void put_ssrc(uint8_t *at, const sluice_rtp_header_t *header) {
  for (int byte = 0; byte < 4; byte += 1) at[byte] ^= header->bytes[8 + byte];
}

static size_t protect_gcm(sluice_srtp_t *sender, const sluice_rtp_header_t *header, const uint8_t *payload, size_t size,
                          uint64_t index, uint8_t *out) {
  /* RFC 7714 8.1: 00 00, SSRC, roll-over counter, sequence number; XOR salt. */
  uint8_t iv[12];
  memcpy(iv, sender->salt, sizeof iv);
  put_ssrc(iv + 2, header);
  put_index(iv + 6, index);
  int written = 0;
  uint8_t *sealed = out + header->size;
  bool is_sealed = EVP_EncryptInit_ex(sender->cipher, NULL, NULL, NULL, iv) == 1 &&
                   EVP_EncryptUpdate(sender->cipher, NULL, &written, header->bytes, (int)header->size) == 1 &&
                   EVP_EncryptUpdate(sender->cipher, sealed, &written, payload, (int)size) == 1 &&
                   EVP_EncryptFinal_ex(sender->cipher, sealed + size, &written) == 1 &&
                   EVP_CIPHER_CTX_ctrl(sender->cipher, EVP_CTRL_GCM_GET_TAG, SLUICE_GCM_TAG_BYTES, sealed + size) == 1;
  return is_sealed ? header->size + size + SLUICE_GCM_TAG_BYTES : 0;
}

static size_t protect_cm(sluice_srtp_t *sender, const sluice_rtp_header_t *header, const uint8_t *payload, size_t size,
                         uint64_t index, uint8_t *out) {
  /* RFC 3711 4.1.1: (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
  uint8_t iv[16] = {0};
  memcpy(iv, sender->salt, 14);
  put_ssrc(iv + 4, header);
  put_index(iv + 8, index);
  int written = 0;
  uint8_t *sealed = out + header->size;
  /* RFC 3711 4.2: the roll-over counter is authenticated behind the packet, and not sent. */
  uint32_t roll_over = (uint32_t)(index >> 16);
  uint8_t counter[4] = {(uint8_t)(roll_over >> 24), (uint8_t)(roll_over >> 16), (uint8_t)(roll_over >> 8),
                        (uint8_t)roll_over};
  uint8_t mac[20];
  unsigned mac_bytes = 0;
  bool is_sealed =
      EVP_EncryptInit_ex(sender->cipher, NULL, NULL, NULL, iv) == 1 &&
      EVP_EncryptUpdate(sender->cipher, sealed, &written, payload, (int)size) == 1 &&
      HMAC_Init_ex(sender->mac, NULL, 0, NULL, NULL) == 1 && HMAC_Update(sender->mac, out, header->size + size) == 1 &&
      HMAC_Update(sender->mac, counter, sizeof counter) == 1 && HMAC_Final(sender->mac, mac, &mac_bytes) == 1;
  if (!is_sealed) return 0;
  memcpy(sealed + size, mac, SLUICE_SHA1_TAG_BYTES);
  return header->size + size + SLUICE_SHA1_TAG_BYTES;
}

size_t sluice_srtp_protect(sluice_srtp_t *sender, const sluice_rtp_header_t *header, const uint8_t *payload,
                           size_t size, uint64_t index, uint8_t *out) {
  memcpy(out, header->bytes, header->size);
  if (sender->profile == SLUICE_SRTP_GCM) return protect_gcm(sender, header, payload, size, index, out);
  return protect_cm(sender, header, payload, size, index, out);
}
