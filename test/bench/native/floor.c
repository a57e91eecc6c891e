/*
 * The floor under the fan-out: what a packet to a viewer costs in C with nothing around it. AES-128-GCM by OpenSSL, one
 * UDP_SEGMENT message a viewer and frame, sendmmsg over all viewers; receivers are sockets that nobody reads.
 *
 * floor VIEWERS PACKETS_PER_FRAME PAYLOAD_BYTES FRAMES -> "packets cpu_us_per_packet"
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { OVERHEAD_BYTES = 28, MAX_SEGMENTS = 64, MAX_MESSAGE_BYTES = 60000, MESSAGES = 16 };

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static double cpu_us(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void seal(EVP_CIPHER_CTX *cipher, uint64_t index, const uint8_t *payload, int size, uint8_t *out) {
  uint8_t iv[12] = {0};
  int written = 0;
  memcpy(iv + 4, &index, sizeof index);
  memcpy(out, "\x80\x60seqnotstssrc", 12);
  EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, iv);
  EVP_EncryptUpdate(cipher, NULL, &written, out, 12);
  EVP_EncryptUpdate(cipher, out + 12, &written, payload, size);
  EVP_EncryptFinal_ex(cipher, out + 12 + size, &written);
  EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, 16, out + 12 + size);
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  int viewers = atoi(arguments[1]), packets = atoi(arguments[2]), size = atoi(arguments[3]), frames = atoi(arguments[4]);
  if (viewers < 1 || packets < 1 || packets > MAX_SEGMENTS || size < 1 || (size + OVERHEAD_BYTES) * packets > MAX_MESSAGE_BYTES) return 2;
  int sender = socket(AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in *to = calloc((size_t)viewers, sizeof *to);
  EVP_CIPHER_CTX **ciphers = calloc((size_t)viewers, sizeof *ciphers);
  uint8_t *payload = calloc(1, (size_t)size), key[16] = {7};
  for (int n = 0; n < viewers; n += 1) {
    int receiver = socket(AF_INET, SOCK_DGRAM, 0);
    socklen_t bytes = sizeof to[n];
    to[n].sin_family = AF_INET;
    to[n].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(receiver, (struct sockaddr *)&to[n], bytes) != 0) return 1;
    getsockname(receiver, (struct sockaddr *)&to[n], &bytes);
    ciphers[n] = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(ciphers[n], EVP_aes_128_gcm(), NULL, key, NULL);
  }
  size_t segment = (size_t)(size + OVERHEAD_BYTES), message = segment * (size_t)packets;
  uint8_t *bytes = malloc(message * MESSAGES);
  struct mmsghdr headers[MESSAGES];
  struct iovec parts[MESSAGES];
  struct { _Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(uint16_t))]; } controls[MESSAGES];
  uint64_t index = 0, sent_packets = 0;
  double start_us = cpu_us();
  for (int frame = 0; frame < frames; frame += 1) {
    for (int first = 0; first < viewers; first += MESSAGES) {
      int batch = viewers - first < MESSAGES ? viewers - first : MESSAGES;
      memset(headers, 0, sizeof headers);
      for (int n = 0; n < batch; n += 1) {
        uint8_t *out = bytes + message * (size_t)n;
        for (int packet = 0; packet < packets; packet += 1) seal(ciphers[first + n], index++, payload, size, out + segment * (size_t)packet);
        parts[n] = (struct iovec){out, message};
        headers[n].msg_hdr = (struct msghdr){.msg_name = &to[first + n], .msg_namelen = sizeof *to, .msg_iov = &parts[n], .msg_iovlen = 1,
                                             .msg_control = controls[n].bytes, .msg_controllen = sizeof controls[n].bytes};
        struct cmsghdr *control = CMSG_FIRSTHDR(&headers[n].msg_hdr);
        control->cmsg_level = IPPROTO_UDP;
        control->cmsg_type = UDP_SEGMENT;
        control->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        uint16_t segment_bytes = (uint16_t)segment;
        memcpy(CMSG_DATA(control), &segment_bytes, sizeof segment_bytes);
      }
      int taken = sendmmsg(sender, headers, (unsigned)batch, 0);
      if (taken > 0) sent_packets += (uint64_t)taken * (uint64_t)packets;
    }
  }
  printf("%llu %.3f\n", (unsigned long long)sent_packets, (cpu_us() - start_us) / (double)sent_packets);
  return 0;
}
