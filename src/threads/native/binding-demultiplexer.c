/* Everything that comes in is checked here. */
#define _GNU_SOURCE /* For uv.h. */
#include "arguments.h"

#include "binding-demultiplexer.h"
#include "demultiplexer.h"
#include "inbox.h"

/* An address as text, and its port. */
static bool read_address(napi_env env, napi_value text, napi_value number, sluice_address_t *address) {
  char characters[INET6_ADDRSTRLEN + 1 + UV_IF_NAMESIZE];
  size_t length = 0;
  int port = 0;
  if (!sluice_read_integer(env, number, 0, UINT16_MAX, &port)) return false;
  if (napi_get_value_string_latin1(env, text, characters, sizeof characters, &length) == napi_ok &&
      sluice_address_read(address, characters, port))
    return true;
  napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "not an IP address");
  return false;
}

/* startDemultiplexer(addresses: string[], port) -> port; throws an Error with a code of errno(3), and the address */
static napi_value start(napi_env env, napi_callback_info info) {
  size_t count = 2, failed = 0;
  napi_value arguments[2];
  uint32_t length = 0;
  sluice_address_t addresses[SLUICE_DEMULTIPLEXER_ADDRESSES];
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return NULL;
  if (napi_get_array_length(env, arguments[0], &length) != napi_ok || length > SLUICE_DEMULTIPLEXER_ADDRESSES) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "addresses are missing, or too many");
    return NULL;
  }
  for (uint32_t at = 0; at < length; at += 1) {
    napi_value text = NULL;
    if (napi_get_element(env, arguments[0], at, &text) != napi_ok) return NULL;
    if (!read_address(env, text, arguments[1], &addresses[at])) return NULL;
  }
  int port = sluice_demultiplexer_start(addresses, length, &failed);
  if (port >= 0) return sluice_integer(env, port);
  char text[INET6_ADDRSTRLEN + 1 + UV_IF_NAMESIZE] = "";
  if (failed < length && addresses[failed].any.sa_family == AF_INET6)
    uv_ip6_name(&addresses[failed].v6, text, sizeof text);
  else if (failed < length) uv_ip4_name(&addresses[failed].v4, text, sizeof text);
  napi_throw_error(env, uv_err_name(port), text);
  return NULL;
}

/* stopDemultiplexer() */
static napi_value stop(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  sluice_demultiplexer_stop();
  return NULL;
}

/* countDemultiplexed(out: Float64Array(3)): received, unknown, full */
static napi_value count(napi_env env, napi_callback_info info) {
  size_t arguments = 1, length = 0;
  napi_value array;
  napi_typedarray_type type = napi_int8_array;
  void *data = NULL;
  if (napi_get_cb_info(env, info, &arguments, &array, NULL, NULL) != napi_ok) return NULL;
  if (napi_get_typedarray_info(env, array, &type, &length, &data, NULL, NULL) != napi_ok ||
      type != napi_float64_array || length < 3) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "room for three numbers is missing");
    return NULL;
  }
  sluice_demultiplexer_counts_t counts = sluice_demultiplexer_counts();
  double *out = data;
  out[0] = (double)counts.received;
  out[1] = (double)counts.unknown;
  out[2] = (double)counts.full;
  return NULL;
}

/* openInbox() -> the inbox, or -1 */
static napi_value open_inbox(napi_env env, napi_callback_info info) {
  (void)info;
  return sluice_integer(env, sluice_inbox_open());
}

/* copyInbox(inbox) -> a descriptor, or -1 */
static napi_value copy_inbox(napi_env env, napi_callback_info info) {
  int inbox = SLUICE_NO_INBOX;
  return sluice_read_descriptor(env, info, &inbox) ? sluice_integer(env, sluice_inbox_copy(inbox)) : NULL;
}

/* closeInbox(inbox) */
static napi_value close_inbox(napi_env env, napi_callback_info info) {
  int inbox = SLUICE_NO_INBOX;
  if (sluice_read_descriptor(env, info, &inbox)) sluice_inbox_close(inbox);
  return NULL;
}

/* (inbox, reader, localAddress: string, localPort, address: string, port) */
static bool read_path(napi_env env, napi_callback_info info, int *inbox, int *reader, sluice_inbox_head_t *path) {
  size_t count = 6;
  napi_value arguments[6];
  return napi_get_cb_info(env, info, &count, arguments, NULL, NULL) == napi_ok &&
         sluice_read_integer(env, arguments[0], -1, SLUICE_MAX_INBOX, inbox) &&
         sluice_read_integer(env, arguments[1], -1, INT32_MAX, reader) &&
         read_address(env, arguments[2], arguments[3], &path->to) &&
         read_address(env, arguments[4], arguments[5], &path->from);
}

/* claim(inbox, reader, localAddress: string, localPort, address: string, port) -> boolean */
static napi_value claim(napi_env env, napi_callback_info info) {
  int inbox = SLUICE_NO_INBOX, reader = -1;
  sluice_inbox_head_t path;
  napi_value claimed = NULL;
  if (!read_path(env, info, &inbox, &reader, &path)) return NULL;
  napi_get_boolean(env, sluice_inbox_claim(inbox, reader, &path), &claimed);
  return claimed;
}

/* disclaim(inbox, reader, localAddress: string, localPort, address: string, port) */
static napi_value disclaim(napi_env env, napi_callback_info info) {
  int inbox = SLUICE_NO_INBOX, reader = -1;
  sluice_inbox_head_t path;
  if (read_path(env, info, &inbox, &reader, &path)) sluice_inbox_disclaim(inbox, reader, &path);
  return NULL;
}

void sluice_binding_define_demultiplexer(napi_env env, napi_value exports) {
  const napi_property_descriptor functions[] = {
      {"startDemultiplexer", NULL, start, NULL, NULL, NULL, napi_enumerable, NULL},
      {"stopDemultiplexer", NULL, stop, NULL, NULL, NULL, napi_enumerable, NULL},
      {"countDemultiplexed", NULL, count, NULL, NULL, NULL, napi_enumerable, NULL},
      {"openInbox", NULL, open_inbox, NULL, NULL, NULL, napi_enumerable, NULL},
      {"copyInbox", NULL, copy_inbox, NULL, NULL, NULL, napi_enumerable, NULL},
      {"closeInbox", NULL, close_inbox, NULL, NULL, NULL, napi_enumerable, NULL},
      {"claim", NULL, claim, NULL, NULL, NULL, napi_enumerable, NULL},
      {"disclaim", NULL, disclaim, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions);
}
