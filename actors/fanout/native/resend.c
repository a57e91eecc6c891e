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
  uint8_t header[RTP_HEADER_BYTES];
  packet_header(place, rtx->payload_type, rtx->ssrc, rtx->next, header);
  uint8_t *out = fanout->batch.bytes + fanout->batch.used;
  uint8_t *payload = out + RTP_HEADER_BYTES;
  payload[0] = (uint8_t)(original >> 8);
  payload[1] = (uint8_t)original;
  memcpy(payload + RTX_BYTES, place->payload, place->size);
  rtx->next += 1;
  /* Encrypted where it stands. */
  return srtp_protect(&to->srtp, header, payload, RTX_BYTES + (size_t)place->size, rtx->next - 1, out);
}

uint32_t fanout_resend(fanout *fanout, track_kind kind, uint32_t slot, const uint16_t *sequences, size_t count) {
  track *track = fanout_track(fanout, slot, kind);
  if (track == NULL || fanout->viewers[slot].route.address_bytes == 0) return 0;
  viewer *to = &fanout->viewers[slot];
  const packet_log *log = &fanout->logs[kind];
  size_t overhead = RTP_HEADER_BYTES + RTX_BYTES + srtp_tag_bytes(&to->srtp);
  uint32_t resent = 0;
  for (size_t n = 0; n < count; n += 1) {
    uint64_t number = extend(sequences[n], track->next - 1);
    uint64_t packet = 0;
    packet_place place;
    if (!find_packet(track, number, &packet) || !packet_find(log, packet, &place)) continue;
    if (!batch_has_room(&fanout->batch, &to->route, place.size + overhead)) resent += flush_resent(fanout);
    size_t bytes = track->rtx.is_taken ? seal_again(fanout, to, &track->rtx, &place, (uint16_t)number)
                                       : packet_seal(fanout, to, track, &place, number, 0);
    if (bytes > 0 && packet_still_held(log, packet)) batch_add(&fanout->batch, slot, &to->route, bytes, 1, bytes);
  }
  resent += flush_resent(fanout);
  track->counts.resent += resent;
  return resent;
}
