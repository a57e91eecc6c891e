/* Numbers in the order of the network. */
#pragma once
#include <stdint.h>

static inline uint16_t read16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }

static inline uint32_t read32(const uint8_t *at) { return (uint32_t)read16(at) << 16 | read16(at + 2); }

static inline void write16(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static inline void write32(uint8_t *at, uint32_t value) {
  write16(at, value >> 16);
  write16(at + 2, value);
}
