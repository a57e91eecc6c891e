/* What an epoll descriptor waits for, as proc_pid_fdinfo(5) tells it. */
#define _GNU_SOURCE
#include "waited.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Nobody else here has sockets of this kind. */
static bool is_inbox(int fd, sa_family_t family) {
  int type = 0;
  socklen_t size = sizeof type;
  return family == AF_UNIX && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

ino_t sluice_socket_inode(int fd) {
  struct statx status;
  struct sockaddr_storage bound;
  socklen_t size = sizeof bound;
  /* Not fstat(2), whose symbol glibc has since 2.33 alone: an add-on that is built beforehand is to load on older ones. */
  if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_INO, &status) != 0 || !S_ISSOCK(status.stx_mode)) return 0;
  if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0) return 0;
  bool is_internet = bound.ss_family == AF_INET || bound.ss_family == AF_INET6;
  return is_internet || is_inbox(fd, bound.ss_family) ? status.stx_ino : 0;
}

static bool append(sluice_waited_t *list, sluice_waited_socket_t socket) {
  sluice_waited_socket_t *grown = realloc(list->sockets, (list->count + 1) * sizeof *grown);
  if (grown == NULL) return false;
  list->sockets = grown;
  list->sockets[list->count++] = socket;
  return true;
}

bool sluice_waited_list(int loop, sluice_waited_t *list) {
  char path[64];
  char line[256];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", loop);
  FILE *file = fopen(path, "re");
  if (file == NULL) return false;
  bool is_good = true;
  /* Every loop waits at least for what wakes it. */
  bool is_loop = false;
  while (is_good && fgets(line, sizeof line, file) != NULL) {
    int fd = -1;
    const char *listed = strstr(line, " ino:");
    if (sscanf(line, "tfd: %d", &fd) != 1 || listed == NULL) continue;
    is_loop = true;
    ino_t inode = sluice_socket_inode(fd);
    /* Another one means that the number was closed, and is somebody else's now. */
    if (inode != 0 && inode == (ino_t)strtoull(listed + 5, NULL, 16)) {
      is_good = append(list, (sluice_waited_socket_t){.fd = fd, .inode = inode});
    }
  }
  fclose(file);
  return is_good && is_loop;
}

bool sluice_socket_listens(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}
