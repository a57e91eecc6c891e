/* The viewers of one stream and the packets that they are sent. Knows nothing of JavaScript. */
#ifndef SLUICE_FANOUT_H
#define SLUICE_FANOUT_H

#include "batch.h"
#include "srtp.h"
#include "transport.h"

typedef enum { TRACK_AUDIO = 0, TRACK_VIDEO = 1, TRACK_KINDS = 2 } track_kind;

/* How many moves of a cursor are remembered for packets to be sent again. */
enum { REMEMBERED_MOVES = 8, PACKET_MARKER = 1, NO_SLOT = UINT32_MAX };

/*
 * A track's packets: src/core/rtp/packet-memory.ts. Packet n stands at index n modulo capacity; its payload is
 * arena[offsets[i] .. offsets[i] + sizes[i]). Held are first .. end. The memory is JavaScript's, and another thread may
 * write over a packet at any time: shared[0] has then passed it, modulo 2^32.
 */
typedef struct {
  const uint8_t *arena;
  size_t arena_bytes;
  const uint32_t *offsets;
  const uint16_t *sizes;
  const uint32_t *rtp_ts;
  const uint8_t *flags;
  const int32_t *shared;
  size_t capacity;
  uint64_t first;
  uint64_t end;
} packet_log;

/* From extended sequence number `from` on, packet n has number n + shift. */
typedef struct {
  uint64_t from;
  int64_t shift;
} track_move;

typedef struct {
  uint64_t packets;
  uint64_t octets;
  uint64_t resent;
} track_counts;

/* The stream that packets are sent again in (RFC 4588); not taken: they are sent again as they were. */
typedef struct {
  bool is_taken;
  uint8_t payload_type;
  uint32_t ssrc;
  uint64_t next; /* Extended sequence number: a new one for each packet. */
} rtx_stream;

typedef struct {
  bool is_taken;
  bool is_held;
  uint8_t payload_type;
  uint8_t moves;
  uint32_t ssrc;
  uint64_t cursor;
  uint64_t next; /* Extended sequence number of the packet at the cursor. */
  track_counts counts;
  rtx_stream rtx;
  track_move move[REMEMBERED_MOVES];
} track;

typedef struct {
  bool is_used;
  batch_route route; /* address_bytes 0: none yet. */
  srtp_sender srtp;
  track tracks[TRACK_KINDS];
  transport *transport; /* NULL: its packets have no transport-wide numbers. */
} viewer;

typedef struct {
  packet_log logs[TRACK_KINDS];
  viewer *viewers;
  size_t slots;    /* Slots in use or free, below `capacity`. */
  size_t capacity;
  batch batch;
} fanout;

typedef struct {
  uint32_t *slots;
  size_t count;
  size_t room;
} blocked_list;

fanout *fanout_create(void);
void fanout_destroy(fanout *fanout);

/* A free slot, emptied; NO_SLOT without memory. */
uint32_t fanout_add(fanout *fanout);
void fanout_remove(fanout *fanout, uint32_t slot);
viewer *fanout_viewer(fanout *fanout, uint32_t slot);
/* Null for an unknown slot or a track that the viewer does not take. */
track *fanout_track(fanout *fanout, uint32_t slot, track_kind kind);

/* One packet as the index says, read once: another thread may write there. Its payload lies within the arena. */
typedef struct {
  const uint8_t *payload;
  uint32_t rtp_ts;
  uint16_t size;
  bool has_marker;
} packet_place;

bool packet_find(const packet_log *log, uint64_t packet, packet_place *place);
/* What was read of the packet, and of later ones, was still in the log when it was read. */
bool packet_still_held(const packet_log *log, uint64_t packet);

/* What a packet is told apart by: its stream, its place there, and its place among all that the viewer gets. */
typedef struct {
  uint8_t payload_type;
  uint32_t ssrc;
  uint64_t number; /* Extended sequence number. */
  uint64_t transport_number; /* Without meaning where the viewer's packets have none. */
} packet_name;

/* Header and tag of a packet to this viewer. */
size_t packet_overhead(const viewer *to);
rtp_header packet_header(const viewer *to, const packet_place *place, const packet_name *name);
/* The packet at `behind` bytes behind the batch's; its bytes, 0 when it cannot be. */
size_t packet_seal(fanout *fanout, viewer *to, const packet_place *place, const packet_name *name, size_t behind);
/* A packet goes out now under the next transport-wide number, where the viewer's packets have one. */
void packet_sent(viewer *to, uint8_t stream, uint64_t number, size_t bytes, uint64_t now_us);
uint64_t now_ns(void);

void track_start(track *track, uint32_t ssrc, uint8_t payload_type, uint64_t first_sequence, uint64_t cursor);
void track_seek(track *track, uint64_t packet);

/*
 * Sends every viewer from `slot` on what lies between its cursor and the end of the log. Gives the slot to go on with
 * when `budget_ns` is used up, NO_SLOT when all are served. Viewers whose datagrams were not taken go on the list.
 */
uint32_t fanout_serve(fanout *fanout, track_kind kind, uint32_t slot, uint64_t budget_ns, blocked_list *blocked);
/* At most `max_packets` to one viewer; false when a datagram was not taken. */
bool fanout_serve_one(fanout *fanout, track_kind kind, uint32_t slot, uint64_t max_packets);
/* resend.c: sends packets again by their sequence numbers; gives how many the log still had and the kernel took. */
uint32_t fanout_resend(fanout *fanout, track_kind kind, uint32_t slot, const uint16_t *sequences, size_t count);

#endif
