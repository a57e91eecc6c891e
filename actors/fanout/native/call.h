/*
 * What the methods of the binding have in common: the object behind `this`, and arguments that are checked once.
 *
 * Threads: JavaScript's thread of the environment alone. Ownership: the wrapped object belongs to V8, which frees it by
 * the finaliser (binding.c); pointers into typed arrays are valid during the call, those into shared memory as long as
 * `arrays` hold them. Errors: the first wrong argument throws a TypeError and sets `failed`; the later checks then do
 * nothing.
 */
#ifndef SLUICE_CALL_H
#define SLUICE_CALL_H

#define NAPI_VERSION 8
#include <node_api.h>

#include "fanout.h"
#include "route.h"

enum { SLUICE_MAX_ARGUMENTS = 7, SLUICE_HISTORY_ARRAYS = 6 };

/* What is behind an object, as its first word says: a method of one class may be called on an object of the other. */
typedef enum { SLUICE_IS_FANOUT = 0x534c4641, SLUICE_IS_RECEIVER = 0x534c5243 } sluice_object_kind_t;

typedef struct {
  sluice_object_kind_t is;
  sluice_fanout_t *fanout;
  sluice_sockets_t sockets;
  /* The typed arrays of the histories, referenced so that their memory stays. */
  napi_ref arrays[SLUICE_TRACK_KINDS][SLUICE_HISTORY_ARRAYS];
} sluice_object_t;

typedef struct {
  napi_env env;
  sluice_object_t *object; /* Of a fan-out; another class has its own behind it. */
  napi_value arguments[SLUICE_MAX_ARGUMENTS];
  bool failed; /* A TypeError is pending: the method must return. */
} sluice_call_t;

sluice_call_t sluice_call_begin(napi_env env, napi_callback_info info);
sluice_call_t sluice_call_begin_on(napi_env env, napi_callback_info info, sluice_object_kind_t kind);
void sluice_call_fail(sluice_call_t *call, const char *message);
int64_t sluice_call_integer(sluice_call_t *call, int at, int64_t min, int64_t max);
sluice_track_kind_t sluice_call_kind(sluice_call_t *call, int at);
uint32_t sluice_call_slot(sluice_call_t *call, int at);
/* NULL and length 0 when the argument is no such array. Valid during the call. */
void *sluice_call_array(sluice_call_t *call, int at, napi_typedarray_type type, size_t *length);
/* The same in a SharedArrayBuffer, whose memory cannot be detached: valid for as long as the array is referenced. */
void *sluice_call_shared_array(sluice_call_t *call, int at, napi_typedarray_type type, size_t *length);

/* Values for JavaScript. */
napi_value sluice_call_number(napi_env env, double value);
napi_value sluice_call_boolean(napi_env env, bool value);

#endif
