/* Finds the internet sockets that an event loop waits for (proc_pid_fdinfo(5)) and puts deaf sockets over them
 * (dup3(2)). */
#define _GNU_SOURCE
#include "cut-off.h"

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct {
  int fd;
  ino_t inode;
} waited_socket_t;

typedef struct {
  waited_socket_t *sockets;
  size_t count;
} waited_list_t;

/* The inode of an internet socket; 0 for anything else. */
static ino_t inode_of_socket(int fd) {
  struct stat status;
  struct sockaddr_storage bound;
  socklen_t size = sizeof bound;
  if (fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode)) return 0;
  if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0) return 0;
  return bound.ss_family == AF_INET || bound.ss_family == AF_INET6 ? status.st_ino : 0;
}

static bool append(waited_list_t *list, waited_socket_t socket) {
  waited_socket_t *grown = realloc(list->sockets, (list->count + 1) * sizeof *grown);
  if (grown == NULL) return false;
  list->sockets = grown;
  list->sockets[list->count++] = socket;
  return true;
}

/* What an epoll descriptor waits for, as proc_pid_fdinfo(5) tells it. */
static bool list_waited(int loop, waited_list_t *list) {
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
    ino_t inode = inode_of_socket(fd);
    /* Another one means that the number was closed, and is somebody else's now. */
    if (inode != 0 && inode == (ino_t)strtoull(listed + 5, NULL, 16)) {
      is_good = append(list, (waited_socket_t){.fd = fd, .inode = inode});
    }
  }
  fclose(file);
  return is_good && is_loop;
}

static bool is_listening(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

/*
 * Not /dev/null, which epoll does not take: a loop that changes what it waits for would abort the process. Reading from
 * these and accepting on the listening one says EAGAIN, which libuv takes for "later" without a word to JavaScript.
 */
static int open_deaf(bool listens) {
  int fd = socket(AF_UNIX, (listens ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || !listens) return fd;
  /* A name of the kernel's choice, in no file system (unix(7), autobind). */
  const struct sockaddr_un any = {.sun_family = AF_UNIX};
  if (bind(fd, (const struct sockaddr *)&any, sizeof any.sun_family) == 0 && listen(fd, 0) == 0) return fd;
  close(fd);
  return -1;
}

/* Opened while there are descriptors: a thread must be cut off when there are none left, too. */
static int deaf = -1;
static int deaf_listening = -1;
/* Given up for the moment in which files of /proc are read. */
static int reserve = -1;

static void open_all(void) {
  deaf = open_deaf(false);
  deaf_listening = open_deaf(true);
  reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void sluice_cut_off_prepare(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, open_all);
}

static bool replace(int fd, int loop, bool is_waited) {
  int by = is_listening(fd) ? deaf_listening : deaf;
  if (by < 0 || dup3(by, fd, O_CLOEXEC) != fd) return false;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (is_waited) epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
  return true;
}

static int replace_all(int loop, const waited_list_t *list) {
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return -1;
  int replaced = 0;
  bool is_whole = true;
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char *end = NULL;
    int fd = (int)strtol(entry->d_name, &end, 10);
    ino_t inode = end != entry->d_name && *end == '\0' ? inode_of_socket(fd) : 0;
    bool is_theirs = false;
    bool is_waited = false;
    for (size_t at = 0; inode != 0 && at < list->count; at += 1) {
      is_theirs |= list->sockets[at].inode == inode;
      is_waited |= list->sockets[at].fd == fd;
    }
    if (!is_theirs) continue;
    if (replace(fd, loop, is_waited)) replaced += 1;
    else is_whole = false;
  }
  closedir(folder);
  return is_whole ? replaced : -1;
}

int sluice_cut_off(int loop) {
  waited_list_t list = {NULL, 0};
  if (reserve >= 0) close(reserve);
  int replaced = list_waited(loop, &list) ? replace_all(loop, &list) : -1;
  reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
  free(list.sockets);
  return replaced;
}
