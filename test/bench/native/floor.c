/*
 * The floor under the fan-out: what a packet to a viewer costs in C with nothing around it. SRTP by the OpenSSL inside
 * Node, one UDP_SEGMENT message a viewer and frame, sendmmsg over some viewers; receivers are sockets that nobody
 * reads.
 *
 * floor(profile: 0 GCM | 1 CM, packetsPerFrame, payloadBytes, frames, ports: Uint16Array) -> packets that were taken
 */
#define _GNU_SOURCE
#define OPENSSL_SUPPRESS_DEPRECATED
#define NAPI_VERSION 8
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <node_api.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HEADER_BYTES = 12, GCM = 0, MAX_SEGMENTS = 64, MAX_MESSAGE_BYTES = 60000, MESSAGES = 16 };

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

typedef struct {
  EVP_CIPHER_CTX *cipher;
  HMAC_CTX *mac;
  struct sockaddr_in to;
} receiver;

typedef struct {
  _Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(uint16_t))];
} control;

static int tag_bytes(int profile) { return profile == GCM ? 16 : 10; }

static void open_receiver(receiver *made, int profile, uint16_t port) {
  static const uint8_t key[20] = {7};
  made->to =
      (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  made->cipher = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(made->cipher, profile == GCM ? EVP_aes_128_gcm() : EVP_aes_128_ctr(), NULL, key, NULL);
  made->mac = profile == GCM ? NULL : HMAC_CTX_new();
  if (made->mac != NULL) HMAC_Init_ex(made->mac, key, sizeof key, EVP_sha1(), NULL);
}

static void seal(receiver *to, uint64_t index, const uint8_t *payload, int size, uint8_t *out) {
  uint8_t iv[16] = {0}, mac[20];
  uint8_t *body = out + HEADER_BYTES;
  int written = 0;
  unsigned mac_bytes = 0;
  memcpy(iv + 4, &index, sizeof index);
  memcpy(out, "\x80\x60seqnotstssrc", HEADER_BYTES);
  EVP_EncryptInit_ex(to->cipher, NULL, NULL, NULL, iv);
  if (to->mac == NULL) EVP_EncryptUpdate(to->cipher, NULL, &written, out, HEADER_BYTES);
  EVP_EncryptUpdate(to->cipher, body, &written, payload, size);
  if (to->mac == NULL) {
    EVP_EncryptFinal_ex(to->cipher, body + size, &written);
    EVP_CIPHER_CTX_ctrl(to->cipher, EVP_CTRL_GCM_GET_TAG, tag_bytes(GCM), body + size);
    return;
  }
  HMAC_Init_ex(to->mac, NULL, 0, NULL, NULL);
  HMAC_Update(to->mac, out, (size_t)(HEADER_BYTES + size));
  HMAC_Update(to->mac, (const uint8_t *)"roll", 4);
  HMAC_Final(to->mac, mac, &mac_bytes);
  memcpy(body + size, mac, 10);
}

static void address(struct msghdr *header, receiver *to, struct iovec *part, control *control, uint16_t segment_bytes) {
  *header = (struct msghdr){.msg_name = &to->to,
                            .msg_namelen = sizeof to->to,
                            .msg_iov = part,
                            .msg_iovlen = 1,
                            .msg_control = control->bytes,
                            .msg_controllen = sizeof control->bytes};
  struct cmsghdr *segment = CMSG_FIRSTHDR(header);
  segment->cmsg_level = IPPROTO_UDP;
  segment->cmsg_type = UDP_SEGMENT;
  segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  memcpy(CMSG_DATA(segment), &segment_bytes, sizeof segment_bytes);
}

static uint64_t run(int profile, int packets, int size, int frames, receiver *receivers, size_t viewers) {
  int sender = socket(AF_INET, SOCK_DGRAM, 0);
  size_t segment = (size_t)(HEADER_BYTES + size + tag_bytes(profile)), message = segment * (size_t)packets;
  uint8_t *payload = calloc(1, (size_t)size), *bytes = malloc(message * MESSAGES);
  struct mmsghdr headers[MESSAGES] = {0};
  struct iovec parts[MESSAGES];
  control controls[MESSAGES];
  uint64_t index = 0, taken = 0;
  for (int frame = 0; frame < frames; frame += 1) {
    for (size_t first = 0; first < viewers; first += MESSAGES) {
      size_t batch = viewers - first < MESSAGES ? viewers - first : MESSAGES;
      for (size_t n = 0; n < batch; n += 1) {
        uint8_t *out = bytes + message * n;
        for (int packet = 0; packet < packets; packet += 1) {
          seal(&receivers[first + n], index, payload, size, out + segment * (size_t)packet);
          index += 1;
        }
        parts[n] = (struct iovec){out, message};
        address(&headers[n].msg_hdr, &receivers[first + n], &parts[n], &controls[n], (uint16_t)segment);
      }
      int sent = sendmmsg(sender, headers, (unsigned)batch, 0);
      if (sent > 0) taken += (uint64_t)sent * (uint64_t)packets;
    }
  }
  close(sender);
  free(bytes);
  free(payload);
  return taken;
}

static napi_value floor_of(napi_env env, napi_callback_info info) {
  size_t count = 5, viewers = 0;
  napi_value arguments[5], result = NULL;
  int32_t numbers[4] = {0};
  napi_typedarray_type type;
  void *ports = NULL;
  napi_get_cb_info(env, info, &count, arguments, NULL, NULL);
  for (int n = 0; n < 4; n += 1) napi_get_value_int32(env, arguments[n], &numbers[n]);
  const int profile = numbers[0], packets = numbers[1], size = numbers[2], frames = numbers[3];
  if (napi_get_typedarray_info(env, arguments[4], &type, &viewers, &ports, NULL, NULL) != napi_ok ||
      type != napi_uint16_array || packets < 1 || packets > MAX_SEGMENTS || size < 1 ||
      (size + HEADER_BYTES + 16) * packets > MAX_MESSAGE_BYTES) {
    napi_throw_type_error(env, NULL, "floor(profile, packetsPerFrame, payloadBytes, frames, ports)");
    return NULL;
  }
  receiver *receivers = calloc(viewers, sizeof *receivers);
  for (size_t n = 0; n < viewers; n += 1) open_receiver(&receivers[n], profile, ((const uint16_t *)ports)[n]);
  napi_create_double(env, (double)run(profile, packets, size, frames, receivers, viewers), &result);
  for (size_t n = 0; n < viewers; n += 1) {
    EVP_CIPHER_CTX_free(receivers[n].cipher);
    HMAC_CTX_free(receivers[n].mac);
  }
  free(receivers);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function = NULL;
  napi_create_function(env, "floor", NAPI_AUTO_LENGTH, floor_of, NULL, &function);
  napi_set_named_property(env, exports, "floor", function);
  return exports;
}
