/*
 * nng-client.c - a client that knows libnng and msgpack-c and nothing of this project: proves that a socket of the suite
 * speaks what a stock library speaks, and measures how fast it answers
 *
 * nng-client URL METHOD [COUNT]    COUNT requests with an empty body, one after the other; prints
 *                                  "ok=N median_ms=X max_ms=Y"; status 0 when every answer was there and said 0
 */
#include <inttypes.h>
#include <msgpack.h>
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/util/platform.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_msec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* [id, method, {}] */
static void pack_request(msgpack_sbuffer *b, uint64_t id, uint32_t method)
{
	msgpack_packer p;

	msgpack_packer_init(&p, b, msgpack_sbuffer_write);
	msgpack_pack_array(&p, 3);
	msgpack_pack_uint64(&p, id);
	msgpack_pack_uint32(&p, method);
	msgpack_pack_map(&p, 0);
}

/* [id, 0, text, body] */
static bool answer_is_good(const void *data, size_t n, uint64_t id)
{
	msgpack_unpacked u;
	bool good = false;

	msgpack_unpacked_init(&u);
	if (msgpack_unpack_next(&u, data, n, NULL) == MSGPACK_UNPACK_SUCCESS && u.data.type == MSGPACK_OBJECT_ARRAY &&
	    u.data.via.array.size == 4) {
		const msgpack_object *o = u.data.via.array.ptr;

		good = o[0].type == MSGPACK_OBJECT_POSITIVE_INTEGER && o[0].via.u64 == id &&
		       o[1].type == MSGPACK_OBJECT_POSITIVE_INTEGER && o[1].via.u64 == 0 && o[2].type == MSGPACK_OBJECT_STR;
	}
	msgpack_unpacked_destroy(&u);
	return good;
}

static bool ask(nng_socket s, uint64_t id, uint32_t method)
{
	msgpack_sbuffer b;
	char *answer = NULL;
	size_t n = 0;
	bool good;
	int r;

	msgpack_sbuffer_init(&b);
	pack_request(&b, id, method);
	r = nng_send(s, b.data, b.size, 0);
	if (r == 0)
		r = nng_recv(s, &answer, &n, NNG_FLAG_ALLOC);
	if (r != 0)
		fprintf(stderr, "nng-client: %s\n", nng_strerror(r));
	good = r == 0 && answer_is_good(answer, n, id);
	if (answer)
		nng_free(answer, n);
	msgpack_sbuffer_destroy(&b);
	return good;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	int count = argc > 3 ? atoi(argv[3]) : 1, good = 0, r;
	double *msec;
	nng_socket s;

	if (argc < 3 || count < 1 || !(msec = calloc((size_t)count, sizeof(*msec))))
		return 2;
	r = nng_req0_open(&s);
	if (r == 0)
		r = nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 10000);
	if (r == 0)
		r = nng_dial(s, argv[1], NULL, 0);
	if (r != 0) {
		fprintf(stderr, "nng-client: %s: %s\n", argv[1], nng_strerror(r));
		return 1;
	}
	for (int i = 0; i < count; i++) {
		double t0 = now_msec();

		good += ask(s, ((uint64_t)0x8000 << 48) + (uint64_t)i, (uint32_t)atoi(argv[2]));
		msec[i] = now_msec() - t0;
		nng_msleep(5);
	}
	qsort(msec, (size_t)count, sizeof(*msec), compare);
	printf("ok=%d median_ms=%.2f max_ms=%.2f\n", good, msec[count / 2], msec[count - 1]);
	nng_close(s);
	free(msec);
	return good == count ? 0 : 1;
}
