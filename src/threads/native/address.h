/*
 * Socket addresses of UDP and TCP, as both add-ons have them.
 *
 * Threads: any.
 */
#ifndef SLUICE_ADDRESS_H
#define SLUICE_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} sluice_address_t;

/* FNV-1a begins with this. */
static const uint32_t sluice_hash_basis = 2166136261u;

/* False when the text is no IP address; IPv6 may have a zone. */
static inline bool sluice_address_read(sluice_address_t *address, const char *text, int port) {
  memset(address, 0, sizeof *address);
  return uv_ip4_addr(text, port, &address->v4) == 0 || uv_ip6_addr(text, port, &address->v6) == 0;
}

static inline socklen_t sluice_address_bytes(const sluice_address_t *address) {
  return address->any.sa_family == AF_INET6 ? sizeof address->v6 : sizeof address->v4;
}

/* In host order; 0: it cannot be answered. */
static inline uint16_t sluice_address_port(const sluice_address_t *address) {
  if (address->any.sa_family == AF_INET) return ntohs(address->v4.sin_port);
  return address->any.sa_family == AF_INET6 ? ntohs(address->v6.sin6_port) : 0;
}

static inline bool sluice_address_is_same(const sluice_address_t *one, const sluice_address_t *other) {
  if (one->any.sa_family != other->any.sa_family) return false;
  if (one->any.sa_family == AF_INET) {
    return one->v4.sin_port == other->v4.sin_port && one->v4.sin_addr.s_addr == other->v4.sin_addr.s_addr;
  }
  return one->v6.sin6_port == other->v6.sin6_port && one->v6.sin6_scope_id == other->v6.sin6_scope_id &&
         memcmp(&one->v6.sin6_addr, &other->v6.sin6_addr, sizeof one->v6.sin6_addr) == 0;
}

/* As clientKey of src/core/guard/ip-address.ts: an IPv4 address, or the first 64 bits of an IPv6 one. */
static inline bool sluice_address_is_same_client(const sluice_address_t *one, const sluice_address_t *other) {
  if (one->any.sa_family != other->any.sa_family) return false;
  if (one->any.sa_family == AF_INET) return one->v4.sin_addr.s_addr == other->v4.sin_addr.s_addr;
  bool is_mapped = IN6_IS_ADDR_V4MAPPED(&one->v6.sin6_addr);
  return memcmp(&one->v6.sin6_addr, &other->v6.sin6_addr, is_mapped ? 16 : 8) == 0;
}

static inline uint32_t sluice_address_hash(uint32_t hash, const sluice_address_t *address) {
  bool is_v6 = address->any.sa_family == AF_INET6;
  const uint8_t *bytes = is_v6 ? address->v6.sin6_addr.s6_addr : (const uint8_t *)&address->v4.sin_addr;
  for (size_t at = 0; at < (is_v6 ? 16u : 4u); at += 1) hash = (hash ^ bytes[at]) * 16777619u;
  uint16_t port = is_v6 ? address->v6.sin6_port : address->v4.sin_port;
  hash = (hash ^ (port & 0xff)) * 16777619u;
  return (hash ^ (port >> 8)) * 16777619u;
}

#endif
