/*
 * fuzz-unit-file.c - libFuzzer entry: any bytes as a unit file, through the rows of [Unit], [Install] and every type linked in
 *
 * The first byte chooses the type; a type that is not there is played by a double with a key of every kind. What was read is
 * shown, tested and cleared again; every complaint must stand within the file.
 */
#include "unit/condition.h"
#include "unit/keys.h"
#include "unit/set.h"
#include "unit/test-double.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"fuzz.service", "f@x-y.service", "f.socket", "f.target", "f.timer", "f.path", "srv-x.mount", "srv-x.automount", "dev-x.swap", "a-b.slice", "f.scope", "dev-x.device",
};

static unsigned last_line;

static void judge(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	if (!*text || line > last_line || (line == 0 && column != 0))
		abort();
}

static void show_group(const struct unit *u, const struct key_group *g, struct buf *out)
{
	for (size_t i = 0; i < g->n_rows; i++)
		if (g->rows[i].kind->format)
			g->rows[i].kind->format(&g->rows[i], (const char *)u + g->base + g->rows[i].off, out);
}

static void show(const struct unit *u)
{
	struct buf out = { 0 };

	for (size_t i = 0; i < n_unit_groups; i++)
		show_group(u, &unit_groups[i], &out);
	for (size_t i = 0; i < u->type->n_groups; i++)
		show_group(u, &u->type->groups[i], &out);
	buf_finish(&out);
}

static void check_graph(struct unit_set *set)
{
	for (struct unit *u = unit_set_first(set); u; u = u->set_next)
		for (size_t i = 0; i < u->n_deps; i++)
			for (unsigned k = 0; k < N_DEP_KINDS; k++)
				if ((u->deps[i].kinds & DEP_BIT(k)) && !unit_has_dep(u->deps[i].other, dep_inverse(k), u))
					abort();
}

static void set_up(void)
{
	static bool done;

	for (size_t i = 0; !done && i < ARRAY_SIZE(names); i++)
		unit_type_find(strrchr(names[i], '.') + 1, NULL);       /* those linked in come first, doubles fill the gaps */
	if (!done)
		double_types();
	done = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct unit_host host = { .default_start_limit_interval_usec = USEC_PER_SEC, .default_start_limit_burst = 5, .cgroup_root = "", .notify_path = "/run/n" };
	struct diag_sink sink = { judge };
	struct unit_set *set;
	struct unit *u;

	if (size < 1)
		return 0;
	set_up();
	last_line = 1;
	for (size_t i = 1; i < size; i++)
		last_line += data[i] == '\n';
	if (unit_set_new(&set, NULL, &host, &sink) < 0)
		return 0;
	if (unit_stub(set, names[data[0] % ARRAY_SIZE(names)], &u) == 0) {
		const struct condition *failed;

		load_text(u, "fuzz", (const char *)data + 1, size - 1);
		show(u);
		if (size < 4096)
			condition_list_test(u->asserts, u, &failed);
		check_graph(set);
		unit_reload_all(set);
		check_graph(set);
	}
	unit_set_free(set);
	return 0;
}
