/*
 * The fan-out: the subscribers of one stream, and the RTP histories that they are sent. Knows nothing of JavaScript.
 *
 * Threads: a fan-out belongs to the thread that made it, and no function here may be called from another. Only the
 * histories are shared: the thread that writes them may overwrite a packet while it is read here
 * (sluice_packet_still_held). Ownership: the fan-out owns its subscribers, their keys and their TWCC histories;
 * histories are borrowed from JavaScript, and the binding keeps them alive. Pointers to subscribers and tracks are
 * valid until the next sluice_fanout_add.
 */
#ifndef SLUICE_FANOUT_H
#define SLUICE_FANOUT_H

#include "batch.h"
#include "srtcp.h"
#include "srtp.h"
#include "twcc.h"

typedef enum { SLUICE_TRACK_AUDIO = 0, SLUICE_TRACK_VIDEO = 1, SLUICE_TRACK_KINDS = 2 } sluice_track_kind_t;

/*
 * The words of a session's numbers in shared memory, as actors/fanout/session-numbers.ts has them: those of the audio,
 * then of the video, then two of the session. Written before a packet goes out: another thread goes on from them when
 * this one dies.
 */
enum {
  SLUICE_NUMBER_NEXT = 0,
  SLUICE_NUMBER_RTX_NEXT = 1,
  SLUICE_NUMBER_PACKETS = 2,
  SLUICE_NUMBER_OCTETS = 3,
  SLUICE_NUMBER_RESENT = 4,
  SLUICE_NUMBER_MOVED = 5,
  SLUICE_NUMBER_SHIFT = 6,
  SLUICE_TRACK_NUMBERS = 7,
  SLUICE_NUMBER_RTCP_INDEX = 14,
  SLUICE_NUMBER_TWCC_NEXT = 15,
  SLUICE_NUMBERS = 16
};

/* Moves of a cursor that are remembered, to find a packet by its sequence number when it is asked for again. */
enum { SLUICE_REMEMBERED_MOVES = 8, SLUICE_PACKET_MARKER = 1, SLUICE_NO_SLOT = UINT32_MAX };
/* Of an RTCP packet of ours: a sender report with a CNAME, BYE. */
enum { SLUICE_RTCP_MAX_BYTES = 1024 };

/*
 * A track's RTP history, laid out as src/core/rtp/packet-memory.ts says. Packet n has index i = n modulo capacity; its
 * payload is arena[offsets[i] .. offsets[i] + sizes[i]). Packets first .. end - 1 are held. Another thread may
 * overwrite a packet at any time: shared[0], the oldest packet held modulo 2^32, has then passed it.
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
} sluice_history_t;

/* From extended sequence number `from` on, packet n has number n + shift. */
typedef struct {
  uint64_t from;
  int64_t shift;
} sluice_track_move_t;

/* The retransmission stream (RFC 4588). Not taken: packets are sent again as they were, byte for byte. */
typedef struct {
  bool is_taken;
  uint8_t payload_type;
  uint32_t ssrc;
  uint64_t next; /* Extended sequence number of the next packet; none is used twice. */
} sluice_rtx_t;

typedef struct {
  bool is_taken;
  bool is_held;
  uint8_t payload_type;
  uint8_t moves;
  uint32_t ssrc;
  uint64_t cursor;
  uint64_t next;   /* Extended sequence number of the packet at the cursor. */
  double *numbers; /* SLUICE_TRACK_NUMBERS of them. */
  sluice_rtx_t rtx;
  sluice_track_move_t move[SLUICE_REMEMBERED_MOVES];
} sluice_track_t;

typedef struct {
  bool is_used;
  sluice_route_t route; /* address_bytes 0: none yet. */
  sluice_srtp_t srtp;
  sluice_srtcp_keys_t srtcp; /* Where `has_rtcp`. */
  bool has_rtcp;
  sluice_track_t tracks[SLUICE_TRACK_KINDS];
  sluice_twcc_t *twcc; /* NULL: its packets have no transport-wide numbers. */
  double *numbers;     /* SLUICE_NUMBERS of them, borrowed from JavaScript. */
} sluice_subscriber_t;

typedef struct {
  sluice_history_t histories[SLUICE_TRACK_KINDS];
  sluice_subscriber_t *subscribers;
  size_t slots; /* Slots in use or free, below `capacity`. */
  size_t capacity;
  sluice_batch_t batch;
  sluice_srtcp_t srtcp;
} sluice_fanout_t;

typedef struct {
  uint32_t *slots;
  size_t count;
  size_t room;
} sluice_blocked_t;

/* NULL when there is no memory. */
sluice_fanout_t *sluice_fanout_create(void);
/* Frees all subscribers; open sockets are the caller's. */
void sluice_fanout_destroy(sluice_fanout_t *fanout);

/* A free slot, zeroed, with neither keys nor route; SLUICE_NO_SLOT when there is no memory. The caller opens `srtp`. */
uint32_t sluice_fanout_add(sluice_fanout_t *fanout);
/* Frees the subscriber's keys and history, and its slot; does nothing for an unknown slot. */
void sluice_fanout_remove(sluice_fanout_t *fanout, uint32_t slot);
/* What it has allocated for its subscribers, those of OpenSSL by their usual size. */
size_t sluice_fanout_held_bytes(const sluice_fanout_t *fanout);
/* NULL for an unknown slot. */
sluice_subscriber_t *sluice_fanout_subscriber(sluice_fanout_t *fanout, uint32_t slot);
/* NULL for an unknown slot, or a track that the subscriber does not take. */
sluice_track_t *sluice_fanout_track(sluice_fanout_t *fanout, uint32_t slot, sluice_track_kind_t kind);

/* One packet's index entry, each word read once, since another thread may write there. Its payload lies within the
 * arena. */
typedef struct {
  const uint8_t *payload;
  uint32_t rtp_ts;
  uint16_t size;
  bool has_marker;
} sluice_packet_t;

/* False when the packet is not held. */
bool sluice_packet_read(const sluice_history_t *history, uint64_t packet, sluice_packet_t *place);
/* True when what was read of this packet, and of later ones, had not been overwritten by then. Call it after reading.
 */
bool sluice_packet_still_held(const sluice_history_t *history, uint64_t packet);

/* Identifies a packet to one subscriber: its stream, its number there, and its transport-wide number. */
typedef struct {
  uint8_t payload_type;
  uint32_t ssrc;
  uint64_t number;      /* Extended sequence number. */
  uint64_t twcc_number; /* Unused when the subscriber has no `twcc`. */
} sluice_packet_id_t;

/* Bytes of header, extension and SRTP tag of a packet to this subscriber. */
size_t sluice_packet_overhead(const sluice_subscriber_t *to);
sluice_rtp_header_t sluice_packet_header(const sluice_subscriber_t *to, const sluice_packet_t *place,
                                         const sluice_packet_id_t *name);
/* Writes the SRTP packet `behind` bytes after the batch's end. Returns its size in bytes, 0 when OpenSSL fails. */
size_t sluice_packet_seal(sluice_fanout_t *fanout, sluice_subscriber_t *to, const sluice_packet_t *place,
                          const sluice_packet_id_t *name, size_t behind);
/* Records that a packet is sent under the next transport-wide number; does nothing without `twcc`. */
void sluice_packet_sent(sluice_subscriber_t *to, uint8_t stream, uint64_t number, size_t bytes, uint64_t now_us);
/* CLOCK_MONOTONIC. */
uint64_t sluice_now_ns(void);

/* In track.c: both. `since`: the number since which it was sent this history without a move, by another thread too. */
void sluice_track_start(sluice_subscriber_t *of, sluice_track_kind_t kind, uint32_t ssrc, uint8_t payload_type,
                        uint64_t first_sequence, uint64_t cursor, uint64_t since);
void sluice_track_seek(sluice_track_t *track, uint64_t packet);

/*
 * Sends each subscriber, from `slot` on, what lies between its cursor and the end of the history. Returns the slot to
 * continue with when `budget_ns` is used up, SLUICE_NO_SLOT when all are served. Subscribers whose queue is full are
 * put on the list, and their cursors stay at the first packet that was not taken.
 */
uint32_t sluice_fanout_serve(sluice_fanout_t *fanout, sluice_track_kind_t kind, uint32_t slot, uint64_t budget_ns,
                             sluice_blocked_t *blocked);
/* Sends at most `max_packets` to one subscriber; false when its queue is full. */
bool sluice_fanout_serve_one(sluice_fanout_t *fanout, sluice_track_kind_t kind, uint32_t slot, uint64_t max_packets);
/* In rtcp.c: protects and sends one RTCP packet; false when it was not taken, or all indices are used. */
bool sluice_fanout_send_rtcp(sluice_fanout_t *fanout, uint32_t slot, const uint8_t *packet, size_t size);
/* In resend.c: sends packets again by their RTP sequence numbers. Returns how many were still held and were taken. */
uint32_t sluice_fanout_resend(sluice_fanout_t *fanout, sluice_track_kind_t kind, uint32_t slot,
                              const uint16_t *sequences, size_t count);

#endif
