/* Reads by recvmmsg(2) what epoll(7) tells of. */
#define _GNU_SOURCE
#include "demultiplexer.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "inbox.h"
#include "pending.h"

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif

enum {
  BATCH = 32,
  /* No packet that a viewer sends is longer (src/core/ice/framing.ts). */
  DATAGRAM_BYTES = 4096,
  /* Batches of one socket before the others are looked at. */
  ROUNDS = 4,
  EVENTS = 32,
  BUFFER_BYTES = 4194304,
  BACKLOG = 511,
  /* While connections are pending, and after one could not be taken. */
  SWEEP_MS = 500,
  BUSY_MS = 2
};
/* What epoll tells of: that it is to end, sockets of UDP, listening ones, connections. */
enum {
  STOP = 0,
  FIRST_UDP = 1,
  FIRST_TCP = FIRST_UDP + SLUICE_DEMULTIPLEXER_ADDRESSES,
  FIRST_PENDING = FIRST_TCP + SLUICE_DEMULTIPLEXER_ADDRESSES
};

typedef struct {
  sluice_address_t address;
  int udp;
  int tcp;
} bound_t;

static struct {
  bool runs;
  uv_thread_t thread;
  int loop;
  int stop;
  size_t count;
  double deaf_since_ms; /* Listening sockets rest: no descriptor was left. 0: they do not. */
  bound_t bound[SLUICE_DEMULTIPLEXER_ADDRESSES];
  sluice_pending_t pending;
  uint8_t datagrams[BATCH][DATAGRAM_BYTES];
  atomic_uint_fast64_t received, unknown, full;
} own;

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static void count(sluice_sorted_t sorted) {
  if (sorted == SLUICE_UNKNOWN) atomic_fetch_add_explicit(&own.unknown, 1, memory_order_relaxed);
  if (sorted == SLUICE_FULL) atomic_fetch_add_explicit(&own.full, 1, memory_order_relaxed);
}

/* False when there may be nothing left. */
static bool read_batch(const bound_t *bound) {
  struct mmsghdr headers[BATCH];
  struct iovec parts[BATCH];
  sluice_inbox_head_t paths[BATCH];
  memset(headers, 0, sizeof headers);
  for (int n = 0; n < BATCH; n += 1) {
    paths[n].to = bound->address;
    parts[n] = (struct iovec){.iov_base = own.datagrams[n], .iov_len = DATAGRAM_BYTES};
    headers[n].msg_hdr = (struct msghdr){
        .msg_name = &paths[n].from, .msg_namelen = sizeof paths[n].from, .msg_iov = &parts[n], .msg_iovlen = 1};
  }
  int came = recvmmsg(bound->udp, headers, BATCH, MSG_DONTWAIT, NULL);
  if (came <= 0) return false;
  double now = now_ms();
  atomic_fetch_add_explicit(&own.received, (uint64_t)came, memory_order_relaxed);
  sluice_inboxes_lock();
  for (int n = 0; n < came; n += 1) {
    bool is_whole = (headers[n].msg_hdr.msg_flags & MSG_TRUNC) == 0 && headers[n].msg_len > 0;
    /* A forged source port of 0 cannot be answered. */
    bool is_sound = is_whole && sluice_address_port(&paths[n].from) != 0;
    count(is_sound ? sluice_inbox_sort(&paths[n], own.datagrams[n], headers[n].msg_len, now) : SLUICE_UNKNOWN);
  }
  sluice_inboxes_unlock();
  return came == BATCH;
}

/* A connection that finds no descriptor stays in the queue, which would be told of again at once. */
static void listen_from(double deaf_since_ms) {
  own.deaf_since_ms = deaf_since_ms;
  for (size_t at = 0; at < own.count; at += 1) {
    struct epoll_event event = {.events = deaf_since_ms == 0 ? EPOLLIN : 0, .data.u32 = FIRST_TCP + (uint32_t)at};
    epoll_ctl(own.loop, EPOLL_CTL_MOD, own.bound[at].tcp, &event);
  }
}

static void accept_all(const bound_t *bound) {
  double now = now_ms();
  errno = 0;
  for (int n = 0; n < BATCH; n += 1) {
    if (sluice_pending_accept(&own.pending, bound->tcp, &bound->address, now)) continue;
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) listen_from(now);
    return;
  }
}

static void take(uint32_t what) {
  if (what >= FIRST_PENDING) {
    if (sluice_pending_look(&own.pending, what - FIRST_PENDING)) count(SLUICE_UNKNOWN);
  } else if (what >= FIRST_TCP) accept_all(&own.bound[what - FIRST_TCP]);
  else {
    for (int round = 0; round < ROUNDS && read_batch(&own.bound[what - FIRST_UDP]);) round += 1;
  }
}

/* Where much comes, it is read together: each time costs more than what comes in a millisecond. */
static void rest(double *woken_ms) {
  const struct timespec a_moment = {.tv_nsec = 1000000};
  if (now_ms() - *woken_ms < BUSY_MS) nanosleep(&a_moment, NULL);
  *woken_ms = now_ms();
}

static void run(void *nothing) {
  (void)nothing;
  prctl(PR_SET_NAME, "single-port");
  struct epoll_event events[EVENTS];
  double woken_ms = 0;
  for (;;) {
    rest(&woken_ms);
    bool looks = own.deaf_since_ms > 0 || own.pending.count > 0;
    int ready = epoll_wait(own.loop, events, EVENTS, looks ? SWEEP_MS : -1);
    for (int n = 0; n < ready; n += 1) {
      if (events[n].data.u32 == STOP) return;
      take(events[n].data.u32);
    }
    double now = looks ? now_ms() : 0;
    if (looks) sluice_pending_sweep(&own.pending, now);
    if (own.deaf_since_ms > 0 && now - own.deaf_since_ms >= SWEEP_MS) listen_from(0);
  }
}

static int socket_at(const sluice_address_t *address, int type) {
  int yes = 1, family = address->any.sa_family;
  int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0 && family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
  return fd;
}

static bool is_bound(int fd, const sluice_address_t *address) {
  return fd >= 0 && bind(fd, &address->any, sluice_address_bytes(address)) == 0;
}

/* With any port, `address` gets the one that it is. */
static int listen_at(sluice_address_t *address) {
  int yes = 1;
  socklen_t size = sizeof *address;
  int fd = socket_at(address, SOCK_STREAM);
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (is_bound(fd, address) && listen(fd, BACKLOG) == 0 && getsockname(fd, &address->any, &size) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

/* Everybody of this user could bind it too: that nobody has it is seen by a socket that shares nothing. */
static bool is_free(const sluice_address_t *address) {
  int fd = socket_at(address, SOCK_DGRAM);
  bool free = is_bound(fd, address);
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return free;
}

static int receive_at(const sluice_address_t *address) {
  /* Returns 0, the number of the first socket of the group. */
  struct sock_filter step = {.code = BPF_RET | BPF_K, .k = 0};
  struct sock_fprog program = {.len = 1, .filter = &step};
  int yes = 1, size = BUFFER_BYTES;
  int fd = is_free(address) ? socket_at(address, SOCK_DGRAM) : -1;
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) == 0 &&
      setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) == 0 && is_bound(fd, address))
    return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

static bool watch(int fd, uint32_t what) {
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = what};
  return fd >= 0 && epoll_ctl(own.loop, EPOLL_CTL_ADD, fd, &event) == 0;
}

static bool bind_next(const sluice_address_t *wanted, uint16_t port) {
  bound_t *made = &own.bound[own.count];
  *made = (bound_t){.address = *wanted, .udp = -1, .tcp = -1};
  if (wanted->any.sa_family == AF_INET6) made->address.v6.sin6_port = htons(port);
  else made->address.v4.sin_port = htons(port);
  made->tcp = listen_at(&made->address);
  made->udp = made->tcp < 0 ? -1 : receive_at(&made->address);
  own.count += 1;
  return made->udp >= 0 && watch(made->udp, FIRST_UDP + (uint32_t)own.count - 1) &&
         watch(made->tcp, FIRST_TCP + (uint32_t)own.count - 1);
}

static void close_all(void) {
  sluice_pending_close(&own.pending);
  while (own.count > 0) {
    const bound_t *gone = &own.bound[--own.count];
    if (gone->udp >= 0) close(gone->udp);
    if (gone->tcp >= 0) close(gone->tcp);
  }
  if (own.stop >= 0) close(own.stop);
  if (own.loop >= 0) close(own.loop);
  own.runs = false;
}

int sluice_demultiplexer_start(const sluice_address_t *addresses, size_t count, size_t *failed) {
  *failed = 0;
  if (own.runs || count == 0 || count > SLUICE_DEMULTIPLEXER_ADDRESSES) return -EINVAL;
  own.runs = true;
  own.deaf_since_ms = 0;
  own.loop = epoll_create1(EPOLL_CLOEXEC);
  own.stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  sluice_pending_create(&own.pending, own.loop, FIRST_PENDING);
  uint16_t port = sluice_address_port(&addresses[0]);
  int error = own.loop >= 0 && watch(own.stop, STOP) ? 0 : errno;
  for (size_t at = 0; at < count && error == 0; at += 1) {
    *failed = at;
    if (!bind_next(&addresses[at], port)) error = errno;
    else port = sluice_address_port(&own.bound[0].address);
  }
  if (error == 0 && uv_thread_create(&own.thread, run, NULL) == 0) return port;
  close_all();
  return error == 0 ? -EAGAIN : -error;
}

void sluice_demultiplexer_stop(void) {
  const uint64_t one = 1;
  if (!own.runs || write(own.stop, &one, sizeof one) != sizeof one) return;
  uv_thread_join(&own.thread);
  close_all();
}

sluice_demultiplexer_counts_t sluice_demultiplexer_counts(void) {
  return (sluice_demultiplexer_counts_t){.received = atomic_load(&own.received),
                                         .unknown = atomic_load(&own.unknown),
                                         .full = atomic_load(&own.full)};
}
