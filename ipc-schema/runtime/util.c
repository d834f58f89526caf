/* util.c - see util.h */
#include <sys/random.h>
#include <time.h>
#include "util.h"

#ifndef GRND_INSECURE
#define GRND_INSECURE 4
#endif

uint64_t now_usec(int clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts) < 0)
		return 0;
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

void random_bytes(void *p, size_t n)
{
	static uint64_t turn;
	uint8_t *out = p;

	if (getrandom(out, n, GRND_INSECURE) == (ssize_t)n || getrandom(out, n, GRND_NONBLOCK) == (ssize_t)n)
		return;
	for (size_t i = 0; i < n; i++) {                /* splitmix64 of what differs from call to call */
		uint64_t z = now_usec(CLOCK_BOOTTIME) ^ (uint64_t)getpid() << 40 ^ ++turn * 0x9e3779b97f4a7c15u;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
		z = (z ^ z >> 27) * 0x94d049bb133111ebu;
		out[i] = (uint8_t)(z ^ z >> 31);
	}
}

uint64_t hash64(const void *p, size_t n)
{
	uint64_t h = 14695981039346656037ULL;

	for (const uint8_t *b = p; n--; b++)
		h = (h ^ *b) * 1099511628211ULL;
	return h;
}
