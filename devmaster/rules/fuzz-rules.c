/*
 * fuzz-rules.c - libFuzzer entry: any bytes as a rules file, a database record or a uevent
 *
 * The first byte chooses. Rules are read, each complaint must stand within the file, and what came of them is applied to a device
 * that has no sysfs behind it, with the index and without: the same must come out. No program is run and nothing is written.
 */
#include "event/event.h"
#include "rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned last_line;

static void judge(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	if (!*text || line > last_line || (line == 0 && column != 0) || (line > 0 && column == 0))
		abort();
}

static int nobody(const char *name, uint32_t *ret)
{
	*ret = 7;
	return *name == 'n' ? -ESRCH : 0;
}

static int program(struct event *e, const char *command, struct buf *out)
{
	buf_adds(out, "A=1\nB='x y'\n");
	return *command == '/' ? 0 : -ENOENT;
}

static struct device *make_device(struct arena *a)
{
	static const char uevent[] = "MAJOR=8\nMINOR=1\nDEVNAME=sda1\nDEVTYPE=partition\n";
	struct device *d = arena_alloc(a, sizeof(*d), _Alignof(struct device));

	if (!d)
		abort();
	*d = (struct device){ .arena = a, .sysfs = "/nonexistent", .path = "/nonexistent/devices/x/sda1", .devpath = "/devices/x/sda1", .sysname = "sda1", .sysnum = "1",
			      .subsystem = "block", .devmode = -1, .devuid = -1, .devgid = -1, .is_block = true, .driver_known = true };
	if (device_uevent(d, uevent, sizeof(uevent) - 1) < 0)
		abort();
	return d;
}

static void apply(struct rules *r, struct arena *a, const char *action, struct buf *out)
{
	static const struct event_host host = { program, NULL };
	struct device *d = make_device(a);
	struct event e;

	event_init(&e, a, d, action);
	e.host = &host;
	e.dry = true;
	e.proc = "/nonexistent";
	e.old = make_device(a);
	if (rules_apply(r, &e) < 0)
		return;
	for (size_t i = 0; i < d->n_props; i++)
		buf_addf(out, "%s=%s\n", d->props[i].key, d->props[i].value);
	for (size_t i = 0; i < d->links.n; i++) {
		if (!startswith(d->links.v[i], "/dev/") || strstr(d->links.v[i], "/../"))
			abort();
		buf_addf(out, "%s\n", d->links.v[i]);
	}
	for (struct event_run *run = e.run; run; run = run->next)
		buf_addf(out, "%s\n", run->command);
	buf_addf(out, "%d %d %d", (int)e.mode, (int)e.uid, (int)e.gid);
}

static void fuzz_rules(const char *text, size_t n)
{
	static const struct rules_names names = { nobody, nobody };
	struct diag_sink sink = { judge };
	struct rules *r;

	last_line = 1;
	for (size_t i = 0; i < n; i++)
		last_line += text[i] == '\n';
	if (rules_new(&r, &sink, &names) < 0)
		return;
	rules_add_text(r, "fuzz", text, n);
	for (int i = 0; i < 2; i++) {
		struct arena with_memory = ARENA_HEAP(4u << 20), without_memory = ARENA_HEAP(4u << 20);
		struct buf with = { 0 }, without = { 0 };

		rules_use_index(r, true);
		apply(r, &with_memory, i ? "remove" : "add", &with);
		rules_use_index(r, false);
		apply(r, &without_memory, i ? "remove" : "add", &without);
		if (with.len != without.len || (with.len && memcmp(with.data, without.data, with.len) != 0))
			abort();
		buf_finish(&with);
		buf_finish(&without);
		arena_reset(&with_memory);
		arena_reset(&without_memory);
	}
	rules_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_HEAP(8u << 20);
	const char *text = (const char *)data + 1;

	if (size < 1)
		return 0;
	if (data[0] % 4 == 0)
		database_parse(make_device(&arena), text, size - 1);
	else if (data[0] % 4 == 1)
		device_uevent(make_device(&arena), text, size - 1);
	else
		fuzz_rules(text, size - 1);
	arena_reset(&arena);
	return 0;
}
