/* fuzz-sp.c - any bytes as what a peer writes into a daemon's socket: handshake, frames, requests, the method's struct */
#include "msg.h"
#include "sp.h"

#define REQUEST_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void request(const struct msg_socket *s, const uint8_t *p, size_t n)
{
	struct arena a = ARENA_HEAP(4u << 20);
	const struct msg_method *m;
	struct msg_request req;
	char why[MSG_WHY] = "";
	void *v;

	if (msg_request_decode(p, n, &req) < 0 || !(m = msg_method_by_id(s, req.method)))
		return;
	v = malloc(m->req->size);
	if (v && msg_decode(m->req, req.body, req.body_len, &a, v, why) < 0 && !*why)
		abort();                /* a refusal without a word */
	free(v);
	arena_reset(&a);
}

/* Every cut of the stream must be understood the same way: a frame is there, or more is needed, never both. */
static void frame(const uint8_t *p, size_t n)
{
	ssize_t size = sp_frame(p, n, REQUEST_MAX);

	if (size > 0 && ((size_t)size > n || sp_frame(p, (size_t)size, REQUEST_MAX) != size ||
			 sp_frame(p, (size_t)size - 1, REQUEST_MAX) != 0))
		abort();
	if (size > SP_HEADER_SIZE + 4)
		for (const struct msg_socket *const *s = msg_sockets; *s; s++)
			request(*s, p + SP_HEADER_SIZE + 4, (size_t)size - SP_HEADER_SIZE - 4);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t ours[SP_HANDSHAKE_SIZE];

	sp_handshake(ours, SP_REQ);
	if (n >= sizeof(ours) && (sp_handshake_check(data, SP_REQ) == 0) != (memcmp(data, ours, sizeof(ours)) == 0))
		abort();
	while (n > 0) {
		ssize_t size = sp_frame(data, n, REQUEST_MAX);

		frame(data, n);
		if (size <= 0)
			break;
		data += size;
		n -= (size_t)size;
	}
	return 0;
}
