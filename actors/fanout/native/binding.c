/*
 * The fan-out as a JavaScript class (Node-API 8). Everything that comes in is checked here, once: kinds, slots, sizes.
 * The object owns the C side; its finaliser runs when it is collected and when its thread ends in whatever way.
 */
#include <stdlib.h>

#include "binding-transport.h"

static const int64_t max_packet = (int64_t)1 << 48;

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

static napi_value truth(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
  return result;
}

static void release(napi_env env, void *data, void *hint) {
  (void)hint;
  holder *holder = data;
  for (int kind = 0; kind < TRACK_KINDS; kind += 1) {
    for (int n = 0; n < LOG_ARRAYS; n += 1) {
      if (holder->arrays[kind][n] != NULL) napi_delete_reference(env, holder->arrays[kind][n]);
    }
  }
  route_close_sockets(&holder->sockets);
  fanout_destroy(holder->fanout);
  free(holder);
}

static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value self = NULL, constructed = NULL;
  napi_get_cb_info(env, info, NULL, NULL, &self, NULL);
  if (napi_get_new_target(env, info, &constructed) != napi_ok || constructed == NULL) {
    napi_throw_type_error(env, "ERR_CONSTRUCT_CALL_REQUIRED", "a fan-out is made by new");
    return NULL;
  }
  holder *made = calloc(1, sizeof *made);
  if (made != NULL) made->fanout = fanout_create();
  if (made == NULL || made->fanout == NULL || napi_wrap(env, self, made, release, NULL, NULL) != napi_ok) {
    if (made != NULL && made->fanout != NULL) fanout_destroy(made->fanout);
    free(made);
    napi_throw_error(env, NULL, "no memory for a fan-out");
  }
  return self;
}

/*
 * attach(kind, arena: Uint8Array, offsets: Uint32Array, sizes: Uint16Array, rtpTs: Uint32Array, flags: Uint8Array,
 *        shared: Int32Array)
 */
static napi_value attach(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  track_kind kind = call_kind(&call, 0);
  packet_log log = {0};
  size_t sizes = 0, stamps = 0, flags = 0, words = 0;
  log.arena = call_shared_array(&call, 1, napi_uint8_array, &log.arena_bytes);
  log.offsets = call_shared_array(&call, 2, napi_uint32_array, &log.capacity);
  log.sizes = call_shared_array(&call, 3, napi_uint16_array, &sizes);
  log.rtp_ts = call_shared_array(&call, 4, napi_uint32_array, &stamps);
  log.flags = call_shared_array(&call, 5, napi_uint8_array, &flags);
  log.shared = call_shared_array(&call, 6, napi_int32_array, &words);
  if (!call.failed && (sizes != log.capacity || stamps != log.capacity || flags != log.capacity)) {
    call_fail(&call, "the arrays of a log are not of one length");
  }
  if (!call.failed && words == 0) call_fail(&call, "a log without its shared words");
  if (call.failed) return NULL;
  for (int n = 0; n < LOG_ARRAYS; n += 1) {
    napi_ref *held = &call.holder->arrays[kind][n];
    if (*held != NULL) napi_delete_reference(env, *held);
    *held = NULL;
    napi_create_reference(env, call.arguments[n + 1], 1, held);
  }
  call.holder->fanout->logs[kind] = log;
  return NULL;
}

/* add(profile: 0 GCM | 1 CM, key: Uint8Array(16), salt: Uint8Array(12 | 14), authKey: Uint8Array(20 | 0)) -> slot */
static napi_value add(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  srtp_profile profile = (srtp_profile)call_integer(&call, 0, SRTP_GCM, SRTP_CM_SHA1);
  size_t key_bytes = 0, salt_bytes = 0, auth_bytes = 0;
  const uint8_t *key = call_array(&call, 1, napi_uint8_array, &key_bytes);
  const uint8_t *salt = call_array(&call, 2, napi_uint8_array, &salt_bytes);
  const uint8_t *auth_key = call_array(&call, 3, napi_uint8_array, &auth_bytes);
  bool fits = key_bytes == 16 && (profile == SRTP_GCM ? salt_bytes == 12 : salt_bytes == 14 && auth_bytes == 20);
  if (!fits) call_fail(&call, "keys of another size than the profile's");
  if (call.failed) return NULL;
  fanout *fanout = call.holder->fanout;
  uint32_t slot = fanout_add(fanout);
  if (slot != NO_SLOT && srtp_open(&fanout->viewers[slot].srtp, profile, key, salt, auth_key)) return number(env, slot);
  if (slot != NO_SLOT) fanout_remove(fanout, slot);
  napi_throw_error(env, NULL, "no memory for a viewer");
  return NULL;
}

/* track(slot, kind, ssrc, payloadType, firstSequence, cursor) */
static napi_value start_track(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  track_kind kind = call_kind(&call, 1);
  uint32_t ssrc = (uint32_t)call_integer(&call, 2, 0, UINT32_MAX);
  uint8_t payload_type = (uint8_t)call_integer(&call, 3, 0, 127);
  uint64_t first_sequence = (uint64_t)call_integer(&call, 4, 0, max_packet);
  uint64_t cursor = (uint64_t)call_integer(&call, 5, 0, max_packet);
  viewer *viewer = call.failed ? NULL : fanout_viewer(call.holder->fanout, slot);
  if (viewer != NULL) track_start(&viewer->tracks[kind], ssrc, payload_type, first_sequence, cursor);
  return NULL;
}

/* rtx(slot, kind, ssrc, payloadType, firstSequence) */
static napi_value start_rtx(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  track_kind kind = call_kind(&call, 1);
  uint32_t ssrc = (uint32_t)call_integer(&call, 2, 0, UINT32_MAX);
  uint8_t payload_type = (uint8_t)call_integer(&call, 3, 0, 127);
  uint64_t first_sequence = (uint64_t)call_integer(&call, 4, 0, max_packet);
  track *track = call.failed ? NULL : fanout_track(call.holder->fanout, slot, kind);
  if (track != NULL) {
    track->rtx = (rtx_stream){.is_taken = true, .payload_type = payload_type, .ssrc = ssrc, .next = first_sequence};
  }
  return NULL;
}

/* route(slot, fd, address: Uint8Array(4 | 16), port) */
static napi_value set_route(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  int fd = (int)call_integer(&call, 1, 0, INT32_MAX);
  size_t bytes = 0;
  const uint8_t *address = call_array(&call, 2, napi_uint8_array, &bytes);
  uint16_t port = (uint16_t)call_integer(&call, 3, 1, UINT16_MAX);
  if (!call.failed && bytes != 4 && bytes != 16) call_fail(&call, "an address of another size than 4 or 16 bytes");
  viewer *viewer = call.failed ? NULL : fanout_viewer(call.holder->fanout, slot);
  if (viewer != NULL) route_set(&viewer->route, fd, address, bytes, port);
  return NULL;
}

static napi_value remove_viewer(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  if (!call.failed) fanout_remove(call.holder->fanout, slot);
  return NULL;
}

/* cursor(slot, kind) -> packet number, or -1 */
static napi_value cursor(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  track_kind kind = call_kind(&call, 1);
  if (call.failed) return NULL;
  const track *track = fanout_track(call.holder->fanout, slot, kind);
  return number(env, track == NULL ? -1 : (double)track->cursor);
}

static napi_value seek(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  track_kind kind = call_kind(&call, 1);
  uint64_t packet = (uint64_t)call_integer(&call, 2, 0, max_packet);
  track *track = call.failed ? NULL : fanout_track(call.holder->fanout, slot, kind);
  if (track != NULL) track_seek(track, packet);
  return NULL;
}

/* hold(slot, kind, held: 0 | 1) */
static napi_value hold(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  track_kind kind = call_kind(&call, 1);
  bool is_held = call_integer(&call, 2, 0, 1) == 1;
  track *track = call.failed ? NULL : fanout_track(call.holder->fanout, slot, kind);
  if (track != NULL) track->is_held = is_held;
  return NULL;
}

static void set_window(call *call, track_kind kind, int at) {
  uint64_t first = (uint64_t)call_integer(call, at, 0, max_packet);
  uint64_t end = (uint64_t)call_integer(call, at + 1, (int64_t)first, max_packet);
  if (call->failed) return;
  packet_log *log = &call->holder->fanout->logs[kind];
  if (end - first > log->capacity) call_fail(call, "a log holds more packets than its arrays");
  log->first = first;
  log->end = end;
}

/* serve(kind, first, end, slot, budgetUs, blocked: Uint32Array) -> next slot, or -1; blocked[0] says how many follow */
static napi_value serve(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  track_kind kind = call_kind(&call, 0);
  set_window(&call, kind, 1);
  uint32_t slot = call_slot(&call, 3);
  uint64_t budget_ns = (uint64_t)call_integer(&call, 4, 0, 1000000000) * 1000;
  size_t room = 0;
  uint32_t *slots = call_array(&call, 5, napi_uint32_array, &room);
  if (!call.failed && room == 0) call_fail(&call, "no room for the blocked viewers");
  if (call.failed) return NULL;
  blocked_list blocked = {.slots = slots + 1, .count = 0, .room = room - 1};
  uint32_t next = fanout_serve(call.holder->fanout, kind, slot, budget_ns, &blocked);
  slots[0] = (uint32_t)blocked.count;
  return number(env, next == NO_SLOT ? -1 : (double)next);
}

/* serveOne(kind, first, end, slot, maxPackets) -> false when a datagram was not taken */
static napi_value serve_one(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  track_kind kind = call_kind(&call, 0);
  set_window(&call, kind, 1);
  uint32_t slot = call_slot(&call, 3);
  uint64_t max_packets = (uint64_t)call_integer(&call, 4, 0, max_packet);
  if (call.failed) return NULL;
  return truth(env, fanout_serve_one(call.holder->fanout, kind, slot, max_packets));
}

/* resend(kind, first, end, slot, sequences: Uint16Array) -> how many went out */
static napi_value resend(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  track_kind kind = call_kind(&call, 0);
  set_window(&call, kind, 1);
  uint32_t slot = call_slot(&call, 3);
  size_t count = 0;
  const uint16_t *sequences = call_array(&call, 4, napi_uint16_array, &count);
  if (call.failed) return NULL;
  return number(env, fanout_resend(call.holder->fanout, kind, slot, sequences, count));
}

/* counts(slot, kind, out: Float64Array(4)): packets, octets, resent, next number of the RTX stream */
static napi_value counts(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  uint32_t slot = call_slot(&call, 0);
  track_kind kind = call_kind(&call, 1);
  size_t room = 0;
  double *out = call_array(&call, 2, napi_float64_array, &room);
  if (!call.failed && room < 4) call_fail(&call, "no room for the counts");
  if (call.failed) return NULL;
  const track *track = fanout_track(call.holder->fanout, slot, kind);
  out[0] = track == NULL ? 0 : (double)track->counts.packets;
  out[1] = track == NULL ? 0 : (double)track->counts.octets;
  out[2] = track == NULL ? 0 : (double)track->counts.resent;
  out[3] = track == NULL ? 0 : (double)track->rtx.next;
  return NULL;
}

/* totals(out: Float64Array(6)): system calls, datagrams, blocked, too long, dropped, fallen back */
static napi_value totals(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  size_t room = 0;
  double *out = call_array(&call, 0, napi_float64_array, &room);
  if (!call.failed && room < 6) call_fail(&call, "no room for the totals");
  if (call.failed) return NULL;
  const batch_counts *of = &call.holder->fanout->batch.counts;
  const uint64_t values[] = {of->system_calls, of->datagrams, of->blocked, of->too_long, of->dropped, of->fell_back};
  for (int n = 0; n < 6; n += 1) out[n] = (double)values[n];
  return NULL;
}

/* findSocket(address: Uint8Array(4 | 16), port) -> descriptor of our own, or -1 */
static napi_value find_socket(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  size_t bytes = 0;
  const uint8_t *address = call_array(&call, 0, napi_uint8_array, &bytes);
  uint16_t port = (uint16_t)call_integer(&call, 1, 1, UINT16_MAX);
  if (call.failed) return NULL;
  return number(env, route_find_socket(&call.holder->sockets, address, bytes, port));
}

/* closeSocket(fd): one that findSocket gave */
static napi_value close_socket(napi_env env, napi_callback_info info) {
  call call = call_begin(env, info);
  int fd = (int)call_integer(&call, 0, 3, INT32_MAX);
  if (!call.failed) route_close_socket(&call.holder->sockets, fd);
  return NULL;
}

#define METHOD(name, function) {name, NULL, function, NULL, NULL, NULL, napi_default_method, NULL}

NAPI_MODULE_INIT() {
  const napi_property_descriptor methods[] = {
      METHOD("attach", attach),       METHOD("add", add),       METHOD("track", start_track),
      METHOD("rtx", start_rtx),       METHOD("route", set_route),     METHOD("remove", remove_viewer), METHOD("cursor", cursor),
      METHOD("seek", seek),           METHOD("hold", hold),     METHOD("serve", serve),
      METHOD("serveOne", serve_one),  METHOD("resend", resend), METHOD("counts", counts),
      METHOD("totals", totals),       METHOD("findSocket", find_socket), METHOD("closeSocket", close_socket),
      METHOD("transport", start_transport), METHOD("sent", told_transport),
  };
  napi_value type = NULL;
  napi_define_class(env, "NativeFanout", NAPI_AUTO_LENGTH, construct, NULL, sizeof methods / sizeof methods[0], methods,
                    &type);
  napi_set_named_property(env, exports, "NativeFanout", type);
  return exports;
}
