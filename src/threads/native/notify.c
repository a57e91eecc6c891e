/* Node has no datagrams over unix sockets (unix(7)). */
#define _GNU_SOURCE
#include "notify.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool sluice_notify(const char *path, const char *text, size_t length) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  const size_t size = strlen(path);
  if (size == 0 || size >= sizeof to.sun_path) return false;
  memcpy(to.sun_path, path, size);
  if (path[0] == '@') to.sun_path[0] = '\0';
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const socklen_t to_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
  const ssize_t sent = sendto(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&to, to_size);
  close(fd);
  return sent == (ssize_t)length;
}
