#include "srtp.h"

#include <string.h>

#include "wire.h"

enum { RTP_HEADER_BYTES = 12, RTCP_HEADER_BYTES = 8, IV_BYTES = 12 };
static const uint32_t is_encrypted = 0x80000000u;

/* RFC 3711 4.3.1 and 4.3.3, with the salt filled up as RFC 7714 11 says. */
static void derive(const uint8_t *key, const uint8_t *salt, int label, uint8_t *out, int size) {
  static const uint8_t zeros[16];
  uint8_t iv[16] = {0};
  int written = 0;
  EVP_CIPHER_CTX *counter = EVP_CIPHER_CTX_new();
  memcpy(iv, salt, DTLS_SALT_BYTES);
  iv[7] ^= (uint8_t)label;
  EVP_EncryptInit_ex(counter, EVP_aes_128_ctr(), NULL, key, iv);
  EVP_EncryptUpdate(counter, out, &written, zeros, size);
  EVP_CIPHER_CTX_free(counter);
}

static void open_stream(srtp_stream *stream, const uint8_t *key, const uint8_t *salt, int label, int encrypts) {
  uint8_t session_key[DTLS_KEY_BYTES];
  derive(key, salt, label, session_key, DTLS_KEY_BYTES);
  derive(key, salt, label + 2, stream->salt, DTLS_SALT_BYTES);
  stream->cipher = EVP_CIPHER_CTX_new();
  EVP_CipherInit_ex(stream->cipher, EVP_aes_128_gcm(), NULL, session_key, NULL, encrypts);
}

void srtp_open_session(srtp *session, const dtls_keys *keys) {
  open_stream(&session->rtp, keys->remote_key, keys->remote_salt, 0, 0);
  open_stream(&session->rtcp, keys->remote_key, keys->remote_salt, 3, 0);
  open_stream(&session->own_rtcp, keys->own_key, keys->own_salt, 3, 1);
}

void srtp_close_session(srtp *session) {
  EVP_CIPHER_CTX_free(session->rtp.cipher);
  EVP_CIPHER_CTX_free(session->rtcp.cipher);
  EVP_CIPHER_CTX_free(session->own_rtcp.cipher);
}

/* 00 00, SSRC, and an index of 48 bits; XOR salt (RFC 7714 8.1 and 9.1). */
static void begin(srtp_stream *stream, const uint8_t *ssrc, uint64_t index) {
  uint8_t iv[IV_BYTES] = {0};
  memcpy(iv + 2, ssrc, 4);
  write16(iv + 6, (uint32_t)(index >> 32));
  write32(iv + 8, (uint32_t)index);
  for (int n = 0; n < IV_BYTES; n += 1) iv[n] ^= stream->salt[n];
  EVP_CipherInit_ex(stream->cipher, NULL, NULL, NULL, iv, -1);
}

static bool finish_open(srtp_stream *stream, uint8_t *body, int size) {
  int written = 0;
  EVP_CipherUpdate(stream->cipher, body, &written, body, size);
  EVP_CIPHER_CTX_ctrl(stream->cipher, EVP_CTRL_GCM_SET_TAG, SRTP_TAG_BYTES, body + size);
  return EVP_CipherFinal_ex(stream->cipher, body + size, &written) == 1;
}

/* Fixed part, CSRCs, extension (RFC 3550 5.1 and 5.3.1); 0 for a packet that is too short. */
static size_t header_bytes(const uint8_t *packet, size_t size) {
  size_t at = RTP_HEADER_BYTES + 4u * (packet[0] & 15);
  if ((packet[0] & 16) != 0 && at + 4 <= size) at += 4 + 4u * read16(packet + at + 2);
  return at + SRTP_TAG_BYTES <= size ? at : 0;
}

int srtp_open(srtp *session, uint8_t *packet, size_t size, uint64_t extended, uint8_t **payload) {
  size_t header = header_bytes(packet, size);
  int body = (int)(size - header - SRTP_TAG_BYTES), written = 0;
  if (header == 0) return -1;
  begin(&session->rtp, packet + 8, extended);
  EVP_CipherUpdate(session->rtp.cipher, NULL, &written, packet, (int)header);
  *payload = packet + header;
  return finish_open(&session->rtp, *payload, body) ? body : -1;
}

int srtcp_open(srtp *session, uint8_t *packet, size_t size) {
  if (size < RTCP_HEADER_BYTES + SRTCP_MORE_BYTES) return -1;
  const uint8_t *word = packet + size - 4;
  int body = (int)(size - RTCP_HEADER_BYTES - SRTCP_MORE_BYTES), written = 0;
  begin(&session->rtcp, packet + 4, read32(word) & ~is_encrypted);
  EVP_CipherUpdate(session->rtcp.cipher, NULL, &written, packet, RTCP_HEADER_BYTES);
  EVP_CipherUpdate(session->rtcp.cipher, NULL, &written, word, 4);
  return finish_open(&session->rtcp, packet + RTCP_HEADER_BYTES, body) ? body + RTCP_HEADER_BYTES : -1;
}

size_t srtcp_seal(srtp *session, uint8_t *packet, size_t size) {
  srtp_stream *stream = &session->own_rtcp;
  uint8_t word[4], *body = packet + RTCP_HEADER_BYTES;
  int written = 0;
  session->own_index += 1;
  write32(word, session->own_index | is_encrypted);
  begin(stream, packet + 4, session->own_index);
  EVP_CipherUpdate(stream->cipher, NULL, &written, packet, RTCP_HEADER_BYTES);
  EVP_CipherUpdate(stream->cipher, NULL, &written, word, 4);
  EVP_CipherUpdate(stream->cipher, body, &written, body, (int)size - RTCP_HEADER_BYTES);
  EVP_CipherFinal_ex(stream->cipher, packet + size, &written);
  EVP_CIPHER_CTX_ctrl(stream->cipher, EVP_CTRL_GCM_GET_TAG, SRTP_TAG_BYTES, packet + size);
  memcpy(packet + size + SRTP_TAG_BYTES, word, 4);
  return size + SRTCP_MORE_BYTES;
}
