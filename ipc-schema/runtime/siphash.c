/* siphash.c - see siphash.h */
#include "siphash.h"

static uint64_t rotate(uint64_t v, unsigned n) { return v << n | v >> (64 - n); }

static void rounds(uint64_t v[4], int n)
{
	while (n-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static uint64_t word_at(const uint8_t *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)p[i] << 8 * i;
	return word;
}

uint64_t siphash24(const uint8_t key[16], const void *p, size_t n)
{
	const uint8_t *data = p;
	uint64_t k[2] = { word_at(key, 8), word_at(key + 8, 8) };
	uint64_t v[4] = { k[0] ^ 0x736f6d6570736575, k[1] ^ 0x646f72616e646f6d, k[0] ^ 0x6c7967656e657261, k[1] ^ 0x7465646279746573 };

	for (size_t at = 0; at <= n; at += 8) {
		uint64_t word = word_at(data + at, MIN(n - at, (size_t)8)) | (n - at < 8 ? (uint64_t)n << 56 : 0);

		v[3] ^= word;
		rounds(v, 2);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
