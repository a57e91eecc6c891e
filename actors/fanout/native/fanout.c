/* Subscribers in slots, and serving them: which packets share a message, and what happens when a queue is full. */
#define _GNU_SOURCE
#include "fanout.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MIN_SLOTS = 16 };

sluice_fanout_t *sluice_fanout_create(void) {
  sluice_fanout_t *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  sluice_batch_init(&made->batch);
  if (sluice_srtcp_create(&made->srtcp)) return made;
  free(made);
  return NULL;
}

void sluice_fanout_destroy(sluice_fanout_t *fanout) {
  for (uint32_t slot = 0; slot < fanout->slots; slot += 1) sluice_fanout_remove(fanout, slot);
  sluice_srtcp_destroy(&fanout->srtcp);
  free(fanout->subscribers);
  free(fanout);
}

uint32_t sluice_fanout_add(sluice_fanout_t *fanout) {
  uint32_t slot = 0;
  while (slot < fanout->slots && fanout->subscribers[slot].is_used) slot += 1;
  if (slot == fanout->capacity) {
    size_t capacity = fanout->capacity == 0 ? MIN_SLOTS : fanout->capacity * 2;
    sluice_subscriber_t *grown = realloc(fanout->subscribers, capacity * sizeof *grown);
    if (grown == NULL) return SLUICE_NO_SLOT;
    fanout->subscribers = grown;
    fanout->capacity = capacity;
  }
  if (slot == fanout->slots) fanout->slots += 1;
  memset(&fanout->subscribers[slot], 0, sizeof fanout->subscribers[slot]);
  fanout->subscribers[slot].is_used = true;
  return slot;
}

void sluice_fanout_remove(sluice_fanout_t *fanout, uint32_t slot) {
  sluice_subscriber_t *gone = sluice_fanout_subscriber(fanout, slot);
  if (gone == NULL) return;
  sluice_srtp_close(&gone->srtp);
  free(gone->twcc);
  gone->twcc = NULL;
  gone->is_used = false;
  while (fanout->slots > 0 && !fanout->subscribers[fanout->slots - 1].is_used) fanout->slots -= 1;
}

size_t sluice_fanout_held_bytes(const sluice_fanout_t *fanout) {
  size_t held = fanout->capacity * sizeof *fanout->subscribers;
  for (uint32_t slot = 0; slot < fanout->slots; slot += 1) {
    const sluice_subscriber_t *one = &fanout->subscribers[slot];
    if (!one->is_used) continue;
    held += SLUICE_CIPHER_BYTES + (one->srtp.mac == NULL ? 0 : SLUICE_MAC_BYTES) +
            (one->twcc == NULL ? 0 : sizeof *one->twcc);
  }
  return held;
}

sluice_subscriber_t *sluice_fanout_subscriber(sluice_fanout_t *fanout, uint32_t slot) {
  if (slot >= fanout->slots || !fanout->subscribers[slot].is_used) return NULL;
  return &fanout->subscribers[slot];
}

sluice_track_t *sluice_fanout_track(sluice_fanout_t *fanout, uint32_t slot, sluice_track_kind_t kind) {
  sluice_subscriber_t *of = sluice_fanout_subscriber(fanout, slot);
  return of != NULL && of->tracks[kind].is_taken ? &of->tracks[kind] : NULL;
}

uint64_t sluice_now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool holds(const sluice_history_t *history, uint64_t packet) {
  return history->capacity > 0 && packet >= history->first && packet < history->end;
}

bool sluice_packet_still_held(const sluice_history_t *history, uint64_t packet) {
  atomic_thread_fence(memory_order_acquire);
  uint32_t first = (uint32_t)__atomic_load_n(&history->shared[0], __ATOMIC_RELAXED);
  return (int32_t)(first - (uint32_t)packet) <= 0;
}

bool sluice_packet_read(const sluice_history_t *history, uint64_t packet, sluice_packet_t *place) {
  if (!holds(history, packet)) return false;
  size_t at = packet % history->capacity;
  size_t offset = __atomic_load_n(&history->offsets[at], __ATOMIC_RELAXED);
  place->size = __atomic_load_n(&history->sizes[at], __ATOMIC_RELAXED);
  place->rtp_ts = __atomic_load_n(&history->rtp_ts[at], __ATOMIC_RELAXED);
  place->has_marker = (__atomic_load_n(&history->flags[at], __ATOMIC_RELAXED) & SLUICE_PACKET_MARKER) != 0;
  if (offset + place->size > history->arena_bytes) return false;
  place->payload = history->arena + offset;
  return true;
}

size_t sluice_packet_overhead(const sluice_subscriber_t *to) {
  size_t extension = to->twcc == NULL ? 0 : SLUICE_TWCC_EXTENSION_BYTES;
  return SLUICE_RTP_HEADER_BYTES + extension + sluice_srtp_tag_bytes(&to->srtp);
}

sluice_rtp_header_t sluice_packet_header(const sluice_subscriber_t *to, const sluice_packet_t *place,
                                         const sluice_packet_id_t *name) {
  bool is_extended = to->twcc != NULL;
  sluice_rtp_header_t header = {
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
      .size = SLUICE_RTP_HEADER_BYTES,
  };
  if (!is_extended) return header;
  sluice_twcc_write(to->twcc, name->twcc_number, header.bytes + SLUICE_RTP_HEADER_BYTES);
  header.size += SLUICE_TWCC_EXTENSION_BYTES;
  return header;
}

size_t sluice_packet_seal(sluice_fanout_t *fanout, sluice_subscriber_t *to, const sluice_packet_t *place,
                          const sluice_packet_id_t *name, size_t behind) {
  sluice_rtp_header_t header = sluice_packet_header(to, place, name);
  return sluice_srtp_protect(&to->srtp, &header, place->payload, place->size, name->number,
                             fanout->batch.bytes + fanout->batch.used + behind);
}

void sluice_packet_sent(sluice_subscriber_t *to, uint8_t stream, uint64_t number, size_t bytes, uint64_t now_us) {
  if (to->twcc == NULL) return;
  const sluice_twcc_packet_t packet = {
      .sent_us = now_us, .sequence = (uint32_t)number, .bytes = (uint16_t)bytes, .stream = stream};
  sluice_twcc_record(to->twcc, &packet);
  to->numbers[SLUICE_NUMBER_TWCC_NEXT] = (double)to->twcc->next;
}

/* What one message takes: a run of packets of one size, the last may be shorter. */
typedef struct {
  uint32_t packets;
  size_t bytes;
  uint64_t octets;
  size_t segment_bytes;
  sluice_packet_t places[SLUICE_BATCH_SEGMENTS];
} message_plan_t;

static void plan_message(message_plan_t *plan, const sluice_history_t *history, uint64_t packet, uint64_t max_packets,
                         size_t overhead, bool with_segments) {
  plan->packets = 0;
  plan->bytes = 0;
  plan->octets = 0;
  uint64_t most = with_segments ? SLUICE_BATCH_SEGMENTS : 1;
  if (max_packets < most) most = max_packets;
  while (plan->packets < most && sluice_packet_read(history, packet + plan->packets, &plan->places[plan->packets])) {
    size_t size = plan->places[plan->packets].size;
    size_t bytes = size + overhead;
    if (plan->packets == 0) plan->segment_bytes = bytes;
    else if (bytes > plan->segment_bytes || plan->bytes + bytes > SLUICE_BATCH_MESSAGE_BYTES) break;
    plan->packets += 1;
    plan->bytes += bytes;
    plan->octets += size;
    if (bytes < plan->segment_bytes) break;
  }
}

/* Takes back what was counted as sent; the same packets under the same numbers go out when there is room. */
static void take_back(sluice_fanout_t *fanout, sluice_track_kind_t kind, const sluice_message_t *message) {
  sluice_track_t *track = sluice_fanout_track(fanout, message->owner, kind);
  if (track == NULL) return;
  sluice_subscriber_t *to = &fanout->subscribers[message->owner];
  size_t overhead = sluice_packet_overhead(to);
  if (to->twcc != NULL) {
    sluice_twcc_take_back(to->twcc, message->left);
    to->numbers[SLUICE_NUMBER_TWCC_NEXT] = (double)to->twcc->next;
  }
  track->cursor -= message->left;
  track->next -= message->left;
  track->numbers[SLUICE_NUMBER_NEXT] = (double)track->next;
  track->numbers[SLUICE_NUMBER_PACKETS] -= (double)message->left;
  track->numbers[SLUICE_NUMBER_OCTETS] -= (double)(message->left_bytes - message->left * overhead);
}

static void block(sluice_blocked_t *blocked, uint32_t slot) {
  if (blocked->count > 0 && blocked->slots[blocked->count - 1] == slot) return;
  if (blocked->count < blocked->room) blocked->slots[blocked->count++] = slot;
}

/* False when the queue was full. */
static bool flush(sluice_fanout_t *fanout, sluice_track_kind_t kind, sluice_blocked_t *blocked) {
  size_t count = sluice_batch_flush(&fanout->batch);
  bool all_taken = true;
  for (size_t at = 0; at < count; at += 1) {
    const sluice_message_t *message = &fanout->batch.messages[at];
    if (message->is_refused) fanout->subscribers[message->owner].route.is_apart = true;
    if (message->left == 0) continue;
    all_taken = false;
    take_back(fanout, kind, message);
    block(blocked, message->owner);
  }
  return all_taken;
}

/* Batches what the track is to be sent; false when a flush on the way found the queue full. */
static bool queue_track(sluice_fanout_t *fanout, sluice_track_kind_t kind, uint32_t slot, uint64_t max_packets,
                        sluice_blocked_t *blocked) {
  sluice_subscriber_t *to = &fanout->subscribers[slot];
  sluice_track_t *track = &to->tracks[kind];
  const sluice_history_t *history = &fanout->histories[kind];
  size_t overhead = sluice_packet_overhead(to);
  while (max_packets > 0 && holds(history, track->cursor)) {
    message_plan_t plan;
    plan_message(&plan, history, track->cursor, max_packets, overhead, !to->route.is_apart);
    if (plan.packets == 0) return true;
    if (!sluice_batch_has_room(&fanout->batch, &to->route, plan.bytes) && !flush(fanout, kind, blocked)) return false;
    size_t written = 0;
    sluice_packet_id_t name = {.payload_type = track->payload_type, .ssrc = track->ssrc};
    uint64_t twcc_next = to->twcc == NULL ? 0 : to->twcc->next;
    for (uint32_t n = 0; n < plan.packets; n += 1) {
      name.number = track->next + n;
      name.twcc_number = twcc_next + n;
      size_t bytes = sluice_packet_seal(fanout, to, &plan.places[n], &name, written);
      if (bytes == 0) return true;
      written += bytes;
    }
    if (!sluice_packet_still_held(history, track->cursor)) return true;
    sluice_batch_add(&fanout->batch, slot, &to->route, written, plan.packets, plan.segment_bytes);
    uint64_t now_us = to->twcc == NULL ? 0 : sluice_now_ns() / 1000;
    for (uint32_t n = 0; to->twcc != NULL && n < plan.packets; n += 1) {
      sluice_packet_sent(to, (uint8_t)kind, track->next + n, plan.places[n].size + overhead, now_us);
    }
    track->cursor += plan.packets;
    track->next += plan.packets;
    track->numbers[SLUICE_NUMBER_NEXT] = (double)track->next;
    track->numbers[SLUICE_NUMBER_PACKETS] += plan.packets;
    track->numbers[SLUICE_NUMBER_OCTETS] += (double)plan.octets;
    max_packets -= plan.packets;
  }
  return true;
}

static bool wants(const sluice_fanout_t *fanout, sluice_track_kind_t kind, uint32_t slot) {
  const sluice_subscriber_t *to = &fanout->subscribers[slot];
  const sluice_track_t *track = &to->tracks[kind];
  return to->is_used && track->is_taken && !track->is_held && to->route.address_bytes > 0 &&
         holds(&fanout->histories[kind], track->cursor);
}

uint32_t sluice_fanout_serve(sluice_fanout_t *fanout, sluice_track_kind_t kind, uint32_t slot, uint64_t budget_ns,
                             sluice_blocked_t *blocked) {
  uint64_t deadline_ns = sluice_now_ns() + budget_ns;
  bool has_room = true;
  for (; slot < fanout->slots; slot += 1) {
    if (!wants(fanout, kind, slot)) continue;
    /* A full queue stays full for this round: the others are blocked without encrypting for them. */
    if (has_room) has_room = queue_track(fanout, kind, slot, UINT64_MAX, blocked);
    if (!has_room) block(blocked, slot);
    if (sluice_now_ns() >= deadline_ns) {
      slot += 1;
      break;
    }
  }
  flush(fanout, kind, blocked);
  return slot < fanout->slots ? slot : SLUICE_NO_SLOT;
}

bool sluice_fanout_serve_one(sluice_fanout_t *fanout, sluice_track_kind_t kind, uint32_t slot, uint64_t max_packets) {
  sluice_track_t *track = sluice_fanout_track(fanout, slot, kind);
  if (track == NULL || fanout->subscribers[slot].route.address_bytes == 0) return true;
  uint32_t room[1];
  sluice_blocked_t blocked = {.slots = room, .count = 0, .room = 1};
  queue_track(fanout, kind, slot, max_packets, &blocked);
  flush(fanout, kind, &blocked);
  return blocked.count == 0;
}
