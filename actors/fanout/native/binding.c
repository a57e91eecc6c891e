/*
 * The fan-out as a JavaScript class (Node-API 8). Everything that comes in is checked here, once: kinds, slots, sizes.
 * The object owns the C side; its finaliser runs when it is collected and when its thread ends in whatever way.
 */
#include <stdlib.h>

#include "binding-route.h"
#include "binding-rtcp.h"
#include "binding-twcc.h"
#include "../../transport/native/binding-receiver.h"

static const int64_t max_packet = (int64_t)1 << 48;

static void release(napi_env env, void *data, void *hint) {
  (void)hint;
  sluice_object_t *object = data;
  for (int kind = 0; kind < SLUICE_TRACK_KINDS; kind += 1) {
    for (int n = 0; n < SLUICE_HISTORY_ARRAYS; n += 1) {
      if (object->arrays[kind][n] != NULL) napi_delete_reference(env, object->arrays[kind][n]);
    }
  }
  sluice_sockets_close_all(&object->sockets);
  sluice_fanout_destroy(object->fanout);
  free(object);
}

static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value self = NULL, constructed = NULL;
  napi_get_cb_info(env, info, NULL, NULL, &self, NULL);
  if (napi_get_new_target(env, info, &constructed) != napi_ok || constructed == NULL) {
    napi_throw_type_error(env, "ERR_CONSTRUCT_CALL_REQUIRED", "a fan-out is made by new");
    return NULL;
  }
  sluice_object_t *made = calloc(1, sizeof *made);
  if (made != NULL) made->is = SLUICE_IS_FANOUT;
  if (made != NULL) made->fanout = sluice_fanout_create();
  if (made == NULL || made->fanout == NULL || napi_wrap(env, self, made, release, NULL, NULL) != napi_ok) {
    if (made != NULL && made->fanout != NULL) sluice_fanout_destroy(made->fanout);
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
  sluice_call_t call = sluice_call_begin(env, info);
  sluice_track_kind_t kind = sluice_call_kind(&call, 0);
  sluice_history_t history = {0};
  size_t sizes = 0, stamps = 0, flags = 0, words = 0;
  history.arena = sluice_call_shared_array(&call, 1, napi_uint8_array, &history.arena_bytes);
  history.offsets = sluice_call_shared_array(&call, 2, napi_uint32_array, &history.capacity);
  history.sizes = sluice_call_shared_array(&call, 3, napi_uint16_array, &sizes);
  history.rtp_ts = sluice_call_shared_array(&call, 4, napi_uint32_array, &stamps);
  history.flags = sluice_call_shared_array(&call, 5, napi_uint8_array, &flags);
  history.shared = sluice_call_shared_array(&call, 6, napi_int32_array, &words);
  if (!call.failed && (sizes != history.capacity || stamps != history.capacity || flags != history.capacity)) {
    sluice_call_fail(&call, "the arrays of a history are not of one length");
  }
  if (!call.failed && words == 0) sluice_call_fail(&call, "a history without its shared words");
  napi_ref made[SLUICE_HISTORY_ARRAYS] = {NULL};
  for (int n = 0; !call.failed && n < SLUICE_HISTORY_ARRAYS; n += 1) {
    if (napi_create_reference(env, call.arguments[n + 1], 1, &made[n]) != napi_ok) {
      sluice_call_fail(&call, "an array cannot be held");
    }
  }
  /* Failed: what is attached stays so. */
  napi_ref *held = call.failed ? NULL : call.object->arrays[kind];
  for (int n = 0; n < SLUICE_HISTORY_ARRAYS; n += 1) {
    napi_ref gone = held == NULL ? made[n] : held[n];
    if (gone != NULL) napi_delete_reference(env, gone);
    if (held != NULL) held[n] = made[n];
  }
  if (call.failed) return NULL;
  call.object->fanout->histories[kind] = history;
  return NULL;
}

/*
 * addSubscriber(profile: 0 GCM | 1 CM, key: Uint8Array(16), salt: Uint8Array(12 | 14), authKey: Uint8Array(20 | 0),
 *               numbers: Float64Array) -> slot
 */
static napi_value add_subscriber(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  sluice_srtp_profile_t profile =
      (sluice_srtp_profile_t)sluice_call_integer(&call, 0, SLUICE_SRTP_GCM, SLUICE_SRTP_CM_SHA1);
  size_t key_bytes = 0, salt_bytes = 0, auth_bytes = 0;
  const uint8_t *key = sluice_call_array(&call, 1, napi_uint8_array, &key_bytes);
  const uint8_t *salt = sluice_call_array(&call, 2, napi_uint8_array, &salt_bytes);
  const uint8_t *auth_key = sluice_call_array(&call, 3, napi_uint8_array, &auth_bytes);
  bool fits = key_bytes == 16 && (profile == SLUICE_SRTP_GCM ? salt_bytes == 12 : salt_bytes == 14 && auth_bytes == 20);
  size_t words = 0;
  double *numbers = sluice_call_shared_array(&call, 4, napi_float64_array, &words);
  if (!fits) sluice_call_fail(&call, "keys of another size than the profile's");
  if (words < SLUICE_NUMBERS) sluice_call_fail(&call, "no room for the numbers of a session");
  if (call.failed) return NULL;
  sluice_fanout_t *fanout = call.object->fanout;
  uint32_t slot = sluice_fanout_add(fanout);
  if (slot != SLUICE_NO_SLOT && sluice_srtp_open(&fanout->subscribers[slot].srtp, profile, key, salt, auth_key)) {
    fanout->subscribers[slot].numbers = numbers;
    return sluice_call_number(env, slot);
  }
  if (slot != SLUICE_NO_SLOT) sluice_fanout_remove(fanout, slot);
  napi_throw_error(env, NULL, "no memory for a subscriber");
  return NULL;
}

/* setTrack(slot, kind, ssrc, payloadType, firstSequence, cursor, since) */
static napi_value set_track(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  sluice_track_kind_t kind = sluice_call_kind(&call, 1);
  uint32_t ssrc = (uint32_t)sluice_call_integer(&call, 2, 0, UINT32_MAX);
  uint8_t payload_type = (uint8_t)sluice_call_integer(&call, 3, 0, 127);
  uint64_t first_sequence = (uint64_t)sluice_call_integer(&call, 4, 0, max_packet);
  uint64_t cursor = (uint64_t)sluice_call_integer(&call, 5, 0, max_packet);
  uint64_t since = (uint64_t)sluice_call_integer(&call, 6, 0, max_packet);
  if (since > first_sequence) sluice_call_fail(&call, "a track goes on behind what it was sent");
  sluice_subscriber_t *subscriber = call.failed ? NULL : sluice_fanout_subscriber(call.object->fanout, slot);
  if (subscriber != NULL) sluice_track_start(subscriber, kind, ssrc, payload_type, first_sequence, cursor, since);
  return NULL;
}

/* setRtx(slot, kind, ssrc, payloadType, firstSequence) */
static napi_value set_rtx(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  sluice_track_kind_t kind = sluice_call_kind(&call, 1);
  uint32_t ssrc = (uint32_t)sluice_call_integer(&call, 2, 0, UINT32_MAX);
  uint8_t payload_type = (uint8_t)sluice_call_integer(&call, 3, 0, 127);
  uint64_t first_sequence = (uint64_t)sluice_call_integer(&call, 4, 0, max_packet);
  sluice_track_t *track = call.failed ? NULL : sluice_fanout_track(call.object->fanout, slot, kind);
  if (track != NULL) {
    track->rtx = (sluice_rtx_t){.is_taken = true, .payload_type = payload_type, .ssrc = ssrc, .next = first_sequence};
  }
  return NULL;
}

static napi_value remove_subscriber(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  if (!call.failed) sluice_fanout_remove(call.object->fanout, slot);
  return NULL;
}

/* cursor(slot, kind) -> packet number, or -1 */
static napi_value cursor(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  sluice_track_kind_t kind = sluice_call_kind(&call, 1);
  if (call.failed) return NULL;
  const sluice_track_t *track = sluice_fanout_track(call.object->fanout, slot, kind);
  return sluice_call_number(env, track == NULL ? -1 : (double)track->cursor);
}

static napi_value seek(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  sluice_track_kind_t kind = sluice_call_kind(&call, 1);
  uint64_t packet = (uint64_t)sluice_call_integer(&call, 2, 0, max_packet);
  sluice_track_t *track = call.failed ? NULL : sluice_fanout_track(call.object->fanout, slot, kind);
  if (track != NULL) sluice_track_seek(track, packet);
  return NULL;
}

/* hold(slot, kind, held: 0 | 1) */
static napi_value hold(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  uint32_t slot = sluice_call_slot(&call, 0);
  sluice_track_kind_t kind = sluice_call_kind(&call, 1);
  bool is_held = sluice_call_integer(&call, 2, 0, 1) == 1;
  sluice_track_t *track = call.failed ? NULL : sluice_fanout_track(call.object->fanout, slot, kind);
  if (track != NULL) track->is_held = is_held;
  return NULL;
}

static void set_window(sluice_call_t *call, sluice_track_kind_t kind, int at) {
  uint64_t first = (uint64_t)sluice_call_integer(call, at, 0, max_packet);
  uint64_t end = (uint64_t)sluice_call_integer(call, at + 1, (int64_t)first, max_packet);
  if (call->failed) return;
  sluice_history_t *history = &call->object->fanout->histories[kind];
  if (end - first > history->capacity) sluice_call_fail(call, "a history holds more packets than its arrays");
  history->first = first;
  history->end = end;
}

/* serve(kind, first, end, slot, budgetUs, blocked: Uint32Array) -> next slot, or -1; blocked[0] says how many follow */
static napi_value serve(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  sluice_track_kind_t kind = sluice_call_kind(&call, 0);
  set_window(&call, kind, 1);
  uint32_t slot = sluice_call_slot(&call, 3);
  uint64_t budget_ns = (uint64_t)sluice_call_integer(&call, 4, 0, 1000000000) * 1000;
  size_t room = 0;
  uint32_t *slots = sluice_call_array(&call, 5, napi_uint32_array, &room);
  if (!call.failed && room == 0) sluice_call_fail(&call, "no room for the blocked subscribers");
  if (call.failed) return NULL;
  sluice_blocked_t blocked = {.slots = slots + 1, .count = 0, .room = room - 1};
  uint32_t next = sluice_fanout_serve(call.object->fanout, kind, slot, budget_ns, &blocked);
  slots[0] = (uint32_t)blocked.count;
  return sluice_call_number(env, next == SLUICE_NO_SLOT ? -1 : (double)next);
}

/* serveOne(kind, first, end, slot, maxPackets) -> false when a datagram was not taken */
static napi_value serve_one(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  sluice_track_kind_t kind = sluice_call_kind(&call, 0);
  set_window(&call, kind, 1);
  uint32_t slot = sluice_call_slot(&call, 3);
  uint64_t max_packets = (uint64_t)sluice_call_integer(&call, 4, 0, max_packet);
  if (call.failed) return NULL;
  return sluice_call_boolean(env, sluice_fanout_serve_one(call.object->fanout, kind, slot, max_packets));
}

/* resend(kind, first, end, slot, sequences: Uint16Array) -> how many went out */
static napi_value resend(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  sluice_track_kind_t kind = sluice_call_kind(&call, 0);
  set_window(&call, kind, 1);
  uint32_t slot = sluice_call_slot(&call, 3);
  size_t count = 0;
  const uint16_t *sequences = sluice_call_array(&call, 4, napi_uint16_array, &count);
  if (call.failed) return NULL;
  return sluice_call_number(env, sluice_fanout_resend(call.object->fanout, kind, slot, sequences, count));
}

/* totals(out: Float64Array(6)): system calls, datagrams, blocked, too long, dropped, fallen back */
static napi_value totals(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  size_t room = 0;
  double *out = sluice_call_array(&call, 0, napi_float64_array, &room);
  if (!call.failed && room < 6) sluice_call_fail(&call, "no room for the totals");
  if (call.failed) return NULL;
  const sluice_batch_counts_t *of = &call.object->fanout->batch.counts;
  const uint64_t values[] = {of->system_calls, of->datagrams, of->blocked, of->too_long, of->dropped, of->fell_back};
  for (int n = 0; n < 6; n += 1) out[n] = (double)values[n];
  return NULL;
}

/* heldBytes() -> what it has allocated for its subscribers */
static napi_value held_bytes(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_call_begin(env, info);
  if (call.failed) return NULL;
  return sluice_call_number(env, (double)sluice_fanout_held_bytes(call.object->fanout));
}

#define METHOD(name, function)                                                                                         \
  { name, NULL, function, NULL, NULL, NULL, napi_default_method, NULL }

NAPI_MODULE_INIT() {
  const napi_property_descriptor methods[] = {
      METHOD("attach", attach),
      METHOD("addSubscriber", add_subscriber),
      METHOD("setTrack", set_track),
      METHOD("setRtx", set_rtx),
      METHOD("setTwcc", sluice_binding_set_twcc),
      METHOD("setRoute", sluice_binding_set_route),
      METHOD("setRtcp", sluice_binding_set_rtcp),
      METHOD("sendRtcp", sluice_binding_send_rtcp),
      METHOD("removeSubscriber", remove_subscriber),
      METHOD("cursor", cursor),
      METHOD("seek", seek),
      METHOD("hold", hold),
      METHOD("serve", serve),
      METHOD("serveOne", serve_one),
      METHOD("resend", resend),
      METHOD("totals", totals),
      METHOD("heldBytes", held_bytes),
      METHOD("lookUpSent", sluice_binding_look_up_sent),
      METHOD("findSocket", sluice_binding_find_socket),
      METHOD("copySocket", sluice_binding_copy_socket),
      METHOD("closeSocket", sluice_binding_close_socket),
  };
  napi_value type = NULL;
  napi_define_class(env, "NativeFanout", NAPI_AUTO_LENGTH, construct, NULL, sizeof methods / sizeof methods[0], methods,
                    &type);
  napi_set_named_property(env, exports, "NativeFanout", type);
  sluice_binding_define_receiver(env, exports);
  return exports;
}
