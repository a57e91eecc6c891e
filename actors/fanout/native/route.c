/* Socket addresses, and the search for a UDP socket of this process among its descriptors (/proc/self/fd, proc(5)). */
#define _GNU_SOURCE
#include "route.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool sluice_route_set(sluice_route_t *route, int fd, const uint8_t *address, size_t address_bytes, uint16_t port) {
  memset(route, 0, sizeof *route);
  route->fd = fd;
  if (address_bytes == 4) {
    route->address.v4.sin_family = AF_INET;
    route->address.v4.sin_port = htons(port);
    memcpy(&route->address.v4.sin_addr, address, 4);
    route->address_bytes = sizeof route->address.v4;
  } else if (address_bytes == 16) {
    route->address.v6.sin6_family = AF_INET6;
    route->address.v6.sin6_port = htons(port);
    memcpy(&route->address.v6.sin6_addr, address, 16);
    route->address_bytes = sizeof route->address.v6;
  }
  return route->address_bytes > 0;
}

static bool is_bound_to(int fd, const sluice_route_t *wanted) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_DGRAM) return false;
  sluice_route_t bound;
  memset(&bound, 0, sizeof bound);
  bound.address_bytes = sizeof bound.address;
  if (getsockname(fd, &bound.address.any, &bound.address_bytes) != 0) return false;
  if (bound.address.any.sa_family != wanted->address.any.sa_family) return false;
  if (wanted->address.any.sa_family == AF_INET) {
    return bound.address.v4.sin_port == wanted->address.v4.sin_port &&
           bound.address.v4.sin_addr.s_addr == wanted->address.v4.sin_addr.s_addr;
  }
  return bound.address.v6.sin6_port == wanted->address.v6.sin6_port &&
         memcmp(&bound.address.v6.sin6_addr, &wanted->address.v6.sin6_addr, 16) == 0;
}

/* Another thread may have closed the descriptor since it was looked at, and its number may be another socket's. */
static int duplicate(int fd, const sluice_route_t *wanted) {
  int made = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (made < 0 || is_bound_to(made, wanted)) return made;
  close(made);
  return -1;
}

/* -1 when it cannot be kept, and then it is closed. */
static int keep(sluice_sockets_t *sockets, int fd) {
  int *fds = fd < 0 ? NULL : realloc(sockets->fds, (sockets->count + 1) * sizeof *fds);
  if (fds == NULL) {
    if (fd >= 0) close(fd);
    return -1;
  }
  sockets->fds = fds;
  sockets->fds[sockets->count++] = fd;
  return fd;
}

void sluice_sockets_close(sluice_sockets_t *sockets, int fd) {
  for (size_t at = 0; at < sockets->count; at += 1) {
    if (sockets->fds[at] != fd) continue;
    close(fd);
    sockets->fds[at] = sockets->fds[--sockets->count];
    return;
  }
}

void sluice_sockets_close_all(sluice_sockets_t *sockets) {
  while (sockets->count > 0) close(sockets->fds[--sockets->count]);
  free(sockets->fds);
  sockets->fds = NULL;
}

int sluice_sockets_find(sluice_sockets_t *sockets, const uint8_t *address, size_t address_bytes, uint16_t port) {
  sluice_route_t wanted;
  if (!sluice_route_set(&wanted, -1, address, address_bytes, port)) return -1;
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return -1;
  int found = -1;
  for (struct dirent *entry = readdir(folder); entry != NULL && found < 0; entry = readdir(folder)) {
    char *end = NULL;
    long fd = strtol(entry->d_name, &end, 10);
    if (*end == '\0' && end != entry->d_name && is_bound_to((int)fd, &wanted)) found = duplicate((int)fd, &wanted);
  }
  closedir(folder);
  return keep(sockets, found);
}

int sluice_sockets_copy(sluice_sockets_t *sockets, int fd, const uint8_t *address, size_t address_bytes, uint16_t port) {
  sluice_route_t wanted;
  return sluice_route_set(&wanted, -1, address, address_bytes, port) ? keep(sockets, duplicate(fd, &wanted)) : -1;
}
