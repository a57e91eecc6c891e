/*
 * What test/support/source/frame-mark.ts writes into the last bytes of each frame of the video: its number, when it was
 * sent (CLOCK_MONOTONIC) and whether it is a keyframe.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t number, sent_ns;
  bool is_key;
} frame_mark;

/* False: the payload does not end in a mark. */
bool mark_read(const uint8_t *payload, size_t size, frame_mark *mark);
/* An H.264 payload (RFC 6184) that holds an IDR picture, or a part of it. */
bool payload_has_idr(const uint8_t *payload, size_t size);
