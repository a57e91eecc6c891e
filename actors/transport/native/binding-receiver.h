/* The receiver as a JavaScript class. Threads and ownership: receiver.h, ../../fanout/native/call.h. */
#ifndef SLUICE_BINDING_RECEIVER_H
#define SLUICE_BINDING_RECEIVER_H

#include "../../fanout/native/call.h"

/* exports.NativeReceiver. */
void sluice_binding_define_receiver(napi_env env, napi_value exports);

#endif
