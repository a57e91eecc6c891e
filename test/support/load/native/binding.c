/* The load client for Node: test/support/load/native-load.ts says what each function takes and gives. */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"

enum { ARGUMENTS = 9, PEM_BYTES = 8192 };

typedef struct {
  napi_env env;
  napi_value values[ARGUMENTS];
} call;

static call read_call(napi_env env, napi_callback_info info) {
  call made = {.env = env};
  size_t count = ARGUMENTS;
  napi_get_cb_info(env, info, &count, made.values, NULL, NULL);
  return made;
}

static int32_t integer(const call *of, int at) {
  int32_t value = 0;
  napi_get_value_int32(of->env, of->values[at], &value);
  return value;
}

static bool boolean(const call *of, int at) {
  bool value = false;
  napi_get_value_bool(of->env, of->values[at], &value);
  return value;
}

static void text(const call *of, int at, char *out, size_t size) {
  size_t written = 0;
  napi_get_value_string_utf8(of->env, of->values[at], out, size, &written);
  out[written < size ? written : size - 1] = 0;
}

static void set(napi_env env, napi_value object, const char *name, double value) {
  napi_value number;
  napi_create_double(env, value, &number);
  napi_set_named_property(env, object, name, number);
}

static napi_value throw(napi_env env, const char *why) {
  napi_throw_error(env, NULL, why);
  return NULL;
}

static napi_value start(napi_env env, napi_callback_info info) {
  const call of = read_call(env, info);
  char *certificate = malloc(PEM_BYTES), *key = malloc(PEM_BYTES);
  text(&of, 0, certificate, PEM_BYTES);
  text(&of, 1, key, PEM_BYTES);
  const char *why_not = dtls_use_certificate(certificate, key);
  free(certificate);
  free(key);
  if (why_not == NULL) why_not = loop_start();
  return why_not == NULL ? NULL : throw(env, why_not);
}

static bool read_fingerprint(const char *hex, uint8_t out[DTLS_FINGERPRINT_BYTES]) {
  for (int n = 0; n < DTLS_FINGERPRINT_BYTES; n += 1) {
    char *end, pair[3] = {hex[3 * n], hex[3 * n + 1], 0};
    out[n] = (uint8_t)strtoul(pair, &end, 16);
    if (end != pair + 2 || hex[3 * n + 2] != (n + 1 == DTLS_FINGERPRINT_BYTES ? 0 : ':')) return false;
  }
  return true;
}

static napi_value add(napi_env env, napi_callback_info info) {
  const call of = read_call(env, info);
  char fingerprint[3 * DTLS_FINGERPRINT_BYTES + 1];
  viewer_options options = {.port = (uint16_t)integer(&of, 0), .uses_gro = boolean(&of, 7)};
  text(&of, 1, options.ice.ufrag, STUN_NAME_BYTES);
  text(&of, 2, options.ice.pwd, STUN_NAME_BYTES);
  text(&of, 3, options.ice.own_ufrag, STUN_NAME_BYTES);
  text(&of, 4, fingerprint, sizeof fingerprint);
  options.payload_types[VIDEO] = integer(&of, 5);
  options.payload_types[AUDIO] = integer(&of, 6);
  options.open_every = (uint32_t)integer(&of, 8);
  if (options.open_every == 0 || !read_fingerprint(fingerprint, options.fingerprint))
    return throw(env, "a fingerprint of SHA-256, and one packet in at least 1");
  int number = loop_add(&options);
  if (number < 0) return throw(env, "no socket");
  napi_value result;
  napi_create_int32(env, number, &result);
  return result;
}

static napi_value news(napi_env env, napi_callback_info info) {
  const call of = read_call(env, info);
  viewer_news told;
  if (!loop_news(integer(&of, 0), &told)) return throw(env, "no such viewer");
  napi_value object, error;
  napi_create_object(env, &object);
  napi_create_string_utf8(env, told.error == NULL ? "" : told.error, NAPI_AUTO_LENGTH, &error);
  napi_set_named_property(env, object, "error", error);
  set(env, object, "checkedMs", (double)told.checked_ns / 1e6);
  set(env, object, "connectedMs", (double)told.connected_ns / 1e6);
  set(env, object, "keyframeMs", (double)told.keyframe_ns / 1e6);
  return object;
}

static napi_value leave(napi_env env, napi_callback_info info) {
  const call of = read_call(env, info);
  loop_remove(integer(&of, 0), boolean(&of, 1));
  return NULL;
}

static napi_value measure(napi_env env, napi_callback_info info) {
  (void)env, (void)info;
  loop_measure();
  return NULL;
}

static void set_histogram(napi_env env, napi_value object, const char *name, const histogram *from) {
  void *to;
  napi_value buffer, array;
  napi_create_arraybuffer(env, sizeof from->counts, &to, &buffer);
  memcpy(to, from->counts, sizeof from->counts);
  napi_create_typedarray(env, napi_uint32_array, HISTOGRAM_BUCKETS, buffer, 0, &array);
  napi_set_named_property(env, object, name, array);
}

static napi_value result_of(napi_env env, napi_callback_info info) {
  const call of = read_call(env, info);
  static loop_result result;
  loop_result_of(&result, (uint64_t)integer(&of, 0) * 1000000u);
  const tally *seen = &result.seen;
  const struct {
    const char *name;
    uint64_t value;
  } counts[] = {
      {"viewers", result.viewers},
      {"playing", result.playing},
      {"ended", result.ended},
      {"silent", result.silent},
      {"dropped", result.drops},
      {"packets", seen->packets},
      {"bytes", seen->bytes},
      {"lost", seen->lost},
      {"repeated", seen->repeated},
      {"opened", seen->opened},
      {"unauthentic", seen->unauthentic},
      {"others", seen->others},
      {"frames", seen->frames},
      {"framesMissed", seen->frames_missed},
      {"reportsSent", seen->reports_sent},
      {"checksSent", seen->checks_sent},
      {"senderReports", seen->sender_reports},
  };
  napi_value object;
  napi_create_object(env, &object);
  for (size_t n = 0; n < sizeof counts / sizeof *counts; n += 1) {
    set(env, object, counts[n].name, (double)counts[n].value);
  }
  set_histogram(env, object, "delay", &seen->delay);
  set_histogram(env, object, "delayBetweenKeys", &seen->delay_between);
  set_histogram(env, object, "lag", &seen->lag);
  return object;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"start", NULL, start, NULL, NULL, NULL, napi_default, NULL},
      {"add", NULL, add, NULL, NULL, NULL, napi_default, NULL},
      {"news", NULL, news, NULL, NULL, NULL, napi_default, NULL},
      {"remove", NULL, leave, NULL, NULL, NULL, napi_default, NULL},
      {"measure", NULL, measure, NULL, NULL, NULL, napi_default, NULL},
      {"result", NULL, result_of, NULL, NULL, NULL, napi_default, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
