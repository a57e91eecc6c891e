#define _GNU_SOURCE
#include "fanout.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MIN_SLOTS = 16 };

fanout *fanout_create(void) {
  fanout *made = calloc(1, sizeof *made);
  if (made != NULL) batch_init(&made->batch);
  return made;
}

void fanout_destroy(fanout *fanout) {
  for (uint32_t slot = 0; slot < fanout->slots; slot += 1) fanout_remove(fanout, slot);
  free(fanout->viewers);
  free(fanout);
}

uint32_t fanout_add(fanout *fanout) {
  uint32_t slot = 0;
  while (slot < fanout->slots && fanout->viewers[slot].is_used) slot += 1;
  if (slot == fanout->capacity) {
    size_t capacity = fanout->capacity == 0 ? MIN_SLOTS : fanout->capacity * 2;
    viewer *grown = realloc(fanout->viewers, capacity * sizeof *grown);
    if (grown == NULL) return NO_SLOT;
    fanout->viewers = grown;
    fanout->capacity = capacity;
  }
  if (slot == fanout->slots) fanout->slots += 1;
  memset(&fanout->viewers[slot], 0, sizeof fanout->viewers[slot]);
  fanout->viewers[slot].is_used = true;
  return slot;
}

void fanout_remove(fanout *fanout, uint32_t slot) {
  viewer *gone = fanout_viewer(fanout, slot);
  if (gone == NULL) return;
  srtp_close(&gone->srtp);
  free(gone->transport);
  gone->transport = NULL;
  gone->is_used = false;
  while (fanout->slots > 0 && !fanout->viewers[fanout->slots - 1].is_used) fanout->slots -= 1;
}

viewer *fanout_viewer(fanout *fanout, uint32_t slot) {
  if (slot >= fanout->slots || !fanout->viewers[slot].is_used) return NULL;
  return &fanout->viewers[slot];
}

track *fanout_track(fanout *fanout, uint32_t slot, track_kind kind) {
  viewer *of = fanout_viewer(fanout, slot);
  return of != NULL && of->tracks[kind].is_taken ? &of->tracks[kind] : NULL;
}

void track_start(track *track, uint32_t ssrc, uint8_t payload_type, uint64_t first_sequence, uint64_t cursor) {
  memset(track, 0, sizeof *track);
  track->is_taken = true;
  track->ssrc = ssrc;
  track->payload_type = payload_type;
  track->next = first_sequence;
  track->cursor = cursor;
  track->moves = 1;
  track->move[0] = (track_move){.from = first_sequence, .shift = (int64_t)(first_sequence - cursor)};
}

void track_seek(track *track, uint64_t packet) {
  if (packet == track->cursor) return;
  track->cursor = packet;
  track_move move = {.from = track->next, .shift = (int64_t)(track->next - packet)};
  if (track->move[track->moves - 1].from == track->next) track->moves -= 1;
  if (track->moves == REMEMBERED_MOVES) {
    memmove(&track->move[0], &track->move[1], (REMEMBERED_MOVES - 1) * sizeof move);
    track->moves -= 1;
  }
  track->move[track->moves] = move;
  track->moves += 1;
}

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool holds(const packet_log *log, uint64_t packet) {
  return log->capacity > 0 && packet >= log->first && packet < log->end;
}

bool packet_still_held(const packet_log *log, uint64_t packet) {
  atomic_thread_fence(memory_order_acquire);
  uint32_t first = (uint32_t)__atomic_load_n(&log->shared[0], __ATOMIC_RELAXED);
  return (int32_t)(first - (uint32_t)packet) <= 0;
}

bool packet_find(const packet_log *log, uint64_t packet, packet_place *place) {
  if (!holds(log, packet)) return false;
  size_t at = packet % log->capacity;
  size_t offset = __atomic_load_n(&log->offsets[at], __ATOMIC_RELAXED);
  place->size = __atomic_load_n(&log->sizes[at], __ATOMIC_RELAXED);
  place->rtp_ts = __atomic_load_n(&log->rtp_ts[at], __ATOMIC_RELAXED);
  place->has_marker = (__atomic_load_n(&log->flags[at], __ATOMIC_RELAXED) & PACKET_MARKER) != 0;
  if (offset + place->size > log->arena_bytes) return false;
  place->payload = log->arena + offset;
  return true;
}

size_t packet_overhead(const viewer *to) {
  size_t extension = to->transport == NULL ? 0 : TRANSPORT_EXTENSION_BYTES;
  return RTP_HEADER_BYTES + extension + srtp_tag_bytes(&to->srtp);
}

rtp_header packet_header(const viewer *to, const packet_place *place, const packet_name *name) {
  bool is_extended = to->transport != NULL;
  rtp_header header = {
      .bytes =
          {
              is_extended ? 0x90 : 0x80,
              (uint8_t)((place->has_marker ? 0x80 : 0) | name->payload_type),
              (uint8_t)(name->number >> 8),
              (uint8_t)name->number,
              (uint8_t)(place->rtp_ts >> 24),
              (uint8_t)(place->rtp_ts >> 16),
              (uint8_t)(place->rtp_ts >> 8),
              (uint8_t)place->rtp_ts,
              (uint8_t)(name->ssrc >> 24),
              (uint8_t)(name->ssrc >> 16),
              (uint8_t)(name->ssrc >> 8),
              (uint8_t)name->ssrc,
          },
      .size = RTP_HEADER_BYTES,
  };
  if (!is_extended) return header;
  transport_write(to->transport, name->transport_number, header.bytes + RTP_HEADER_BYTES);
  header.size += TRANSPORT_EXTENSION_BYTES;
  return header;
}

size_t packet_seal(fanout *fanout, viewer *to, const packet_place *place, const packet_name *name, size_t behind) {
  rtp_header header = packet_header(to, place, name);
  return srtp_protect(&to->srtp, &header, place->payload, place->size, name->number,
                      fanout->batch.bytes + fanout->batch.used + behind);
}

void packet_sent(viewer *to, uint8_t stream, uint64_t number, size_t bytes, uint64_t now_us) {
  if (to->transport == NULL) return;
  const transport_packet packet = {
      .sent_us = now_us, .sequence = (uint32_t)number, .bytes = (uint16_t)bytes, .stream = stream};
  transport_record(to->transport, &packet);
}

/* What one message takes: a run of packets of one size, the last may be shorter. */
typedef struct {
  uint32_t packets;
  size_t bytes;
  uint64_t octets;
  size_t segment_bytes;
  packet_place places[BATCH_SEGMENTS];
} plan;

static void plan_message(plan *plan, const packet_log *log, uint64_t packet, uint64_t max_packets, size_t overhead,
                         bool with_segments) {
  plan->packets = 0;
  plan->bytes = 0;
  plan->octets = 0;
  uint64_t most = with_segments ? BATCH_SEGMENTS : 1;
  if (max_packets < most) most = max_packets;
  while (plan->packets < most && packet_find(log, packet + plan->packets, &plan->places[plan->packets])) {
    size_t size = plan->places[plan->packets].size;
    size_t bytes = size + overhead;
    if (plan->packets == 0) plan->segment_bytes = bytes;
    else if (bytes > plan->segment_bytes || plan->bytes + bytes > BATCH_MESSAGE_BYTES) break;
    plan->packets += 1;
    plan->bytes += bytes;
    plan->octets += size;
    if (bytes < plan->segment_bytes) break;
  }
}

/* Takes back what was counted as sent; the same packets under the same numbers go out when there is room. */
static void take_back(fanout *fanout, track_kind kind, const batch_message *message) {
  track *track = fanout_track(fanout, message->owner, kind);
  if (track == NULL) return;
  viewer *to = &fanout->viewers[message->owner];
  size_t overhead = packet_overhead(to);
  if (to->transport != NULL) transport_take_back(to->transport, message->left);
  track->cursor -= message->left;
  track->next -= message->left;
  track->counts.packets -= message->left;
  track->counts.octets -= message->left_bytes - message->left * overhead;
}

static void block(blocked_list *blocked, uint32_t slot) {
  if (blocked->count > 0 && blocked->slots[blocked->count - 1] == slot) return;
  if (blocked->count < blocked->room) blocked->slots[blocked->count++] = slot;
}

/* False when the queue was full. */
static bool flush(fanout *fanout, track_kind kind, blocked_list *blocked) {
  size_t count = batch_flush(&fanout->batch);
  bool all_taken = true;
  for (size_t at = 0; at < count; at += 1) {
    const batch_message *message = &fanout->batch.messages[at];
    if (message->is_refused) fanout->viewers[message->owner].route.is_apart = true;
    if (message->left == 0) continue;
    all_taken = false;
    take_back(fanout, kind, message);
    block(blocked, message->owner);
  }
  return all_taken;
}

/* Puts into the batch what the viewer's track has to get; false when a flush on the way found the queue full. */
static bool queue_track(fanout *fanout, track_kind kind, uint32_t slot, uint64_t max_packets, blocked_list *blocked) {
  viewer *to = &fanout->viewers[slot];
  track *track = &to->tracks[kind];
  const packet_log *log = &fanout->logs[kind];
  size_t overhead = packet_overhead(to);
  while (max_packets > 0 && holds(log, track->cursor)) {
    plan plan;
    plan_message(&plan, log, track->cursor, max_packets, overhead, !to->route.is_apart);
    if (plan.packets == 0) return true;
    if (!batch_has_room(&fanout->batch, &to->route, plan.bytes) && !flush(fanout, kind, blocked)) return false;
    size_t written = 0;
    packet_name name = {.payload_type = track->payload_type, .ssrc = track->ssrc};
    uint64_t transport_next = to->transport == NULL ? 0 : to->transport->next;
    for (uint32_t n = 0; n < plan.packets; n += 1) {
      name.number = track->next + n;
      name.transport_number = transport_next + n;
      size_t bytes = packet_seal(fanout, to, &plan.places[n], &name, written);
      if (bytes == 0) return true;
      written += bytes;
    }
    if (!packet_still_held(log, track->cursor)) return true;
    batch_add(&fanout->batch, slot, &to->route, written, plan.packets, plan.segment_bytes);
    uint64_t now_us = to->transport == NULL ? 0 : now_ns() / 1000;
    for (uint32_t n = 0; to->transport != NULL && n < plan.packets; n += 1) {
      packet_sent(to, (uint8_t)kind, track->next + n, plan.places[n].size + overhead, now_us);
    }
    track->cursor += plan.packets;
    track->next += plan.packets;
    track->counts.packets += plan.packets;
    track->counts.octets += plan.octets;
    max_packets -= plan.packets;
  }
  return true;
}

static bool wants(const fanout *fanout, track_kind kind, uint32_t slot) {
  const viewer *to = &fanout->viewers[slot];
  const track *track = &to->tracks[kind];
  return to->is_used && track->is_taken && !track->is_held && to->route.address_bytes > 0 &&
         holds(&fanout->logs[kind], track->cursor);
}

uint32_t fanout_serve(fanout *fanout, track_kind kind, uint32_t slot, uint64_t budget_ns, blocked_list *blocked) {
  uint64_t deadline_ns = now_ns() + budget_ns;
  bool has_room = true;
  for (; slot < fanout->slots; slot += 1) {
    if (!wants(fanout, kind, slot)) continue;
    /* A full queue stays full for this round: the others are told without being encrypted for. */
    if (!has_room) block(blocked, slot);
    else has_room = queue_track(fanout, kind, slot, UINT64_MAX, blocked);
    if (now_ns() >= deadline_ns) {
      slot += 1;
      break;
    }
  }
  flush(fanout, kind, blocked);
  return slot < fanout->slots ? slot : NO_SLOT;
}

bool fanout_serve_one(fanout *fanout, track_kind kind, uint32_t slot, uint64_t max_packets) {
  track *track = fanout_track(fanout, slot, kind);
  if (track == NULL || fanout->viewers[slot].route.address_bytes == 0) return true;
  uint32_t room[1];
  blocked_list blocked = {.slots = room, .count = 0, .room = 1};
  queue_track(fanout, kind, slot, max_packets, &blocked);
  flush(fanout, kind, &blocked);
  return blocked.count == 0;
}
