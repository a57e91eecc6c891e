/* One viewer: ICE check, DTLS, SRTP, reports and consent checks, by a socket of its own. */
#pragma once
#include "dtls.h"
#include "srtp.h"
#include "stun.h"
#include "tally.h"
#include "track.h"

typedef enum { VIEWER_CHECKS, VIEWER_SHAKES, VIEWER_PLAYS, VIEWER_ENDED } viewer_state;

enum { VIDEO, AUDIO, TRACKS };

typedef struct {
  uint16_t port;
  stun_credentials ice;
  uint8_t fingerprint[DTLS_FINGERPRINT_BYTES];
  int payload_types[TRACKS];
  bool uses_gro;
  /* Of the packets that nothing needs to look into one in so many is opened all the same; 1: all. */
  uint32_t open_every;
} viewer_options;

typedef struct {
  int fd;
  viewer_state state;
  /* Why it ended, where that was not asked for. */
  const char *error;
  viewer_options options;
  uint8_t transaction[STUN_TRANSACTION_BYTES];
  uint64_t begun_ns, next_check_ns, consent_ns, next_report_ns;
  dtls *dtls;
  srtp srtp;
  track tracks[TRACKS];
  /* 0: not yet. */
  uint64_t checked_ns, connected_ns, keyframe_ns, last_media_ns;
  uint32_t first_frame;
  bool first_has_idr, has_number;
  uint64_t last_number;
  uint32_t packets;
} viewer;

/* NULL: no socket could be opened. Its first check is sent. */
viewer *viewer_open(const viewer_options *options, uint64_t at_ns);

/* `at_ns`: when it came to the socket. The datagram is written into. */
void viewer_take(viewer *of, uint8_t *datagram, size_t size, uint64_t at_ns, tally *seen);

/* Sends what is due. */
void viewer_tick(viewer *of, uint64_t at_ns, tally *seen);

/* What the socket's queue had no room for. */
uint32_t viewer_drops(const viewer *of);

void viewer_close(viewer *of, bool says_goodbye);
