#define _GNU_SOURCE
#include "viewer.h"

#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mark.h"
#include "wire.h"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { RECEIVE_BYTES = 4194304, REPORT_MAX_BYTES = 256, SENDER_REPORT = 200, BYE = 203 };
static const uint64_t ms = 1000000;
/* As Chromium does: a check every 50 ms until one is answered, then every 2.5 s; a report with REMB every half second. */
#define CHECK_NS (50 * ms)
#define CONSENT_NS (2500 * ms)
#define REPORT_NS (500 * ms)
/* RFC 7675 5.1. */
#define CONSENT_LOST_NS (30000 * ms)
/* Until then a viewer is served the cached GOP, whose frames are old by their nature. */
#define SETTLE_NS (1000 * ms)
#define CONNECT_TIMEOUT_NS (15000 * ms)

static int open_socket(const viewer_options *options) {
  const int yes = 1, bytes = RECEIVE_BYTES;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(options->port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  /* Beyond net.core.rmem_max where it is allowed. */
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes);
  if (options->uses_gro) setsockopt(fd, IPPROTO_UDP, UDP_GRO, &yes, sizeof yes);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
  close(fd);
  return -1;
}

static void end(viewer *of, const char *error) {
  of->state = VIEWER_ENDED;
  of->error = error;
}

static void check(viewer *of, uint64_t at_ns, uint64_t next_ns) {
  uint8_t request[STUN_MAX_BYTES];
  size_t size = stun_write_check(request, &of->options.ice, of->transaction);
  send(of->fd, request, size, 0);
  of->next_check_ns = at_ns + next_ns;
}

viewer *viewer_open(const viewer_options *options, uint64_t at_ns) {
  int fd = open_socket(options);
  if (fd < 0) return NULL;
  viewer *made = calloc(1, sizeof *made);
  made->fd = fd;
  made->options = *options;
  made->begun_ns = made->consent_ns = at_ns;
  check(made, at_ns, CHECK_NS);
  return made;
}

static void connected(viewer *of, uint64_t at_ns) {
  dtls_keys keys;
  if (!dtls_read_keys(of->dtls, &keys)) {
    end(of, "no SRTP keys");
    return;
  }
  srtp_open_session(&of->srtp, &keys);
  of->connected_ns = of->last_media_ns = at_ns;
  of->state = VIEWER_PLAYS;
  /* Spread evenly, whenever they joined. */
  of->next_report_ns = at_ns + (uint64_t)(uint32_t)of->fd * 7919 % 500 * ms;
}

static void take_dtls(viewer *of, const uint8_t *datagram, size_t size, uint64_t at_ns) {
  if (of->dtls == NULL) return;
  dtls_state state = dtls_take(of->dtls, datagram, size);
  if (state == DTLS_CLOSED) end(of, "the server said close_notify");
  else if (state == DTLS_FAILED) end(of, "DTLS failed");
  else if (state == DTLS_CONNECTED && of->state == VIEWER_SHAKES) connected(of, at_ns);
}

static void take_stun(viewer *of, uint8_t *message, size_t size, uint64_t at_ns) {
  if (!stun_is_answer(message, size, &of->options.ice, of->transaction)) return;
  of->consent_ns = at_ns;
  if (of->state != VIEWER_CHECKS) return;
  of->checked_ns = at_ns;
  of->next_check_ns = at_ns + CONSENT_NS;
  of->state = VIEWER_SHAKES;
  of->dtls = dtls_open(of->fd, of->options.fingerprint);
  take_dtls(of, NULL, 0, at_ns);
}

/* The blocks of a compound one after the other (RFC 3550 6.1). */
static void take_rtcp(viewer *of, uint8_t *packet, size_t size, uint64_t at_ns, tally *seen) {
  int plain = srtcp_open(&of->srtp, packet, size);
  if (plain < 0) {
    seen->unauthentic += 1;
    return;
  }
  for (int at = 0; at + 8 <= plain; at += 4 + 4 * read16(packet + at + 2)) {
    if (packet[at + 1] == BYE) end(of, "the server said BYE");
    if (packet[at + 1] != SENDER_REPORT || at + 20 > plain) continue;
    seen->sender_reports += 1;
    for (int n = 0; n < TRACKS; n += 1) {
      if (of->tracks[n].ssrc == read32(packet + at + 4)) track_note_sender_report(&of->tracks[n], packet + at, at_ns);
    }
  }
}

/* The first frame must be a keyframe, and whole. */
static void take_first(viewer *of, const uint8_t *packet, const uint8_t *payload, int size, uint64_t at_ns) {
  uint32_t time = read32(packet + 4);
  if (of->tracks[VIDEO].received == 1) of->first_frame = time;
  if (time != of->first_frame) end(of, "the first frame did not end");
  if (payload_has_idr(payload, (size_t)size)) of->first_has_idr = true;
  if ((packet[1] & 0x80) == 0 || of->state == VIEWER_ENDED) return;
  if (!of->first_has_idr || of->tracks[VIDEO].lost > 0) end(of, "the first frame is no whole keyframe");
  else of->keyframe_ns = at_ns;
}

static void take_frame(viewer *of, const uint8_t *payload, int size, uint64_t at_ns, tally *seen) {
  frame_mark mark;
  if (!mark_read(payload, (size_t)size, &mark)) return;
  seen->frames += 1;
  if (of->has_number && mark.number > of->last_number + 1) seen->frames_missed += mark.number - of->last_number - 1;
  of->has_number = true;
  of->last_number = mark.number;
  if (at_ns < of->connected_ns + SETTLE_NS) return;
  int64_t us = ((int64_t)at_ns - (int64_t)mark.sent_ns) / 1000;
  histogram_add(&seen->delay, us);
  if (!mark.is_key) histogram_add(&seen->delay_between, us);
}

static void take_rtp(viewer *of, uint8_t *packet, size_t size, uint64_t at_ns, tally *seen) {
  int type = packet[1] & 0x7f;
  int kind = type == of->options.payload_types[VIDEO]   ? VIDEO
             : type == of->options.payload_types[AUDIO] ? AUDIO
                                                        : TRACKS;
  uint64_t index, missing;
  if (kind == TRACKS) {
    seen->others += 1;
    return;
  }
  if (!track_take(&of->tracks[kind], read32(packet + 8), read16(packet + 2), &index, &missing)) {
    seen->repeated += 1;
    return;
  }
  of->packets += 1;
  of->last_media_ns = at_ns;
  seen->packets += 1;
  seen->bytes += size;
  seen->lost += missing;
  bool is_first = kind == VIDEO && of->keyframe_ns == 0, is_last = kind == VIDEO && (packet[1] & 0x80) != 0;
  if (!is_first && !is_last && of->packets % of->options.open_every != 0) return;
  uint8_t *payload;
  int opened = srtp_open(&of->srtp, packet, size, index, &payload);
  if (opened < 0) {
    seen->unauthentic += 1;
    return;
  }
  seen->opened += 1;
  if (is_first) take_first(of, packet, payload, opened, at_ns);
  if (is_last) take_frame(of, payload, opened, at_ns, seen);
}

void viewer_take(viewer *of, uint8_t *datagram, size_t size, uint64_t at_ns, tally *seen) {
  if (size < 12 || of->state == VIEWER_ENDED) return;
  /* RFC 7983 7, RFC 5761 4. */
  if (datagram[0] <= 3) take_stun(of, datagram, size, at_ns);
  else if (datagram[0] >= 20 && datagram[0] <= 63) take_dtls(of, datagram, size, at_ns);
  else if (of->state != VIEWER_PLAYS) seen->others += 1;
  else if (datagram[1] >= 192 && datagram[1] <= 223) take_rtcp(of, datagram, size, at_ns, seen);
  else take_rtp(of, datagram, size, at_ns, seen);
}

static void report(viewer *of, uint64_t at_ns) {
  uint8_t packet[REPORT_MAX_BYTES];
  size_t size = write_report(packet, of->tracks, TRACKS, at_ns);
  send(of->fd, packet, srtcp_seal(&of->srtp, packet, size), 0);
  of->next_report_ns += REPORT_NS;
}

void viewer_tick(viewer *of, uint64_t at_ns, tally *seen) {
  if (of->state == VIEWER_ENDED) return;
  if (of->state != VIEWER_PLAYS && at_ns > of->begun_ns + CONNECT_TIMEOUT_NS) {
    end(of, of->state == VIEWER_CHECKS ? "no answer to ICE checks" : "DTLS timed out");
    return;
  }
  if (at_ns > of->consent_ns + CONSENT_LOST_NS) {
    end(of, "no consent any more");
    return;
  }
  if (at_ns >= of->next_check_ns) {
    check(of, at_ns, of->state == VIEWER_CHECKS ? CHECK_NS : CONSENT_NS);
    seen->checks_sent += 1;
  }
  if (of->state == VIEWER_SHAKES) take_dtls(of, NULL, 0, at_ns);
  if (of->state == VIEWER_PLAYS && at_ns >= of->next_report_ns && of->tracks[VIDEO].has_begun) {
    report(of, at_ns);
    seen->reports_sent += 1;
  }
}

uint32_t viewer_drops(const viewer *of) {
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof memory;
  getsockopt(of->fd, SOL_SOCKET, SO_MEMINFO, memory, &size);
  return memory[SK_MEMINFO_DROPS];
}

void viewer_close(viewer *of, bool says_goodbye) {
  if (of->dtls != NULL) dtls_close(of->dtls, says_goodbye);
  if (of->connected_ns != 0) srtp_close_session(&of->srtp);
  close(of->fd);
  free(of);
}
