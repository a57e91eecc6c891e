#define _GNU_SOURCE
#include "loop.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "clock.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { EVENTS = 256, MESSAGES = 16, MESSAGE_BYTES = 65536, CONTROL_BYTES = 128, ROUND_MS = 2 };
#define ROUND_NS (ROUND_MS * 1000000u)
#define TICK_NS 10000000u

/*
 * Those who join are served at once; those who play every 2 ms, all that came meanwhile: a wake-up for each datagram
 * would take the server's core. When a datagram came the kernel says, so no measure feels it.
 */
static int joining, playing;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static viewer **viewers;
static int count;
static tally seen;
/* What those had lost who are gone or were there before it was counted again. */
static uint32_t old_drops;
/* CLOCK_REALTIME less CLOCK_MONOTONIC. */
static uint64_t offset_ns;

static struct mmsghdr messages[MESSAGES];
static struct iovec parts[MESSAGES];
static uint8_t controls[MESSAGES][CONTROL_BYTES] __attribute__((aligned(16)));
static uint8_t *bytes;

static void watch(int epoll, int operation, int number) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.u32 = (uint32_t)number}};
  epoll_ctl(epoll, operation, viewers[number]->fd, &event);
}

/* When the kernel got it, and the bytes of each datagram in it (UDP_GRO); all of them where it is one. */
static void read_control(struct msghdr *header, size_t size, uint64_t *at_ns, size_t *segment_bytes) {
  *segment_bytes = size;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL; part = CMSG_NXTHDR(header, part)) {
    if (part->cmsg_level == IPPROTO_UDP && part->cmsg_type == UDP_GRO) {
      int segment;
      memcpy(&segment, CMSG_DATA(part), sizeof segment);
      if (segment > 0) *segment_bytes = (size_t)segment;
    } else if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SO_TIMESTAMPNS) {
      struct timespec stamp;
      memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
      *at_ns = (uint64_t)stamp.tv_sec * 1000000000u + (uint64_t)stamp.tv_nsec - offset_ns;
    }
  }
}

static void take_message(viewer *of, struct mmsghdr *message, uint8_t *from, uint64_t read_ns) {
  uint64_t at_ns = read_ns;
  size_t size = message->msg_len, segment_bytes;
  read_control(&message->msg_hdr, size, &at_ns, &segment_bytes);
  histogram_add(&seen.lag, ((int64_t)read_ns - (int64_t)at_ns) / 1000);
  for (size_t at = 0; at < size; at += segment_bytes) {
    viewer_take(of, from + at, size - at < segment_bytes ? size - at : segment_bytes, at_ns, &seen);
  }
}

/* False: the socket has no more. */
static bool receive(viewer *of) {
  for (int n = 0; n < MESSAGES; n += 1) messages[n].msg_hdr.msg_controllen = CONTROL_BYTES;
  int taken = recvmmsg(of->fd, messages, MESSAGES, MSG_DONTWAIT, NULL);
  uint64_t read_ns = now_ns();
  for (int n = 0; n < taken; n += 1) take_message(of, &messages[n], bytes + (size_t)n * MESSAGE_BYTES, read_ns);
  return taken == MESSAGES;
}

/* Gives how many there were. */
static int serve_some(int epoll, int timeout_ms) {
  static struct epoll_event events[EVENTS];
  int ready = epoll_wait(epoll, events, EVENTS, timeout_ms);
  pthread_mutex_lock(&lock);
  for (int n = 0; n < ready; n += 1) {
    int number = (int)events[n].data.u32;
    viewer *of = viewers[number];
    if (of == NULL) continue;
    while (receive(of)) {
    }
    if (epoll == joining && of->state >= VIEWER_PLAYS) {
      watch(joining, EPOLL_CTL_DEL, number);
      watch(playing, EPOLL_CTL_ADD, number);
    }
  }
  pthread_mutex_unlock(&lock);
  return ready;
}

static void serve(int epoll, int timeout_ms) {
  for (int left_ms = timeout_ms; serve_some(epoll, left_ms) == EVENTS; left_ms = 0) {
  }
}

static void tick(uint64_t at_ns) {
  pthread_mutex_lock(&lock);
  offset_ns = nanoseconds(CLOCK_REALTIME) - now_ns();
  for (int n = 0; n < count; n += 1) {
    if (viewers[n] != NULL) viewer_tick(viewers[n], at_ns, &seen);
  }
  pthread_mutex_unlock(&lock);
}

static void *run(void *nothing) {
  uint64_t round_ns = 0, tick_ns = 0;
  for (;;) {
    serve(joining, ROUND_MS);
    uint64_t at_ns = now_ns();
    if (at_ns >= round_ns + ROUND_NS) {
      serve(playing, 0);
      round_ns = at_ns;
    }
    if (at_ns >= tick_ns + TICK_NS) {
      tick(at_ns);
      tick_ns = at_ns;
    }
  }
  return nothing;
}

const char *loop_start(void) {
  pthread_t thread;
  joining = epoll_create1(EPOLL_CLOEXEC);
  playing = epoll_create1(EPOLL_CLOEXEC);
  bytes = malloc((size_t)MESSAGES * MESSAGE_BYTES);
  offset_ns = nanoseconds(CLOCK_REALTIME) - now_ns();
  for (int n = 0; n < MESSAGES; n += 1) {
    parts[n] = (struct iovec){bytes + (size_t)n * MESSAGE_BYTES, MESSAGE_BYTES};
    messages[n].msg_hdr = (struct msghdr){.msg_iov = &parts[n], .msg_iovlen = 1, .msg_control = controls[n]};
  }
  return pthread_create(&thread, NULL, run, NULL) == 0 ? NULL : "no thread";
}

int loop_add(const viewer_options *options) {
  viewer *made = viewer_open(options, now_ns());
  if (made == NULL) return -1;
  pthread_mutex_lock(&lock);
  int number = count;
  if ((count & (count - 1)) == 0) viewers = realloc(viewers, sizeof *viewers * (size_t)(count == 0 ? 1 : 2 * count));
  viewers[count++] = made;
  watch(joining, EPOLL_CTL_ADD, number);
  pthread_mutex_unlock(&lock);
  return number;
}

static viewer *at(int number) { return number >= 0 && number < count ? viewers[number] : NULL; }

bool loop_news(int number, viewer_news *news) {
  pthread_mutex_lock(&lock);
  const viewer *of = at(number);
  if (of != NULL) *news = (viewer_news){of->state, of->error, of->checked_ns, of->connected_ns, of->keyframe_ns};
  pthread_mutex_unlock(&lock);
  return of != NULL;
}

void loop_remove(int number, bool says_goodbye) {
  pthread_mutex_lock(&lock);
  viewer *of = at(number);
  if (of != NULL) {
    old_drops += viewer_drops(of);
    viewer_close(of, says_goodbye);
    viewers[number] = NULL;
  }
  pthread_mutex_unlock(&lock);
}

static uint32_t drops_now(void) {
  uint32_t sum = old_drops;
  for (int n = 0; n < count; n += 1) sum += viewers[n] == NULL ? 0 : viewer_drops(viewers[n]);
  return sum;
}

static uint32_t drops_before;

void loop_measure(void) {
  pthread_mutex_lock(&lock);
  memset(&seen, 0, sizeof seen);
  drops_before = drops_now();
  pthread_mutex_unlock(&lock);
}

void loop_result_of(loop_result *result, uint64_t silent_ns) {
  uint64_t at_ns = now_ns();
  pthread_mutex_lock(&lock);
  *result = (loop_result){.seen = seen, .drops = drops_now() - drops_before};
  for (int n = 0; n < count; n += 1) {
    const viewer *of = viewers[n];
    if (of == NULL) continue;
    result->viewers += 1;
    result->playing += of->state == VIEWER_PLAYS;
    result->ended += of->state == VIEWER_ENDED;
    result->silent += of->state == VIEWER_PLAYS && at_ns > of->last_media_ns + silent_ns;
  }
  pthread_mutex_unlock(&lock);
}
