/* stat.c - devctl stat: the daemon's own count of what it did, by its nng socket (ipc-schema/schema/devmaster.ipc) */
#include <inttypes.h>
#include "client.h"
#include "devctl.h"
#include "common.ipc.h"
#include "devmaster.ipc.h"
#include "value.h"

#define CALL_MSEC 5000
#define ANSWER_BYTES_MAX (1u << 20)
#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "json", 0, OPTION_FLAG, NULL, AT(json), .doc = "as one object on one line" },
	{ "socket", 0, OPTION_STRING, "PATH", AT(socket), .doc = "of another daemon" },
};
const struct option_set stat_options = { rows, ARRAY_SIZE(rows) };

enum kind { U32, U64, SPAN };
#define FIELD(f) #f, offsetof(struct ipc_device_status, f)
static const struct figure { const char *label, *key; size_t off; enum kind kind; } figures[] = {
	{ "Process", FIELD(pid), U32 },
	{ "Waiting", FIELD(queued), U32 },
	{ "of these behind others", FIELD(blocked), U32 },
	{ "At work", FIELD(running), U32 },
	{ "Workers", FIELD(workers), U32 },
	{ "of these idle", FIELD(workers_idle), U32 },
	{ "At most", FIELD(children_max), U32 },
	{ "Done", FIELD(done), U64 },
	{ "Failed", FIELD(failed), U64 },
	{ "Tried again", FIELD(retried), U64 },
	{ "Taken up from before", FIELD(resumed), U64 },
	{ "Overruns", FIELD(overruns), U64 },
	{ "Workers lost", FIELD(crashed), U64 },
	{ "Last event", FIELD(seqnum), U64 },
	{ "Done up to", FIELD(seqnum_done), U64 },
	{ "Time of work", FIELD(busy_usec), SPAN },
	{ "Lines of rules", FIELD(rules_lines), U64 },
};

static uint64_t value_of(const struct ipc_device_status *s, const struct figure *f)
{
	const char *at = (const char *)s + f->off;

	return f->kind == U32 ? *(const uint32_t *)(const void *)at : *(const uint64_t *)(const void *)at;
}

static void show_text(struct buf *b, const struct ipc_device_status *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		buf_addf(b, "%24s: ", figures[i].label);
		if (figures[i].kind == SPAN)
			value_format_sec(value_of(s, &figures[i]), b);
		else
			buf_addf(b, "%" PRIu64, value_of(s, &figures[i]));
		buf_addc(b, '\n');
	}
	buf_addf(b, "%24s: %s\n", "Queue", s->stopped ? "stopped" : "open");
	for (size_t i = 0; i < s->n_properties; i++)
		buf_addf(b, "%24s: %s\n", "Property of all", s->properties[i]);
	if (s->n_slowest)
		buf_addf(b, "\n%12s %10s  %s\n", "USEC", "RUNS", "RULE");
	for (size_t i = 0; i < s->n_slowest; i++)
		buf_addf(b, "%12" PRIu64 " %10" PRIu64 "  %s\n", s->slowest[i].usec, s->slowest[i].runs, s->slowest[i].place);
}

static void show_object(struct buf *b, const struct ipc_device_status *s)
{
	buf_addc(b, '{');
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		json_key(b, figures[i].key);
		buf_addf(b, "%" PRIu64, value_of(s, &figures[i]));
	}
	json_key(b, "stopped");
	buf_adds(b, s->stopped ? "true" : "false");
	json_words(b, "properties", s->properties, s->n_properties, 0);
	json_key(b, "slowest");
	buf_addc(b, '[');
	for (size_t i = 0; i < s->n_slowest; i++) {
		buf_adds(b, i ? ", {" : "{");
		json_key(b, "place");
		json_string(b, s->slowest[i].place);
		json_key(b, "runs");
		buf_addf(b, "%" PRIu64, s->slowest[i].runs);
		json_key(b, "usec");
		buf_addf(b, "%" PRIu64 "}", s->slowest[i].usec);
	}
	buf_adds(b, "]}\n");
}

int verb_stat(struct devctl *c, char **words, size_t n)
{
	const struct msg_method *m = msg_method_by_id(&ipc_devmaster_socket, IPC_DEVMASTER_STATUS);
	const char *path = c->socket ? c->socket : ipc_devmaster_socket.path, *error = NULL;
	_cleanup_(client_freep) struct client *client = NULL;
	struct arena arena = ARENA_HEAP(ANSWER_BYTES_MAX);
	struct ipc_device_status s = { 0 };
	struct ipc_empty nothing = { 0 };
	struct buf b = { 0 };
	int r = client_open(&client, path, CALL_MSEC);

	if (r == 0)
		r = client_call(client, m, &nothing, &s, &arena, &error);
	if (r == 0) {
		if (c->json)
			show_object(&b, &s);
		else
			show_text(&b, &s);
		r = buf_error(&b);
	}
	if (r == 0)
		fwrite(b.data, 1, b.len, c->out);
	else if (r == -ENOENT || r == -ECONNREFUSED)
		fprintf(c->err, "%s: %s: no daemon answers\n", c->program, path);
	else
		fprintf(c->err, "%s: %s: %s\n", c->program, path, error && *error ? error : strerror(-r));
	buf_finish(&b);
	arena_reset(&arena);
	return r < 0;
}
