/* Packets that a viewer missed (RFC 4585), sent again: as they were, or in a stream of their own (RFC 4588). */
#include "fanout.h"

#include <string.h>

/* The original sequence number before the payload. */
enum { RTX_BYTES = 2 };

/* The extended number nearest to `near` that ends in these 16 bits. */
static uint64_t extend(uint16_t sequence, uint64_t near) { return near + (uint64_t)(int64_t)(int16_t)(sequence - (uint16_t)near); }

static bool find_packet(const track *track, uint64_t number, uint64_t *packet) {
  if (number >= track->next) return false;
  for (int at = track->moves - 1; at >= 0; at -= 1) {
    if (track->move[at].from > number) continue;
    *packet = number - (uint64_t)track->move[at].shift;
    return true;
  }
  return false;
}

static uint32_t flush_resent(fanout *fanout) {
  size_t count = batch_flush(&fanout->batch);
  uint32_t sent = 0;
  for (size_t at = 0; at < count; at += 1) sent += fanout->batch.messages[at].left == 0;
  return sent;
}

/*
 * A packet in the stream of those sent again: under a number of its own, and before its payload the number that it had.
 * The number is used up whatever becomes of the datagram, so that no other packet ever has it.
 */
static size_t seal_again(fanout *fanout, viewer *to, rtx_stream *rtx, const packet_place *place, uint16_t original) {
  packet_name name = {.payload_type = rtx->payload_type, .ssrc = rtx->ssrc, .number = rtx->next};
  if (to->transport != NULL) name.transport_number = to->transport->next;
  rtp_header header = packet_header(to, place, &name);
  uint8_t *out = fanout->batch.bytes + fanout->batch.used;
  uint8_t *payload = out + header.size;
  payload[0] = (uint8_t)(original >> 8);
  payload[1] = (uint8_t)original;
  memcpy(payload + RTX_BYTES, place->payload, place->size);
  rtx->next += 1;
  /* Encrypted where it stands. */
  return srtp_protect(&to->srtp, &header, payload, RTX_BYTES + (size_t)place->size, rtx->next - 1, out);
}

/* As it was, to the byte: two packets under one index would give its key stream away (RFC 3711 9.1). */
static size_t seal_as_it_was(fanout *fanout, viewer *to, track_kind kind, const packet_place *place, uint64_t number) {
  const track *track = &to->tracks[kind];
  packet_name name = {.payload_type = track->payload_type, .ssrc = track->ssrc, .number = number};
  bool is_known = to->transport == NULL ||
                  transport_find(to->transport, (uint8_t)kind, (uint32_t)number, &name.transport_number);
  return is_known ? packet_seal(fanout, to, place, &name, 0) : 0;
}

uint32_t fanout_resend(fanout *fanout, track_kind kind, uint32_t slot, const uint16_t *sequences, size_t count) {
  track *track = fanout_track(fanout, slot, kind);
  if (track == NULL || fanout->viewers[slot].route.address_bytes == 0) return 0;
  viewer *to = &fanout->viewers[slot];
  const packet_log *log = &fanout->logs[kind];
  size_t overhead = RTX_BYTES + packet_overhead(to);
  uint32_t resent = 0;
  for (size_t n = 0; n < count; n += 1) {
    uint64_t number = extend(sequences[n], track->next - 1);
    uint64_t packet = 0;
    packet_place place;
    if (!find_packet(track, number, &packet) || !packet_find(log, packet, &place)) continue;
    if (!batch_has_room(&fanout->batch, &to->route, place.size + overhead)) resent += flush_resent(fanout);
    size_t bytes = track->rtx.is_taken ? seal_again(fanout, to, &track->rtx, &place, (uint16_t)number)
                                       : seal_as_it_was(fanout, to, kind, &place, number);
    if (bytes == 0 || !packet_still_held(log, packet)) continue;
    batch_add(&fanout->batch, slot, &to->route, bytes, 1, bytes);
    if (track->rtx.is_taken) packet_sent(to, TRACK_KINDS + (uint8_t)kind, track->rtx.next - 1, bytes, now_ns() / 1000);
  }
  resent += flush_resent(fanout);
  track->counts.resent += resent;
  return resent;
}
