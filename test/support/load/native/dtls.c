#include "dtls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct dtls {
  SSL *ssl;
  int fd;
  const uint8_t *pending;
  size_t pending_bytes;
  uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
  dtls_state state;
};

enum { MTU_BYTES = 1200, OVERHEAD_BYTES = 28, FIRST_REPEAT_US = 50000, LONGEST_REPEAT_US = 60000000 };

static SSL_CTX *context;
static BIO_METHOD *method;

static int send_datagram(BIO *bio, const char *bytes, int size) {
  const dtls *session = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  return (int)send(session->fd, bytes, (size_t)size, 0);
}

static int read_datagram(BIO *bio, char *bytes, int size) {
  dtls *session = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (session->pending_bytes == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  size_t taken = session->pending_bytes < (size_t)size ? session->pending_bytes : (size_t)size;
  memcpy(bytes, session->pending, taken);
  session->pending_bytes = 0;
  return (int)taken;
}

static long control(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  switch (command) {
  case BIO_CTRL_FLUSH:
    return 1;
  case BIO_CTRL_DGRAM_QUERY_MTU:
    return MTU_BYTES;
  case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
    return OVERHEAD_BYTES;
  default:
    return 0;
  }
}

/* Any certificate: its fingerprint is compared when the handshake is done (RFC 8122). */
static int accept_any(int is_good, X509_STORE_CTX *store) {
  (void)is_good, (void)store;
  return 1;
}

const char *dtls_use_certificate(const char *certificate_pem, const char *key_pem) {
  BIO *certificate_text = BIO_new_mem_buf(certificate_pem, -1), *key_text = BIO_new_mem_buf(key_pem, -1);
  X509 *certificate = PEM_read_bio_X509(certificate_text, NULL, NULL, NULL);
  EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);
  context = SSL_CTX_new(DTLS_client_method());
  method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "a socket of a viewer");
  BIO_meth_set_write(method, send_datagram);
  BIO_meth_set_read(method, read_datagram);
  BIO_meth_set_ctrl(method, control);
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
  bool is_good = certificate != NULL && key != NULL && SSL_CTX_use_certificate(context, certificate) == 1 &&
                 SSL_CTX_use_PrivateKey(context, key) == 1 &&
                 SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES128-GCM-SHA256") == 1 &&
                 SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 &&
                 SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM") == 0;
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(certificate_text);
  BIO_free(key_text);
  return is_good ? NULL : "OpenSSL takes no such certificate, key or profile";
}

/* Repeats a flight as Chromium does, after 50, 100, 200 ms and so on; OpenSSL itself begins with a second. */
static unsigned repeat_us(SSL *ssl, unsigned last_us) {
  (void)ssl;
  return last_us == 0 ? FIRST_REPEAT_US : last_us > LONGEST_REPEAT_US / 2 ? LONGEST_REPEAT_US : 2 * last_us;
}

dtls *dtls_open(int fd, const uint8_t fingerprint[DTLS_FINGERPRINT_BYTES]) {
  dtls *session = calloc(1, sizeof *session);
  BIO *bio = BIO_new(method);
  session->fd = fd;
  memcpy(session->fingerprint, fingerprint, DTLS_FINGERPRINT_BYTES);
  session->ssl = SSL_new(context);
  BIO_set_data(bio, session);
  BIO_set_init(bio, 1);
  SSL_set_bio(session->ssl, bio, bio);
  SSL_set_mtu(session->ssl, MTU_BYTES);
  DTLS_set_timer_cb(session->ssl, repeat_us);
  SSL_set_connect_state(session->ssl);
  return session;
}

static bool has_fingerprint(const dtls *session) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509 *certificate = SSL_get1_peer_certificate(session->ssl);
  bool is_same = certificate != NULL && X509_digest(certificate, EVP_sha256(), digest, &size) == 1 &&
                 size == DTLS_FINGERPRINT_BYTES && memcmp(digest, session->fingerprint, size) == 0;
  X509_free(certificate);
  return is_same;
}

static dtls_state shake(dtls *session) {
  int result = SSL_do_handshake(session->ssl);
  if (result == 1) return has_fingerprint(session) ? DTLS_CONNECTED : DTLS_FAILED;
  return SSL_get_error(session->ssl, result) == SSL_ERROR_WANT_READ ? DTLS_SHAKING : DTLS_FAILED;
}

/* Nothing but alerts comes behind the handshake, or its last flight once more. */
static dtls_state read_alert(dtls *session) {
  char text[64];
  int result = SSL_read(session->ssl, text, sizeof text);
  int error = SSL_get_error(session->ssl, result);
  if (result > 0 || error == SSL_ERROR_WANT_READ) return DTLS_CONNECTED;
  return error == SSL_ERROR_ZERO_RETURN ? DTLS_CLOSED : DTLS_FAILED;
}

dtls_state dtls_take(dtls *session, const uint8_t *datagram, size_t size) {
  ERR_clear_error();
  session->pending = datagram;
  session->pending_bytes = size;
  if (session->state == DTLS_SHAKING) {
    if (size == 0 && SSL_in_before(session->ssl) == 0) DTLSv1_handle_timeout(session->ssl);
    else session->state = shake(session);
  } else if (session->state == DTLS_CONNECTED && size > 0) session->state = read_alert(session);
  session->pending_bytes = 0;
  return session->state;
}

bool dtls_read_keys(const dtls *session, dtls_keys *keys) {
  static const char label[] = "EXTRACTOR-dtls_srtp";
  uint8_t made[2 * (DTLS_KEY_BYTES + DTLS_SALT_BYTES)];
  if (SSL_get_selected_srtp_profile(session->ssl) == NULL) return false;
  if (SSL_export_keying_material(session->ssl, made, sizeof made, label, sizeof label - 1, NULL, 0, 0) != 1)
    return false;
  /* The client's key, the server's, their salts (RFC 5764 4.2). */
  memcpy(keys->own_key, made, DTLS_KEY_BYTES);
  memcpy(keys->remote_key, made + DTLS_KEY_BYTES, DTLS_KEY_BYTES);
  memcpy(keys->own_salt, made + 2 * DTLS_KEY_BYTES, DTLS_SALT_BYTES);
  memcpy(keys->remote_salt, made + 2 * DTLS_KEY_BYTES + DTLS_SALT_BYTES, DTLS_SALT_BYTES);
  return true;
}

void dtls_close(dtls *session, bool says_goodbye) {
  if (session->state == DTLS_CONNECTED && says_goodbye) SSL_shutdown(session->ssl);
  SSL_free(session->ssl);
  free(session);
}
