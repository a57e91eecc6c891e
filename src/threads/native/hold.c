/* A table of duplicated sockets (fcntl(2), F_DUPFD_CLOEXEC). */
#define _GNU_SOURCE
#include "hold.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "waited.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int *held = NULL;
static size_t held_count = 0;

static bool is_bound_to(int fd, const char *address, uint16_t port) {
  struct sockaddr_storage bound;
  socklen_t size = sizeof bound;
  struct in6_addr wanted;
  if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0) return false;
  if (inet_pton(bound.ss_family, address, &wanted) != 1) return false;
  if (bound.ss_family == AF_INET) {
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)&bound;
    return v4->sin_port == htons(port) && memcmp(&v4->sin_addr, &wanted, sizeof v4->sin_addr) == 0;
  }
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&bound;
  return v6->sin6_port == htons(port) && memcmp(&v6->sin6_addr, &wanted, sizeof v6->sin6_addr) == 0;
}

static bool is_of_kind(int fd, bool listens) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0) return false;
  return listens ? type == SOCK_STREAM && sluice_socket_listens(fd) : type == SOCK_DGRAM;
}

/* -1 when it cannot be kept, and then it is closed. */
static int keep(int fd) {
  pthread_mutex_lock(&lock);
  int *grown = fd < 0 ? NULL : realloc(held, (held_count + 1) * sizeof *grown);
  if (grown != NULL) {
    held = grown;
    held[held_count++] = fd;
  }
  pthread_mutex_unlock(&lock);
  if (grown == NULL && fd >= 0) close(fd);
  return grown == NULL ? -1 : fd;
}

int sluice_hold(int loop, const char *address, uint16_t port, bool listens) {
  sluice_waited_t list = {NULL, 0};
  int found = -1;
  if (sluice_waited_list(loop, &list)) {
    for (size_t at = 0; at < list.count && found < 0; at += 1) {
      int fd = list.sockets[at].fd;
      if (is_of_kind(fd, listens) && is_bound_to(fd, address, port)) found = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }
  }
  free(list.sockets);
  return keep(found);
}

int sluice_hold_own(int fd) { return keep(fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

/* Where it is in the table; -1: nowhere. Under the lock. */
static long place_of(int fd) {
  for (size_t at = 0; at < held_count; at += 1)
    if (held[at] == fd) return (long)at;
  return -1;
}

bool sluice_is_held(int fd) {
  pthread_mutex_lock(&lock);
  bool is_held = place_of(fd) >= 0;
  pthread_mutex_unlock(&lock);
  return is_held;
}

int sluice_hold_copy(int fd) {
  pthread_mutex_lock(&lock);
  int copy = place_of(fd) < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
  pthread_mutex_unlock(&lock);
  return copy;
}

void sluice_hold_release(int fd) {
  pthread_mutex_lock(&lock);
  long at = place_of(fd);
  if (at >= 0) {
    held[at] = held[--held_count];
    close(fd);
  }
  pthread_mutex_unlock(&lock);
}
