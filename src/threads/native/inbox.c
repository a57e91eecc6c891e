/* A table of inboxes, and buckets of the addresses that they have claimed. */
#define _GNU_SOURCE
#include "inbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "hold.h"

enum { PLACES = 65536, BUCKETS = 8192, BUFFER_BYTES = 1048576 };
/* RFC 8489. */
enum { STUN_HEADER_BYTES = 20, BINDING_REQUEST = 0x0001, USERNAME = 0x0006 };
static const uint32_t magic_cookie = 0x2112a442u;
/* As src/core/ice/candidate-pairs.ts: browsers check or report more often. */
static const double silent_ms = 7000;

typedef struct {
  bool is_used;
  uint8_t given; /* How often, modulo 256. */
  int in;        /* The demultiplexer writes to it. */
  int held;      /* Threads read from copies of it. */
  int reader;    /* The newest copy. */
} place_t;

typedef struct claim {
  struct claim *next;
  int inbox;
  double heard_ms;
  sluice_inbox_head_t path;
} claim_t;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static place_t *places = NULL;
static int place_count = 0;
static claim_t *buckets[BUCKETS];

void sluice_inboxes_lock(void) { pthread_mutex_lock(&lock); }
void sluice_inboxes_unlock(void) { pthread_mutex_unlock(&lock); }

/* NULL for one that is closed. */
static place_t *place_of(int inbox) {
  int at = inbox & 0xffff;
  if (inbox < 0 || at >= place_count) return NULL;
  place_t *place = &places[at];
  return place->is_used && place->given == inbox >> 16 ? place : NULL;
}

static place_t *free_place(void) {
  for (int at = 0; at < place_count; at += 1)
    if (!places[at].is_used) return &places[at];
  if (place_count == PLACES) return NULL;
  place_t *grown = realloc(places, ((size_t)place_count + 1) * sizeof *grown);
  if (grown == NULL) return NULL;
  places = grown;
  places[place_count] = (place_t){.is_used = false};
  return &places[place_count++];
}

int sluice_inbox_open(void) {
  int pair[2], size = BUFFER_BYTES, inbox = SLUICE_NO_INBOX;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) != 0) return SLUICE_NO_INBOX;
  setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  int held = sluice_hold_own(pair[0]);
  close(pair[0]);
  pthread_mutex_lock(&lock);
  place_t *place = held < 0 ? NULL : free_place();
  if (place != NULL) {
    *place = (place_t){.is_used = true, .given = (uint8_t)(place->given + 1), .in = pair[1], .held = held, .reader = -1};
    inbox = (int)(place - places) | place->given << 16;
  }
  pthread_mutex_unlock(&lock);
  if (inbox != SLUICE_NO_INBOX) return inbox;
  close(pair[1]);
  sluice_hold_release(held);
  return SLUICE_NO_INBOX;
}

int sluice_inbox_copy(int inbox) {
  pthread_mutex_lock(&lock);
  place_t *place = place_of(inbox);
  int copy = place == NULL ? -1 : sluice_hold_copy(place->held);
  if (copy >= 0) place->reader = copy;
  pthread_mutex_unlock(&lock);
  return copy;
}

static void forget(claim_t **link) {
  claim_t *gone = *link;
  *link = gone->next;
  free(gone);
}

void sluice_inbox_close(int inbox) {
  pthread_mutex_lock(&lock);
  place_t *place = place_of(inbox);
  if (place != NULL) {
    close(place->in);
    sluice_hold_release(place->held);
    place->is_used = false;
    for (size_t at = 0; at < BUCKETS; at += 1) {
      for (claim_t **link = &buckets[at]; *link != NULL;) {
        if ((*link)->inbox == inbox) forget(link);
        else link = &(*link)->next;
      }
    }
  }
  pthread_mutex_unlock(&lock);
}

/* Where the claim of this path is linked, or, in its bucket, would be. */
static claim_t **link_of(const sluice_inbox_head_t *path) {
  uint32_t hash = sluice_address_hash(sluice_address_hash(sluice_hash_basis, &path->to), &path->from);
  claim_t **link = &buckets[hash % BUCKETS];
  while (*link != NULL && !(sluice_address_is_same(&(*link)->path.from, &path->from) &&
                            sluice_address_is_same(&(*link)->path.to, &path->to)))
    link = &(*link)->next;
  return link;
}

static bool is_read_by(int inbox, int reader) {
  const place_t *place = place_of(inbox);
  return place != NULL && place->reader == reader;
}

bool sluice_inbox_claim(int inbox, int reader, const sluice_inbox_head_t *path) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  double now_ms = (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
  bool is_claimed = false;
  pthread_mutex_lock(&lock);
  if (is_read_by(inbox, reader)) {
    claim_t **link = link_of(path);
    if (*link == NULL) {
      *link = malloc(sizeof **link);
      if (*link != NULL) **link = (claim_t){.next = NULL, .inbox = inbox, .path = *path};
    }
    is_claimed = *link != NULL && ((*link)->inbox == inbox || now_ms - (*link)->heard_ms >= silent_ms);
    if (is_claimed) {
      (*link)->inbox = inbox;
      (*link)->heard_ms = now_ms;
    }
  }
  pthread_mutex_unlock(&lock);
  return is_claimed;
}

void sluice_inbox_disclaim(int inbox, int reader, const sluice_inbox_head_t *path) {
  pthread_mutex_lock(&lock);
  claim_t **link = link_of(path);
  if (*link != NULL && (*link)->inbox == inbox && is_read_by(inbox, reader)) forget(link);
  pthread_mutex_unlock(&lock);
}

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

/* RFC 4648 4; -1 for another character. */
static int base64_value(uint8_t character) {
  if (character >= 'A' && character <= 'Z') return character - 'A';
  if (character >= 'a' && character <= 'z') return character - 'a' + 26;
  if (character >= '0' && character <= '9') return character - '0' + 52;
  return character == '+' ? 62 : character == '/' ? 63 : -1;
}

/* The inbox that a binding request names. Whether it is authentic, the thread decides that reads it. */
static int inbox_named(const uint8_t *message, size_t size) {
  if (size < STUN_HEADER_BYTES || get16(message) != BINDING_REQUEST) return SLUICE_NO_INBOX;
  if (((uint32_t)get16(message + 4) << 16 | get16(message + 6)) != magic_cookie) return SLUICE_NO_INBOX;
  for (size_t at = STUN_HEADER_BYTES; at + 4 <= size;) {
    size_t bytes = get16(message + at + 2);
    const uint8_t *value = message + at + 4;
    if (bytes > size - at - 4) return SLUICE_NO_INBOX;
    if (get16(message + at) == USERNAME) {
      int name = bytes < SLUICE_INBOX_NAME_BYTES ? -1 : 0;
      for (size_t n = 0; n < SLUICE_INBOX_NAME_BYTES && name >= 0; n += 1) {
        int digit = base64_value(value[n]);
        name = digit < 0 ? SLUICE_NO_INBOX : name << 6 | digit;
      }
      return name;
    }
    at += 4 + bytes + (4 - bytes % 4) % 4;
  }
  return SLUICE_NO_INBOX;
}

typedef struct {
  _Alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(int))];
} descriptor_control_t;

/* `fd` -1: no descriptor beside it. */
static sluice_sorted_t post(int inbox, const sluice_inbox_head_t *path, const uint8_t *bytes, size_t size, int fd) {
  const place_t *place = place_of(inbox);
  if (place == NULL) return SLUICE_UNKNOWN;
  struct iovec parts[2] = {{.iov_base = (void *)path, .iov_len = sizeof *path},
                           {.iov_base = (void *)bytes, .iov_len = size}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = size == 0 ? 1 : 2};
  descriptor_control_t control = {0};
  if (fd >= 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  }
  ssize_t sent = -1;
  do sent = sendmsg(place->in, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? SLUICE_FULL : SLUICE_SORTED;
}

sluice_sorted_t sluice_inbox_sort(const sluice_inbox_head_t *path, const uint8_t *datagram, size_t size, double now_ms) {
  bool is_stun = datagram[0] <= 3; /* RFC 7983 7. */
  claim_t *claim = *link_of(path);
  int inbox = is_stun ? inbox_named(datagram, size) : claim == NULL ? SLUICE_NO_INBOX : claim->inbox;
  if (claim != NULL && claim->inbox == inbox) claim->heard_ms = now_ms;
  return post(inbox, path, datagram, size, -1);
}

sluice_sorted_t sluice_inbox_connect(const sluice_inbox_head_t *path, const uint8_t *request, size_t size, int fd) {
  return post(inbox_named(request, size), path, NULL, 0, fd);
}
