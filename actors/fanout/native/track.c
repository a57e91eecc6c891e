/* Where a subscriber is in a history, and under which numbers it gets the packets from there on. */
#include <string.h>

#include "fanout.h"

/* In this order: a thread that goes on from here finds what was, or what is. */
static void note_move(sluice_track_t *track, const sluice_track_move_t *move) {
  track->numbers[SLUICE_NUMBER_MOVED] = (double)move->from;
  track->numbers[SLUICE_NUMBER_SHIFT] = (double)move->shift;
}

void sluice_track_start(sluice_subscriber_t *of, sluice_track_kind_t kind, uint32_t ssrc, uint8_t payload_type,
                        uint64_t first_sequence, uint64_t cursor, uint64_t since) {
  sluice_track_t *track = &of->tracks[kind];
  memset(track, 0, sizeof *track);
  track->numbers = of->numbers + kind * SLUICE_TRACK_NUMBERS;
  track->is_taken = true;
  track->ssrc = ssrc;
  track->payload_type = payload_type;
  track->next = first_sequence;
  track->cursor = cursor;
  track->moves = 1;
  track->move[0] = (sluice_track_move_t){.from = since, .shift = (int64_t)(first_sequence - cursor)};
  note_move(track, &track->move[0]);
}

void sluice_track_seek(sluice_track_t *track, uint64_t packet) {
  if (packet == track->cursor) return;
  track->cursor = packet;
  sluice_track_move_t move = {.from = track->next, .shift = (int64_t)(track->next - packet)};
  if (track->move[track->moves - 1].from == track->next) track->moves -= 1;
  if (track->moves == SLUICE_REMEMBERED_MOVES) {
    memmove(&track->move[0], &track->move[1], (SLUICE_REMEMBERED_MOVES - 1) * sizeof move);
    track->moves -= 1;
  }
  note_move(track, &move);
  track->move[track->moves] = move;
  track->moves += 1;
}
