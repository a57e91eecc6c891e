/* Retransmission (RFC 4585): packets as they were, or in a stream of their own (RFC 4588). */
#include "fanout.h"

#include <string.h>

/* The original sequence number before the payload. */
enum { RTX_BYTES = 2 };

/* The extended number nearest to `near` that ends in these 16 bits. */
static uint64_t extend(uint16_t sequence, uint64_t near) {
  return near + (uint64_t)(int64_t)(int16_t)(sequence - (uint16_t)near);
}

static bool find_packet(const sluice_track_t *track, uint64_t number, uint64_t *packet) {
  if (number >= track->next) return false;
  for (int at = track->moves - 1; at >= 0; at -= 1) {
    if (track->move[at].from > number) continue;
    *packet = number - (uint64_t)track->move[at].shift;
    return true;
  }
  return false;
}

static uint32_t flush_resent(sluice_fanout_t *fanout) {
  size_t count = sluice_batch_flush(&fanout->batch);
  uint32_t sent = 0;
  for (size_t at = 0; at < count; at += 1) sent += fanout->batch.messages[at].left == 0;
  return sent;
}

/*
 * A packet in the stream of those sent again: under a number of its own, and before its payload the number that it had.
 * The number is used up whatever becomes of the datagram, so that no other packet ever has it.
 */
static size_t seal_again(sluice_fanout_t *fanout, sluice_subscriber_t *to, sluice_track_t *track,
                         const sluice_packet_t *place, uint16_t original) {
  sluice_rtx_t *rtx = &track->rtx;
  sluice_packet_id_t name = {.payload_type = rtx->payload_type, .ssrc = rtx->ssrc, .number = rtx->next};
  if (to->twcc != NULL) name.twcc_number = to->twcc->next;
  sluice_rtp_header_t header = sluice_packet_header(to, place, &name);
  uint8_t *out = fanout->batch.bytes + fanout->batch.used;
  uint8_t *payload = out + header.size;
  payload[0] = (uint8_t)(original >> 8);
  payload[1] = (uint8_t)original;
  memcpy(payload + RTX_BYTES, place->payload, place->size);
  rtx->next += 1;
  track->numbers[SLUICE_NUMBER_RTX_NEXT] = (double)rtx->next;
  /* Encrypted where it stands. */
  return sluice_srtp_protect(&to->srtp, &header, payload, RTX_BYTES + (size_t)place->size, rtx->next - 1, out);
}

/* As it was, to the byte: two packets under one index would give its key stream away (RFC 3711 9.1). */
static size_t seal_as_it_was(sluice_fanout_t *fanout, sluice_subscriber_t *to, sluice_track_kind_t kind,
                             const sluice_packet_t *place, uint64_t number) {
  const sluice_track_t *track = &to->tracks[kind];
  sluice_packet_id_t name = {.payload_type = track->payload_type, .ssrc = track->ssrc, .number = number};
  bool is_known = to->twcc == NULL || sluice_twcc_find(to->twcc, (uint8_t)kind, (uint32_t)number, &name.twcc_number);
  return is_known ? sluice_packet_seal(fanout, to, place, &name, 0) : 0;
}

uint32_t sluice_fanout_resend(sluice_fanout_t *fanout, sluice_track_kind_t kind, uint32_t slot,
                              const uint16_t *sequences, size_t count) {
  sluice_track_t *track = sluice_fanout_track(fanout, slot, kind);
  if (track == NULL || fanout->subscribers[slot].route.address_bytes == 0) return 0;
  sluice_subscriber_t *to = &fanout->subscribers[slot];
  const sluice_history_t *history = &fanout->histories[kind];
  size_t overhead = RTX_BYTES + sluice_packet_overhead(to);
  uint32_t resent = 0;
  for (size_t n = 0; n < count; n += 1) {
    uint64_t number = extend(sequences[n], track->next - 1);
    uint64_t packet = 0;
    sluice_packet_t place;
    if (!find_packet(track, number, &packet) || !sluice_packet_read(history, packet, &place)) continue;
    if (!sluice_batch_has_room(&fanout->batch, &to->route, place.size + overhead)) resent += flush_resent(fanout);
    size_t bytes = track->rtx.is_taken ? seal_again(fanout, to, track, &place, (uint16_t)number)
                                       : seal_as_it_was(fanout, to, kind, &place, number);
    if (bytes == 0 || !sluice_packet_still_held(history, packet)) continue;
    sluice_batch_add(&fanout->batch, slot, &to->route, bytes, 1, bytes);
    if (track->rtx.is_taken)
      sluice_packet_sent(to, SLUICE_TRACK_KINDS + (uint8_t)kind, track->rtx.next - 1, bytes, sluice_now_ns() / 1000);
  }
  resent += flush_resent(fanout);
  track->numbers[SLUICE_NUMBER_RESENT] += resent;
  return resent;
}
