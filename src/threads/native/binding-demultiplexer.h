/* The functions of the demultiplexer and its inboxes; native-demultiplexer.ts has their types. */
#ifndef SLUICE_BINDING_DEMULTIPLEXER_H
#define SLUICE_BINDING_DEMULTIPLEXER_H

#include <node_api.h>

void sluice_binding_define_demultiplexer(napi_env env, napi_value exports);

#endif
