/*
 * The receiver as a JavaScript class (Node-API 8). Everything that comes in is checked here, once. While a socket is open, the
 * object is held, and the end of its thread waits until the sockets are closed.
 */
#define _GNU_SOURCE /* For uv.h. */
#include "binding-receiver.h"

#include <stdlib.h>
#include <string.h>

#include "binding-peers.h"

static const char *const on_datagram = "onDatagram";
static const char *const on_rtcp = "onRtcp";
static const char *const on_connection = "onConnection";

static void let_go(sluice_receiver_object_t *object) {
  sluice_receiver_destroy(object->receiver);
  free(object);
}

static void release(napi_env env, void *data, void *hint) {
  (void)hint;
  sluice_receiver_object_t *object = data;
  napi_delete_reference(env, object->self);
  object->is_collected = true;
  if (object->receiver->opened == 0) let_go(object);
}

/* What is thrown is the thread's uncaught exception, as from a listener of Node's own sockets. */
static void tell(sluice_receiver_object_t *object, const char *name, size_t count, const napi_value *arguments) {
  napi_value self = NULL, listener = NULL, result = NULL, thrown = NULL;
  napi_env env = object->env;
  if (napi_get_reference_value(env, object->self, &self) != napi_ok || self == NULL) return;
  if (napi_get_named_property(env, self, name, &listener) != napi_ok) return;
  if (napi_make_callback(env, NULL, self, listener, count, arguments, &result) != napi_pending_exception) return;
  if (napi_get_and_clear_last_exception(env, &thrown) == napi_ok) napi_fatal_exception(env, thrown);
}

static void tell_datagram(void *context, uint32_t socket, const uint8_t *datagram, size_t size,
                          const sluice_address_t *from) {
  sluice_receiver_object_t *object = context;
  napi_handle_scope scope = NULL;
  napi_value arguments[4];
  char address[INET6_ADDRSTRLEN + 1 + UV_IF_NAMESIZE] = "";
  bool is_v6 = from->any.sa_family == AF_INET6;
  if (is_v6) uv_ip6_name(&from->v6, address, sizeof address);
  else uv_ip4_name(&from->v4, address, sizeof address);
  size_t length = strlen(address), room = sizeof address - length - 1;
  if (is_v6 && IN6_IS_ADDR_LINKLOCAL(&from->v6.sin6_addr)) {
    address[length] = '%';
    if (uv_if_indextoiid(from->v6.sin6_scope_id, address + length + 1, &room) != 0) address[length] = '\0';
  }
  if (napi_open_handle_scope(object->env, &scope) != napi_ok) return;
  if (napi_create_uint32(object->env, socket, &arguments[0]) == napi_ok &&
      napi_create_buffer_copy(object->env, size, datagram, NULL, &arguments[1]) == napi_ok &&
      napi_create_string_latin1(object->env, address, NAPI_AUTO_LENGTH, &arguments[2]) == napi_ok &&
      napi_create_uint32(object->env, ntohs(is_v6 ? from->v6.sin6_port : from->v4.sin_port), &arguments[3]) ==
          napi_ok) {
    tell(object, on_datagram, 4, arguments);
  }
  napi_close_handle_scope(object->env, scope);
}

static void tell_rtcp(void *context, uint32_t aim, const uint8_t *packet, size_t size) {
  sluice_receiver_object_t *object = context;
  napi_handle_scope scope = NULL;
  napi_value arguments[2];
  if (napi_open_handle_scope(object->env, &scope) != napi_ok) return;
  if (napi_create_uint32(object->env, aim, &arguments[0]) == napi_ok &&
      napi_create_buffer_copy(object->env, size, packet, NULL, &arguments[1]) == napi_ok) {
    tell(object, on_rtcp, 2, arguments);
  }
  napi_close_handle_scope(object->env, scope);
}

static void tell_connection(void *context, uint32_t socket, int descriptor) {
  sluice_receiver_object_t *object = context;
  napi_handle_scope scope = NULL;
  napi_value arguments[2];
  if (napi_open_handle_scope(object->env, &scope) != napi_ok) return;
  if (napi_create_uint32(object->env, socket, &arguments[0]) == napi_ok &&
      napi_create_int32(object->env, descriptor, &arguments[1]) == napi_ok) {
    tell(object, on_connection, 2, arguments);
  }
  napi_close_handle_scope(object->env, scope);
}

static void all_closed(void *context) {
  sluice_receiver_object_t *object = context;
  if (object->hook != NULL) napi_remove_async_cleanup_hook(object->hook);
  object->hook = NULL;
  if (object->is_collected) let_go(object);
  else napi_reference_unref(object->env, object->self, NULL);
}

static void close_all(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  sluice_receiver_object_t *object = data;
  for (uint32_t socket = 0; socket < SLUICE_RECEIVER_SOCKETS; socket += 1) {
    sluice_receiver_close(object->receiver, socket);
  }
}

static bool is_function(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_function;
}

static sluice_receiver_object_t *make(napi_env env, napi_value self, uint8_t *waiting, size_t room) {
  static const sluice_receiver_events_t events = {
      .datagram = tell_datagram, .connection = tell_connection, .rtcp = tell_rtcp, .closed = all_closed};
  uv_loop_t *loop = NULL;
  sluice_receiver_object_t *made = calloc(1, sizeof *made);
  if (made == NULL) return NULL;
  made->is = SLUICE_IS_RECEIVER;
  made->env = env;
  if (napi_get_uv_event_loop(env, &loop) == napi_ok) made->receiver = sluice_receiver_create(loop, &events, made);
  if (made->receiver != NULL && napi_create_reference(env, self, 0, &made->self) == napi_ok) {
    made->receiver->waiting = waiting;
    made->receiver->waiting_room = room;
    if (napi_wrap(env, self, made, release, NULL, NULL) == napi_ok) return made;
    napi_delete_reference(env, made->self);
  }
  if (made->receiver != NULL) sluice_receiver_destroy(made->receiver);
  free(made);
  return NULL;
}

/* new NativeReceiver(waiting: Uint8Array, onDatagram, onRtcp, onConnection): the object holds all of them */
static napi_value construct(napi_env env, napi_callback_info info) {
  napi_value self = NULL, constructed = NULL;
  sluice_call_t call = {.env = env};
  size_t count = SLUICE_MAX_ARGUMENTS, room = 0;
  napi_get_cb_info(env, info, &count, call.arguments, &self, NULL);
  if (napi_get_new_target(env, info, &constructed) != napi_ok || constructed == NULL) {
    napi_throw_type_error(env, "ERR_CONSTRUCT_CALL_REQUIRED", "a receiver is made by new");
    return NULL;
  }
  uint8_t *waiting = sluice_call_shared_array(&call, 0, napi_uint8_array, &room);
  if (!call.failed && !(is_function(env, call.arguments[1]) && is_function(env, call.arguments[2]) &&
                       is_function(env, call.arguments[3])))
    sluice_call_fail(&call, "a listener is missing");
  if (call.failed) return NULL;
  if (napi_set_named_property(env, self, "waiting", call.arguments[0]) != napi_ok ||
      napi_set_named_property(env, self, on_datagram, call.arguments[1]) != napi_ok ||
      napi_set_named_property(env, self, on_rtcp, call.arguments[2]) != napi_ok ||
      napi_set_named_property(env, self, on_connection, call.arguments[3]) != napi_ok ||
      make(env, self, waiting, room) == NULL) {
    napi_throw_error(env, NULL, "no memory for a receiver");
  }
  return self;
}

/* What one more socket is opened by. */
typedef struct {
  sluice_address_t address;
  int descriptor;
  int buffer_bytes;
} opening_t;

static napi_value open_by(sluice_call_t *call, int (*open)(sluice_receiver_t *of, const opening_t *opening),
                          const opening_t *opening) {
  napi_env env = call->env;
  sluice_receiver_object_t *object = sluice_receiver_object_of(call);
  bool is_first = object->receiver->opened == 0;
  if (is_first && napi_add_async_cleanup_hook(env, close_all, object, &object->hook) != napi_ok) return NULL;
  int opened = open(object->receiver, opening);
  /* Also where it failed behind its start: the handle is closed a moment later. */
  if (is_first && object->receiver->opened > 0) napi_reference_ref(env, object->self, NULL);
  if (is_first && object->receiver->opened == 0) {
    napi_remove_async_cleanup_hook(object->hook);
    object->hook = NULL;
  }
  if (opened >= 0) return sluice_call_number(env, opened);
  napi_throw_error(env, uv_err_name(opened), uv_strerror(opened));
  return NULL;
}

static int open_own(sluice_receiver_t *of, const opening_t *opening) {
  return sluice_receiver_open(of, &opening->address, opening->descriptor, opening->buffer_bytes);
}
static int open_shared(sluice_receiver_t *of, const opening_t *opening) {
  return sluice_receiver_open_shared(of, &opening->address, opening->buffer_bytes);
}
static int open_inbox(sluice_receiver_t *of, const opening_t *opening) {
  return sluice_receiver_open_inbox(of, opening->descriptor);
}

/* open(address: string, port, descriptor, bufferBytes) -> number of the socket; throws an Error with a code of errno(3) */
static napi_value open_socket(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  opening_t opening = {.address = sluice_receiver_address(&call, 0)};
  opening.descriptor = (int)sluice_call_integer(&call, 2, -1, INT32_MAX);
  opening.buffer_bytes = (int)sluice_call_integer(&call, 3, 1, INT32_MAX);
  return call.failed ? NULL : open_by(&call, open_own, &opening);
}

/* openShared(address: string, port, bufferBytes) -> the same */
static napi_value open_shared_socket(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  opening_t opening = {.address = sluice_receiver_address(&call, 0)};
  opening.buffer_bytes = (int)sluice_call_integer(&call, 2, 1, INT32_MAX);
  return call.failed ? NULL : open_by(&call, open_shared, &opening);
}

/* openInbox(descriptor) -> the same */
static napi_value open_inbox_socket(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  opening_t opening = {.descriptor = (int)sluice_call_integer(&call, 0, 0, INT32_MAX)};
  return call.failed ? NULL : open_by(&call, open_inbox, &opening);
}

/* descriptorOf(socket) -> its descriptor, which stays the receiver's; -1: it is closed */
static napi_value descriptor_of(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  uint32_t socket = sluice_receiver_number(&call, 0);
  if (call.failed) return NULL;
  return sluice_call_number(env, sluice_receiver_descriptor(sluice_receiver_object_of(&call)->receiver, socket));
}

/* portOf(socket) -> what it is bound to; 0: it is closed */
static napi_value port_of(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  uint32_t socket = sluice_receiver_number(&call, 0);
  return call.failed ? NULL : sluice_call_number(env, sluice_receiver_port(sluice_receiver_object_of(&call)->receiver, socket));
}

/* send(socket, datagram: Uint8Array, address: string, port) -> 0, or an error of errno(3) */
static napi_value send_datagram(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  uint32_t socket = sluice_receiver_number(&call, 0);
  size_t size = 0;
  const uint8_t *datagram = sluice_call_array(&call, 1, napi_uint8_array, &size);
  sluice_address_t to = sluice_receiver_address(&call, 2);
  if (call.failed) return NULL;
  return sluice_call_number(env, sluice_receiver_send(sluice_receiver_object_of(&call)->receiver, socket, datagram, size, &to));
}

/* close(socket) */
static napi_value close_socket(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  uint32_t socket = sluice_receiver_number(&call, 0);
  if (!call.failed) sluice_receiver_close(sluice_receiver_object_of(&call)->receiver, socket);
  return NULL;
}

/* take() -> bytes of `waiting` that are to be read before the next turn of the loop */
static napi_value take(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  return call.failed ? NULL : sluice_call_number(env, (double)sluice_receiver_take(sluice_receiver_object_of(&call)->receiver));
}

/* heldBytes() -> its own memory, and what it has allocated */
static napi_value held_bytes(napi_env env, napi_callback_info info) {
  sluice_call_t call = sluice_receiver_begin(env, info);
  if (call.failed) return NULL;
  return sluice_call_number(env, (double)sluice_receiver_held_bytes(sluice_receiver_object_of(&call)->receiver));
}

#define METHOD(name, function)                                                                                         \
  { name, NULL, function, NULL, NULL, NULL, napi_default_method, NULL }

void sluice_binding_define_receiver(napi_env env, napi_value exports) {
  const napi_property_descriptor methods[] = {
      METHOD("open", open_socket),
      METHOD("openShared", open_shared_socket),
      METHOD("openInbox", open_inbox_socket),
      METHOD("descriptorOf", descriptor_of),
      METHOD("portOf", port_of),
      METHOD("send", send_datagram),
      METHOD("close", close_socket),
      METHOD("addPeer", sluice_binding_add_peer),
      METHOD("aim", sluice_binding_aim_peer),
      METHOD("rest", sluice_binding_rest_peer),
      METHOD("removePeer", sluice_binding_remove_peer),
      METHOD("openRtcp", sluice_binding_open_rtcp),
      METHOD("take", take),
      METHOD("heldBytes", held_bytes),
  };
  napi_value type = NULL;
  napi_define_class(env, "NativeReceiver", NAPI_AUTO_LENGTH, construct, NULL, sizeof methods / sizeof methods[0], methods,
                    &type);
  napi_set_named_property(env, exports, "NativeReceiver", type);
}
