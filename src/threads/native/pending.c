/* Connections in places, by the time of their coming. */
#define _GNU_SOURCE
#include "pending.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/* RFC 4571 2: the length of each packet before it; a binding request is no longer (src/core/ice/stun-message.ts). */
enum { LENGTH_BYTES = 2, MAX_REQUEST_BYTES = 548 };
/* As actors/transport/tcp-port.ts. */
static const double pending_ms = 5000;

void sluice_pending_create(sluice_pending_t *made, int loop, uint32_t first) {
  made->loop = loop;
  made->first = first;
  made->count = 0;
  for (size_t at = 0; at < SLUICE_MAX_PENDING; at += 1) made->connections[at].fd = -1;
}

/* Its registration would outlive the descriptor where an inbox has another one (epoll(7), question 6). */
static void drop(sluice_pending_t *of, size_t place) {
  sluice_pending_connection_t *gone = &of->connections[place];
  if (gone->fd < 0) return;
  epoll_ctl(of->loop, EPOLL_CTL_DEL, gone->fd, NULL);
  close(gone->fd);
  gone->fd = -1;
  of->count -= 1;
}

void sluice_pending_close(sluice_pending_t *gone) {
  for (size_t at = 0; at < SLUICE_MAX_PENDING; at += 1) drop(gone, at);
}

static size_t connections_of_client(const sluice_pending_t *of, size_t place) {
  size_t count = 0;
  for (size_t at = 0; at < SLUICE_MAX_PENDING; at += 1)
    count += sluice_address_is_same_client(&of->connections[at].path.from, &of->connections[place].path.from);
  return count;
}

/* A free one, or that of the oldest of the client that has most: a crowd cuts off its own. */
static size_t make_room(sluice_pending_t *of) {
  for (size_t at = 0; at < SLUICE_MAX_PENDING; at += 1)
    if (of->connections[at].fd < 0) return at;
  size_t chosen = 0;
  size_t most = connections_of_client(of, chosen);
  for (size_t at = 1; at < SLUICE_MAX_PENDING; at += 1) {
    size_t count = connections_of_client(of, at);
    bool is_older = of->connections[at].since_ms < of->connections[chosen].since_ms;
    if (count < most || (count == most && !is_older)) continue;
    chosen = at;
    most = count;
  }
  drop(of, chosen);
  return chosen;
}

bool sluice_pending_accept(sluice_pending_t *of, int listening, const sluice_address_t *to, double now_ms) {
  sluice_inbox_head_t path = {.to = *to};
  socklen_t size = sizeof path.from;
  int fd = accept4(listening, &path.from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return false;
  size_t place = make_room(of);
  /* Told once of what has come: it stays unread. */
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = of->first + (uint32_t)place};
  if (epoll_ctl(of->loop, EPOLL_CTL_ADD, fd, &event) != 0) {
    close(fd);
    return true;
  }
  of->connections[place] = (sluice_pending_connection_t){.fd = fd, .since_ms = now_ms, .path = path};
  of->count += 1;
  return true;
}

bool sluice_pending_look(sluice_pending_t *of, size_t place) {
  const sluice_pending_connection_t *one = &of->connections[place];
  if (one->fd < 0) return false;
  uint8_t bytes[LENGTH_BYTES + MAX_REQUEST_BYTES];
  ssize_t came = recv(one->fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
  if (came < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  size_t size = came < LENGTH_BYTES ? 0 : (size_t)bytes[0] << 8 | bytes[1];
  bool is_whole = came >= LENGTH_BYTES && (size_t)came >= LENGTH_BYTES + size;
  bool may_come = came > 0 && !is_whole && size <= MAX_REQUEST_BYTES;
  if (may_come) return false;
  bool is_taken = false;
  if (is_whole) {
    sluice_inboxes_lock();
    is_taken = sluice_inbox_connect(&one->path, bytes + LENGTH_BYTES, size, one->fd) == SLUICE_SORTED;
    sluice_inboxes_unlock();
  }
  drop(of, place);
  return came > 0 && !is_taken;
}

void sluice_pending_sweep(sluice_pending_t *of, double now_ms) {
  for (size_t at = 0; at < SLUICE_MAX_PENDING; at += 1)
    if (of->connections[at].fd >= 0 && now_ms - of->connections[at].since_ms >= pending_ms) drop(of, at);
}
