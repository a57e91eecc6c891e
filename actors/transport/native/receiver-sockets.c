/* Opens sockets, and closes them. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "receiver.h"

static sluice_receiver_socket_t *socket_of(const sluice_receiver_t *of, uint32_t socket) {
  return socket < SLUICE_RECEIVER_SOCKETS ? of->sockets[socket] : NULL;
}

/* The loop waits for it without hearing of it, so that it is known for the thread's own (src/threads/native/cut-off.h). */
static void on_nothing(uv_poll_t *poll, int status, int events) {
  (void)poll;
  (void)status;
  (void)events;
}

static void on_closed(uv_handle_t *handle) {
  sluice_receiver_socket_t *gone = handle->data;
  sluice_receiver_t *of = gone->receiver;
  free(gone);
  of->opened -= 1;
  if (of->opened == 0) of->events.closed(of->context);
}

/* -1: none is left. */
static int bound_socket(const sluice_address_t *address, bool is_shared) {
  int family = address->any.sa_family, yes = 1;
  int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  if (is_shared) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes);
  if (bind(fd, &address->any, sluice_address_bytes(address)) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/* The descriptor is owned; -1: there is none, as errno(3) says. */
static int open_socket(sluice_receiver_t *of, sluice_receiver_kind_t kind, int descriptor, const sluice_address_t *address) {
  uint32_t socket = 0;
  int failed = descriptor < 0 ? -errno : -ENOMEM;
  while (socket < SLUICE_RECEIVER_SOCKETS && of->sockets[socket] != NULL) socket += 1;
  sluice_receiver_socket_t *made =
      descriptor < 0 || socket == SLUICE_RECEIVER_SOCKETS ? NULL : calloc(1, sizeof *made);
  if (made != NULL) {
    made->receiver = of;
    made->kind = kind;
    made->fd = descriptor;
    if (address != NULL) made->address = *address;
    failed = uv_poll_init(of->loop, &made->poll, made->fd);
  }
  if (failed != 0) {
    if (descriptor >= 0) close(descriptor);
    free(made);
    return failed;
  }
  made->poll.data = made;
  of->sockets[socket] = made;
  of->opened += 1;
  failed = kind == SLUICE_SHARED_PORT ? uv_poll_start(&made->poll, UV_DISCONNECT, on_nothing)
                                      : uv_poll_start(&made->poll, UV_READABLE, sluice_receiver_on_readable);
  if (failed == 0) return (int)socket;
  sluice_receiver_close(of, socket);
  return failed;
}

int sluice_receiver_open(sluice_receiver_t *of, const sluice_address_t *address, int descriptor, int buffer_bytes) {
  int fd = descriptor >= 0 ? descriptor : bound_socket(address, false);
  int opened = open_socket(of, SLUICE_OWN_PORT, fd, NULL);
  if (opened < 0) return opened;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  return opened;
}

int sluice_receiver_open_shared(sluice_receiver_t *of, const sluice_address_t *address, int buffer_bytes) {
  int fd = bound_socket(address, true);
  int opened = open_socket(of, SLUICE_SHARED_PORT, fd, address);
  if (opened >= 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
  return opened;
}

int sluice_receiver_open_inbox(sluice_receiver_t *of, int descriptor) {
  return open_socket(of, SLUICE_INBOX, descriptor, NULL);
}

int sluice_receiver_descriptor(const sluice_receiver_t *of, uint32_t socket) {
  const sluice_receiver_socket_t *at = socket_of(of, socket);
  return at == NULL ? -1 : at->fd;
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
  do sent = sendto(at->fd, datagram, size, MSG_DONTWAIT | MSG_NOSIGNAL, &to->any, sluice_address_bytes(to));
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
