/* Sends a batch by sendmmsg(2), and packet by packet where the kernel refuses segmentation. */
#define _GNU_SOURCE
#include "batch.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>

#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

typedef struct {
  _Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(uint16_t))];
} segment_control_t;

void sluice_batch_init(sluice_batch_t *batch) {
  batch->used = 0;
  batch->count = 0;
  batch->fd = -1;
  memset(&batch->counts, 0, sizeof batch->counts);
}

bool sluice_batch_has_room(const sluice_batch_t *batch, const sluice_route_t *route, size_t bytes) {
  if (batch->count == 0) return bytes <= SLUICE_BATCH_BYTES;
  return batch->count < SLUICE_BATCH_MESSAGES && batch->used + bytes <= SLUICE_BATCH_BYTES && batch->fd == route->fd;
}

void sluice_batch_add(sluice_batch_t *batch, uint32_t owner, const sluice_route_t *route, size_t bytes,
                      uint32_t packets, size_t segment_bytes) {
  size_t at = batch->count;
  batch->messages[at] = (sluice_message_t){.owner = owner, .packets = packets, .left = packets, .left_bytes = bytes};
  batch->segment_bytes[at] = segment_bytes;
  batch->routes[at] = *route;
  batch->parts[at] = (struct iovec){.iov_base = batch->bytes + batch->used, .iov_len = bytes};
  batch->fd = route->fd;
  batch->used += bytes;
  batch->count += 1;
}

static bool is_full(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM;
}

/* No checksum offload on the path (EIO), an old kernel, or segments beyond the path MTU. */
static bool refuses_segments(int error) {
  return error == EIO || error == EINVAL || error == EOPNOTSUPP || error == EMSGSIZE;
}

static void gone(sluice_message_t *message, uint32_t packets, size_t bytes) {
  message->left -= packets;
  message->left_bytes -= bytes;
}

static void give_up(sluice_batch_t *batch, int error, uint32_t packets) {
  if (error == EMSGSIZE) batch->counts.too_long += packets;
  else batch->counts.dropped += packets;
}

/* Packet by packet. False when the queue is full: the message then says what is left of it. */
static bool send_apart(sluice_batch_t *batch, size_t at) {
  sluice_message_t *message = &batch->messages[at];
  const uint8_t *from = batch->parts[at].iov_base;
  while (message->left > 0) {
    size_t bytes = message->left > 1 ? batch->segment_bytes[at] : message->left_bytes;
    batch->counts.system_calls += 1;
    ssize_t sent = sendto(batch->fd, from, bytes, MSG_DONTWAIT | MSG_NOSIGNAL, &batch->routes[at].address.any,
                          batch->routes[at].address_bytes);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && is_full(errno)) return false;
    if (sent < 0) give_up(batch, errno, 1);
    else batch->counts.datagrams += 1;
    from += bytes;
    gone(message, 1, bytes);
  }
  return true;
}

static size_t prepare(sluice_batch_t *batch, size_t first, struct mmsghdr *headers, segment_control_t *controls) {
  for (size_t at = first; at < batch->count; at += 1) {
    struct msghdr *header = &headers[at - first].msg_hdr;
    memset(&headers[at - first], 0, sizeof headers[0]);
    header->msg_name = &batch->routes[at].address.any;
    header->msg_namelen = batch->routes[at].address_bytes;
    header->msg_iov = &batch->parts[at];
    header->msg_iovlen = 1;
    if (batch->messages[at].packets < 2) continue;
    segment_control_t *control = &controls[at - first];
    memset(control, 0, sizeof *control);
    header->msg_control = control->bytes;
    header->msg_controllen = sizeof control->bytes;
    struct cmsghdr *segment = CMSG_FIRSTHDR(header);
    segment->cmsg_level = SOL_UDP;
    segment->cmsg_type = UDP_SEGMENT;
    segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    uint16_t segment_bytes = (uint16_t)batch->segment_bytes[at];
    memcpy(CMSG_DATA(segment), &segment_bytes, sizeof segment_bytes);
  }
  return batch->count - first;
}

static void took(sluice_batch_t *batch, size_t at) {
  sluice_message_t *message = &batch->messages[at];
  batch->counts.datagrams += message->packets;
  gone(message, message->left, message->left_bytes);
}

size_t sluice_batch_flush(sluice_batch_t *batch) {
  struct mmsghdr headers[SLUICE_BATCH_MESSAGES];
  segment_control_t controls[SLUICE_BATCH_MESSAGES];
  size_t count = batch->count;
  size_t at = 0;
  while (at < count) {
    size_t ready = prepare(batch, at, headers, controls);
    batch->counts.system_calls += 1;
    int sent = sendmmsg(batch->fd, headers, (unsigned)ready, MSG_DONTWAIT | MSG_NOSIGNAL);
    for (int n = 0; n < sent; n += 1, at += 1) took(batch, at);
    if (sent >= 0) continue;
    if (errno == EINTR) continue;
    if (is_full(errno)) break;
    if (batch->messages[at].packets > 1 && refuses_segments(errno)) {
      batch->counts.fell_back += 1;
      batch->messages[at].is_refused = true;
      if (!send_apart(batch, at)) break;
      at += 1;
      continue;
    }
    /* One that cannot be sent at all (EMSGSIZE, ENETUNREACH, EPERM) must not hold up those behind it. */
    give_up(batch, errno, batch->messages[at].packets);
    gone(&batch->messages[at], batch->messages[at].left, batch->messages[at].left_bytes);
    at += 1;
  }
  batch->counts.blocked += count - at;
  batch->used = 0;
  batch->count = 0;
  return count;
}
