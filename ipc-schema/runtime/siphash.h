/* siphash.h - SipHash-2-4 (Aumasson, Bernstein): a keyed hash of short texts */
#pragma once
#include "util.h"

uint64_t siphash24(const uint8_t key[16], const void *p, size_t n);
