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
    /* A forged source port of 0 cannot be answered. */
    bool has_port = sluice_address_port(&from[n]) != 0;
    if (is_whole && has_port) take_datagram(of, socket, of->datagrams[n], headers[n].msg_len, &from[n]);
  }
  return came == SLUICE_RECEIVE_BATCH && of->sockets[socket] != NULL;
}

typedef struct {
  _Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(int))];
} descriptor_control_t;

/* -1: none came with it. */
static int descriptor_of(struct msghdr *message) {
  const struct cmsghdr *rights = CMSG_FIRSTHDR(message);
  int fd = -1;
  if (rights != NULL && rights->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  return fd;
}

/* The socket that sends from there; SLUICE_RECEIVER_SOCKETS: there is none. */
static uint32_t sender_at(const sluice_receiver_t *of, const sluice_address_t *address) {
  uint32_t socket = 0;
  while (socket < SLUICE_RECEIVER_SOCKETS &&
         !(of->sockets[socket] != NULL && of->sockets[socket]->kind == SLUICE_SHARED_PORT &&
           sluice_address_is_same(&of->sockets[socket]->address, address)))
    socket += 1;
  return socket;
}

/* What came to the socket at `head.to`. */
static void take_record(sluice_receiver_t *of, const sluice_inbox_head_t *head, const uint8_t *datagram, size_t size, int fd) {
  uint32_t socket = sender_at(of, &head->to);
  bool is_known = socket != SLUICE_RECEIVER_SOCKETS;
  if (is_known && fd >= 0) of->events.connection(of->context, socket, fd);
  else if (fd >= 0) close(fd);
  else if (is_known && size > 0) take_datagram(of, socket, datagram, size, &head->from);
}

/* As read_batch. */
static bool read_inbox(sluice_receiver_t *of, uint32_t inbox) {
  struct mmsghdr headers[SLUICE_RECEIVE_BATCH];
  struct iovec parts[SLUICE_RECEIVE_BATCH][2];
  sluice_inbox_head_t heads[SLUICE_RECEIVE_BATCH];
  descriptor_control_t controls[SLUICE_RECEIVE_BATCH];
  memset(headers, 0, sizeof headers);
  for (int n = 0; n < SLUICE_RECEIVE_BATCH; n += 1) {
    parts[n][0] = (struct iovec){.iov_base = &heads[n], .iov_len = sizeof heads[n]};
    parts[n][1] = (struct iovec){.iov_base = of->datagrams[n], .iov_len = SLUICE_DATAGRAM_BYTES};
    headers[n].msg_hdr = (struct msghdr){.msg_iov = parts[n],
                                         .msg_iovlen = 2,
                                         .msg_control = controls[n].bytes,
                                         .msg_controllen = sizeof controls[n].bytes};
  }
  int flags = MSG_DONTWAIT | MSG_CMSG_CLOEXEC;
  int came = recvmmsg(of->sockets[inbox]->fd, headers, SLUICE_RECEIVE_BATCH, flags, NULL);
  bool is_closed = false;
  for (int n = 0; n < came; n += 1) {
    size_t size = headers[n].msg_len;
    int fd = descriptor_of(&headers[n].msg_hdr);
    /* Whatever a record before it has closed, its descriptor goes to somebody, or nowhere. */
    if (size >= sizeof heads[n]) take_record(of, &heads[n], of->datagrams[n], size - sizeof heads[n], fd);
    else is_closed = true;
  }
  if (of->sockets[inbox] == NULL) return false;
  /* Nobody writes any more. */
  if (is_closed) uv_poll_stop(&of->sockets[inbox]->poll);
  return came == SLUICE_RECEIVE_BATCH && !is_closed;
}

void sluice_receiver_on_readable(uv_poll_t *poll, int status, int events) {
  (void)status;
  (void)events;
  sluice_receiver_socket_t *at = poll->data;
  sluice_receiver_t *of = at->receiver;
  bool (*read)(sluice_receiver_t *, uint32_t) = at->kind == SLUICE_INBOX ? read_inbox : read_batch;
  for (uint32_t socket = 0; socket < SLUICE_RECEIVER_SOCKETS; socket += 1) {
    if (of->sockets[socket] != at) continue;
    for (int round = 0; round < ROUNDS && read(of, socket);) round += 1;
    return;
  }
}
