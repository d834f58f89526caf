/* fuzz-msg.c - any bytes as any message of the schema: what decodes must encode, and decode again to the same */
#include "msg.h"

#define ARENA_BYTES (4u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t n_descs(void)
{
	size_t n = 0;

	while (msg_descs[n])
		n++;
	return n;
}

/* Encodes v, decodes that, encodes again: both encodings have to be the same bytes. */
static void round_trip(const struct msg_desc *d, const void *v)
{
	_cleanup_(buf_finish) struct buf one = { 0 }, two = { 0 }, text = { 0 };
	_cleanup_(freep) void *again = malloc(d->size);
	struct arena a = ARENA_HEAP(ARENA_BYTES);
	char why[MSG_WHY];

	if (!again || msg_encode(d, v, &one) < 0 || msg_decode(d, one.data, one.len, &a, again, why) < 0 || msg_encode(d, again, &two) < 0)
		abort();
	if (one.len != two.len || memcmp(one.data, two.data, one.len) != 0)
		abort();
	msg_print(d, again, &text);
	msg_json(d, again, &text);
	arena_reset(&a);
}

static void frames(const uint8_t *p, size_t n)
{
	struct arena a = ARENA_HEAP(ARENA_BYTES);
	struct msg_event_frame event;
	struct msg_request request;
	struct msg_reply reply;

	if (msg_request_decode(p, n, &request) == 0 && (const uint8_t *)request.body + request.body_len != p + n)
		abort();
	if (msg_event_decode(p, n, &event) == 0 && (const uint8_t *)event.body + event.body_len != p + n)
		abort();
	if (msg_reply_decode(p, n, &a, &reply) == 0 && (reply.result > 0 || strlen(reply.error) > MSG_ERROR_MAX))
		abort();
	arena_reset(&a);
}

/* The first byte chooses the struct. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a = ARENA_HEAP(ARENA_BYTES);
	const struct msg_desc *d;
	char why[MSG_WHY];
	void *v;

	if (n == 0)
		return 0;
	frames(data, n);
	d = msg_descs[data[0] % n_descs()];
	v = malloc(d->size);
	if (v && msg_decode(d, data + 1, n - 1, &a, v, why) == 0)
		round_trip(d, v);
	free(v);
	arena_reset(&a);
	return 0;
}
