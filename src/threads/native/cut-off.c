/* Puts deaf sockets over the internet sockets that an event loop waits for (dup3(2)). */
#define _GNU_SOURCE
#include "cut-off.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hold.h"
#include "waited.h"

/*
 * Not /dev/null, which epoll does not take: a loop that changes what it waits for would abort the process. Reading from
 * these and accepting on the listening one says EAGAIN, which libuv takes for "later" without telling JavaScript.
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

/* No pthread_once(3), whose symbol is another one since glibc 2.34. */
void sluice_cut_off_prepare(void) {
  static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;
  static bool is_open = false;
  pthread_mutex_lock(&opening);
  if (!is_open) open_all();
  is_open = true;
  pthread_mutex_unlock(&opening);
}

static bool replace(int fd, int loop, bool is_waited) {
  int by = sluice_socket_listens(fd) ? deaf_listening : deaf;
  if (by < 0) return false;
  /* While a duplicate is held, epoll would go on telling of the one that was here (epoll(7), question 6). */
  if (is_waited) epoll_ctl(loop, EPOLL_CTL_DEL, fd, NULL);
  if (dup3(by, fd, O_CLOEXEC) != fd) return false;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (is_waited) epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event);
  return true;
}

static int replace_all(int loop, const sluice_waited_t *list) {
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return -1;
  int replaced = 0;
  bool is_whole = true;
  for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    char *end = NULL;
    int fd = (int)strtol(entry->d_name, &end, 10);
    ino_t inode = end != entry->d_name && *end == '\0' ? sluice_socket_inode(fd) : 0;
    bool is_theirs = false;
    bool is_waited = false;
    for (size_t at = 0; inode != 0 && at < list->count; at += 1) {
      is_theirs |= list->sockets[at].inode == inode;
      is_waited |= list->sockets[at].fd == fd;
    }
    if (!is_theirs || sluice_is_held(fd)) continue;
    if (replace(fd, loop, is_waited)) replaced += 1;
    else is_whole = false;
  }
  closedir(folder);
  return is_whole ? replaced : -1;
}

int sluice_cut_off(int loop) {
  sluice_waited_t list = {NULL, 0};
  if (reserve >= 0) close(reserve);
  int replaced = sluice_waited_list(loop, &list) ? replace_all(loop, &list) : -1;
  reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
  free(list.sockets);
  return replaced;
}
