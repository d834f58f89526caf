/* list-places.c - list-sockets, list-paths, list-automounts: where units listen, look and mount; systemctl(1) */
#include <inttypes.h>
#include <stdio.h>
#include "query.h"
#include "table.h"
#include "verb.h"

enum { PLACE, PLACE_KIND, PLACE_UNIT, PLACE_ACTIVATES, N_PLACE_COLUMNS };       /* of sockets and paths */
enum { AUTO_WHAT, AUTO_WHERE, AUTO_MOUNTED, AUTO_IDLE, AUTO_UNIT, N_AUTO_COLUMNS };

static const struct table_column socket_columns[N_PLACE_COLUMNS] = {
	{ .header = "LISTEN" }, { .header = "TYPE" }, { .header = "UNIT" }, { .header = "ACTIVATES" },
};
static const struct table_column path_columns[N_PLACE_COLUMNS] = {
	{ .header = "PATH" }, { .header = "CONDITION" }, { .header = "UNIT" }, { .header = "ACTIVATES" },
};
static const struct table_column automount_columns[N_AUTO_COLUMNS] = {
	{ .header = "WHAT" }, { .header = "WHERE" }, { .header = "MOUNTED" }, { .header = "IDLE TIMEOUT", .number = true }, { .header = "UNIT" },
};

static int cmp_places(const char *const *a, const char *const *b)
{
	int r = strcmp(a[PLACE], b[PLACE]);

	return r ? r : strcmp(a[PLACE_UNIT], b[PLACE_UNIT]);
}
static int cmp_automounts(const char *const *a, const char *const *b) { return strcmp(a[AUTO_WHERE], b[AUTO_WHERE]); }

/* "PLACE (Kind)" */
static int add_place(struct table *t, char *place, const char *unit, const char *activates)
{
	char *kind = strrchr(place, '(');

	if (kind && kind > place && kind[-1] == ' ') {
		kind[-1] = '\0';
		kind++;
		kind[strcspn(kind, ")")] = '\0';
	} else {
		kind = NULL;
	}
	return table_row(t, (const char *const[]){ place, kind, unit, activates });
}

static int add_places(struct sctl *s, struct table *t, const char *unit, const char *property)
{
	const char *const names[] = { property, "Triggers" };
	struct ipc_properties_reply p;
	const char *error, *activates;
	char *save = NULL, *triggers;
	int r = query_unit(s, unit, names, ARRAY_SIZE(names), &p, &error);

	if (r < 0)
		return link_fail(s, r, error, "read", unit), r;
	triggers = (char *)query_value(&p, "Triggers");
	activates = text_word(&triggers);
	for (size_t i = 0; i < p.n_properties && r >= 0; i++) {
		if (!streq(p.properties[i].name, property))
			continue;
		for (char *l = strtok_r((char *)p.properties[i].value, "\n", &save); l && r >= 0; l = strtok_r(NULL, "\n", &save))
			r = add_place(t, l, unit, activates);
	}
	return r;
}

static int add_socket(struct sctl *s, struct table *t, const char *unit) { return add_places(s, t, unit, "Listen"); }
static int add_path(struct sctl *s, struct table *t, const char *unit) { return add_places(s, t, unit, "Paths"); }

static int add_automount(struct sctl *s, struct table *t, const char *unit)
{
	static const char *const names[] = { "Where", "TimeoutIdleUSec", "Triggers" }, *const of_mount[] = { "What", "ActiveState" };
	struct ipc_properties_reply p, mount = { 0 };
	const char *error, *what;
	bool mounted;
	char number[24];
	uint64_t idle;
	int r = query_unit(s, unit, names, ARRAY_SIZE(names), &p, &error);

	if (r < 0)
		return link_fail(s, r, error, "read", unit), r;
	if (*query_value(&p, "Triggers") && query_unit(s, query_value(&p, "Triggers"), of_mount, ARRAY_SIZE(of_mount), &mount, &error) < 0)
		mount = (struct ipc_properties_reply){ 0 };
	mounted = streq(query_value(&mount, "ActiveState"), "active");
	what = query_value(&mount, "What");
	if (value_sec(query_value(&p, "TimeoutIdleUSec"), USEC_PER_SEC, &idle) < 0)
		idle = 0;
	snprintf(number, sizeof(number), "%" PRIu64, idle);
	r = table_row(t, (const char *const[]){ *what ? what : "-", query_value(&p, "Where"), mounted ? "yes" : "no", query_value(&p, "TimeoutIdleUSec"), unit });
	if (r >= 0)
		r = table_json(t, AUTO_IDLE, number);
	return r < 0 ? r : table_json(t, AUTO_MOUNTED, mounted ? "true" : "false");
}

static const struct list {
	const char *type, *many;
	const struct table_column *columns;
	size_t n_columns;
	int (*add)(struct sctl *s, struct table *t, const char *unit);
	int (*cmp)(const char *const *a, const char *const *b);
} lists[] = {
	{ "socket", "sockets", socket_columns, N_PLACE_COLUMNS, add_socket, cmp_places },
	{ "path", "paths", path_columns, N_PLACE_COLUMNS, add_path, cmp_places },
	{ "automount", "automounts", automount_columns, N_AUTO_COLUMNS, add_automount, cmp_automounts },
};

int verb_list_places(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	const struct list *list = &lists[v->arg];
	_cleanup_(table_freep) struct table *t = NULL;
	struct query_list l;
	int r = list_of_type(s, words, n, list->type, &l);

	if (r < 0)
		return SCTL_FAILURE;
	r = table_new(&t, list->columns, list->n_columns);
	for (size_t i = 0; r >= 0 && i < l.n; i++)
		r = list->add(s, t, l.units[i].id);
	free(l.units);
	if (r < 0)
		return SCTL_FAILURE;
	if (list->columns == socket_columns && !s->o.show_types)
		table_hide(t, PLACE_KIND);
	table_sort(t, list->cmp);
	table_print(t, s);
	list_footer(s, table_rows(t), list->many);
	return SCTL_OK;
}
