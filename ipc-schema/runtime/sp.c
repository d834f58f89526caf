/* sp.c - see sp.h */
#include <limits.h>
#include "sp.h"

#define SP_MESSAGE 0x01

static void put_be(uint8_t *out, uint64_t v, size_t width)
{
	while (width-- > 0) {
		out[width] = (uint8_t)v;
		v >>= 8;
	}
}

void sp_handshake(uint8_t out[SP_HANDSHAKE_SIZE], enum sp_proto self)
{
	memcpy(out, "\0SP\0", 4);
	put_be(out + 4, (uint64_t)self, 2);
	put_be(out + 6, 0, 2);
}

int sp_handshake_check(const uint8_t in[SP_HANDSHAKE_SIZE], enum sp_proto peer)
{
	uint8_t expected[SP_HANDSHAKE_SIZE];

	sp_handshake(expected, peer);
	return memcmp(in, expected, sizeof(expected)) == 0 ? 0 : -EPROTO;
}

void sp_header(uint8_t out[SP_HEADER_SIZE], uint64_t len)
{
	out[0] = SP_MESSAGE;
	put_be(out + 1, len, 8);
}

ssize_t sp_frame(const uint8_t *p, size_t n, size_t max)
{
	uint64_t len = 0;

	if (n > 0 && p[0] != SP_MESSAGE)
		return -EPROTO;
	if (n < SP_HEADER_SIZE)
		return 0;
	for (size_t i = 1; i < SP_HEADER_SIZE; i++)
		len = len << 8 | p[i];
	if (len > max || len > SSIZE_MAX - SP_HEADER_SIZE)
		return -EMSGSIZE;
	return n - SP_HEADER_SIZE < len ? 0 : (ssize_t)(len + SP_HEADER_SIZE);
}
