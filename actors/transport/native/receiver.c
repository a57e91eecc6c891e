/* Reads, and sorts what came. */
#define _GNU_SOURCE
#include "receiver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Batches in one turn of the loop: no more than Node's own sockets read. */
enum { ROUNDS = 2 };

/* RFC 3550 12.1, RFC 4585 6.4, draft-alvestrand-rmcat-remb. */
enum { SENDER_REPORT = 200, RECEIVER_REPORT = 201, DESCRIPTION = 202, PAYLOAD_FEEDBACK = 206, APPLICATION = 15 };

sluice_receiver_t *sluice_receiver_create(uv_loop_t *loop, const sluice_receiver_events_t *events, void *context) {
  sluice_receiver_t *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->loop = loop;
  made->events = *events;
  made->context = context;
  if (sluice_peers_create(&made->peers)) return made;
  free(made);
  return NULL;
}

void sluice_receiver_destroy(sluice_receiver_t *gone) {
  sluice_peers_destroy(&gone->peers);
  free(gone);
}

static sluice_receiver_socket_t *socket_of(const sluice_receiver_t *of, uint32_t socket) {
  return socket < SLUICE_RECEIVER_SOCKETS ? of->sockets[socket] : NULL;
}

static socklen_t bytes_of(const sluice_address_t *address) {
  return address->any.sa_family == AF_INET6 ? sizeof address->v6 : sizeof address->v4;
}

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

/* Room for a packet that waits; NULL: there is none. */
static uint8_t *wait_with(sluice_receiver_t *of, uint32_t peer, size_t size) {
  sluice_waiting_t head = {.aim = of->peers.peers[peer].aim, .size = (uint32_t)size, .ms = now_ms()};
  size_t bytes = sizeof head + (size + 7) / 8 * 8;
  if (bytes > of->waiting_room - of->waiting_bytes) return NULL;
  uint8_t *at = of->waiting + of->waiting_bytes;
  memcpy(at, &head, sizeof head);
  of->waiting_bytes += bytes;
  return at + sizeof head;
}

size_t sluice_receiver_take(sluice_receiver_t *of) {
  double now = now_ms();
  size_t bytes = of->waiting_bytes;
  for (size_t at = 0; at < bytes;) {
    sluice_waiting_t head;
    memcpy(&head, of->waiting + at, sizeof head);
    head.ms = now - head.ms;
    memcpy(of->waiting + at, &head, sizeof head);
    at += sizeof head + ((size_t)head.size + 7) / 8 * 8;
  }
  of->waiting_bytes = 0;
  sluice_peers_admit(&of->peers);
  return bytes;
}

size_t sluice_receiver_held_bytes(const sluice_receiver_t *of) {
  return sizeof *of + of->opened * sizeof **of->sockets + sluice_peers_held_bytes(&of->peers);
}

/* A quarter of a second is nothing to reports and estimates; what asks for something, or cannot be read here, does not wait. */
static bool can_wait(const uint8_t *packet, size_t size) {
  for (size_t at = 0; at < size;) {
    if (size - at < 4 || packet[at] >> 6 != 2) return false;
    uint8_t type = packet[at + 1];
    bool is_report = type == SENDER_REPORT || type == RECEIVER_REPORT || type == DESCRIPTION;
    if (!is_report && !(type == PAYLOAD_FEEDBACK && (packet[at] & 0x1f) == APPLICATION)) return false;
    at += ((size_t)packet[at + 2] << 8 | packet[at + 3]) * 4 + 4;
  }
  return true;
}

/* False: TypeScript decides on it. */
static bool answer_check(sluice_receiver_t *of, uint32_t peer, const uint8_t *message, size_t size) {
  const sluice_peer_t *from = sluice_peers_get(&of->peers, peer);
  sluice_stun_request_t request;
  if (!sluice_stun_read(message, size, &request)) return false;
  const uint8_t *password = from->credentials + from->username_bytes;
  bool is_known = request.username_bytes == from->username_bytes && request.priority == from->priority &&
                  memcmp(request.username, from->credentials, from->username_bytes) == 0;
  if (!is_known || !sluice_stun_is_authentic(of->peers.mac, message, &request, password, from->password_bytes))
    return false;
  uint8_t answer[SLUICE_STUN_ANSWER_BYTES];
  size_t bytes =
      sluice_stun_answer(of->peers.mac, message, &from->address.any, password, from->password_bytes, answer);
  if (bytes == 0 || wait_with(of, peer, 0) == NULL) return false;
  sluice_receiver_send(of, from->socket, answer, bytes, &from->address);
  return true;
}

static void take_rtcp(sluice_receiver_t *of, uint32_t peer, const uint8_t *packet, size_t size) {
  size_t plain = sluice_peers_open(&of->peers, peer, packet, size, of->plain);
  if (plain == 0) return;
  uint8_t *waiting = can_wait(of->plain, plain) ? wait_with(of, peer, plain) : NULL;
  if (waiting != NULL) memcpy(waiting, of->plain, plain);
  else of->events.rtcp(of->context, of->peers.peers[peer].aim, of->plain, plain);
}

static void take_datagram(sluice_receiver_t *of, uint32_t socket, const uint8_t *datagram, size_t size,
                          const sluice_address_t *from) {
  uint32_t peer = sluice_peers_find(&of->peers, socket, from);
  bool is_known = peer != SLUICE_NO_PEER && size >= 2;
  /* RFC 7983 7, RFC 5761 4. */
  bool is_stun = is_known && datagram[0] <= 3;
  bool is_rtcp = is_known && datagram[0] >> 6 == 2 && datagram[1] >= 192 && datagram[1] <= 223;
  if (is_stun && answer_check(of, peer, datagram, size)) return;
  if (is_rtcp) take_rtcp(of, peer, datagram, size);
  else of->events.datagram(of->context, socket, datagram, size, from);
}

/* False when there may be nothing left. */
static bool read_batch(sluice_receiver_t *of, uint32_t socket) {
  struct mmsghdr headers[SLUICE_RECEIVE_BATCH];
  struct iovec parts[SLUICE_RECEIVE_BATCH];
  sluice_address_t from[SLUICE_RECEIVE_BATCH];
  memset(headers, 0, sizeof headers);
  for (int n = 0; n < SLUICE_RECEIVE_BATCH; n += 1) {
    parts[n] = (struct iovec){.iov_base = of->datagrams[n], .iov_len = SLUICE_DATAGRAM_BYTES};
    headers[n].msg_hdr = (struct msghdr){
        .msg_name = &from[n], .msg_namelen = sizeof from[n], .msg_iov = &parts[n], .msg_iovlen = 1};
  }
  int came = recvmmsg(of->sockets[socket]->fd, headers, SLUICE_RECEIVE_BATCH, MSG_DONTWAIT, NULL);
  for (int n = 0; n < came && of->sockets[socket] != NULL; n += 1) {
    bool is_whole = (headers[n].msg_hdr.msg_flags & MSG_TRUNC) == 0 && headers[n].msg_len > 0;
    bool has_port = (from[n].any.sa_family == AF_INET && from[n].v4.sin_port != 0) ||
                    (from[n].any.sa_family == AF_INET6 && from[n].v6.sin6_port != 0);
    /* A forged source port of 0 cannot be answered. */
    if (is_whole && has_port) take_datagram(of, socket, of->datagrams[n], headers[n].msg_len, &from[n]);
  }
  return came == SLUICE_RECEIVE_BATCH && of->sockets[socket] != NULL;
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  (void)status;
  (void)events;
  sluice_receiver_socket_t *at = poll->data;
  sluice_receiver_t *of = at->receiver;
  for (uint32_t socket = 0; socket < SLUICE_RECEIVER_SOCKETS; socket += 1) {
    if (of->sockets[socket] != at) continue;
    for (int round = 0; round < ROUNDS && read_batch(of, socket);) round += 1;
    return;
  }
}

static void on_closed(uv_handle_t *handle) {
  sluice_receiver_socket_t *gone = handle->data;
  sluice_receiver_t *of = gone->receiver;
  free(gone);
  of->opened -= 1;
  if (of->opened == 0) of->events.closed(of->context);
}

/* Of a socket of the given descriptor, or of a new one; -1: none is left. */
static int bound_socket(const sluice_address_t *address, int descriptor, int buffer_bytes) {
  int family = address->any.sa_family, yes = 1;
  int fd = descriptor >= 0 ? descriptor : socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (descriptor < 0) {
    if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (bind(fd, &address->any, bytes_of(address)) != 0) {
      int error = errno;
      close(fd);
      errno = error;
      return -1;
    }
  }
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  return fd;
}

int sluice_receiver_open(sluice_receiver_t *of, const sluice_address_t *address, int descriptor, int buffer_bytes) {
  uint32_t socket = 0;
  while (socket < SLUICE_RECEIVER_SOCKETS && of->sockets[socket] != NULL) socket += 1;
  sluice_receiver_socket_t *made = socket == SLUICE_RECEIVER_SOCKETS ? NULL : calloc(1, sizeof *made);
  if (made == NULL) {
    if (descriptor >= 0) close(descriptor);
    return -ENOMEM;
  }
  made->receiver = of;
  made->poll.data = made;
  made->fd = bound_socket(address, descriptor, buffer_bytes);
  int failed = made->fd < 0 ? -errno : uv_poll_init(of->loop, &made->poll, made->fd);
  if (failed != 0) {
    if (made->fd >= 0) close(made->fd);
    free(made);
    return failed;
  }
  made->poll.data = made;
  of->sockets[socket] = made;
  of->opened += 1;
  failed = uv_poll_start(&made->poll, UV_READABLE, on_readable);
  if (failed == 0) return (int)socket;
  sluice_receiver_close(of, socket);
  return failed;
}

uint16_t sluice_receiver_port(const sluice_receiver_t *of, uint32_t socket) {
  const sluice_receiver_socket_t *at = socket_of(of, socket);
  sluice_address_t bound;
  socklen_t size = sizeof bound;
  if (at == NULL || getsockname(at->fd, &bound.any, &size) != 0) return 0;
  return ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
}

int sluice_receiver_send(const sluice_receiver_t *of, uint32_t socket, const uint8_t *datagram, size_t size,
                         const sluice_address_t *to) {
  const sluice_receiver_socket_t *at = socket_of(of, socket);
  if (at == NULL) return EBADF;
  ssize_t sent = -1;
  do sent = sendto(at->fd, datagram, size, MSG_DONTWAIT | MSG_NOSIGNAL, &to->any, bytes_of(to));
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? errno : 0;
}

void sluice_receiver_close(sluice_receiver_t *of, uint32_t socket) {
  sluice_receiver_socket_t *at = socket_of(of, socket);
  if (at == NULL) return;
  of->sockets[socket] = NULL;
  uv_close((uv_handle_t *)&at->poll, on_closed);
  close(at->fd);
  at->fd = -1;
}
