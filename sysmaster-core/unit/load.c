/* load.c - one unit from disk: its fragment, then drop-ins, then links, then what its type makes of it */
#include <stdio.h>
#include <sys/stat.h>
#include "core.ipc.h"
#include "unit/condition.h"
#include "conf.h"
#include "unit/hint.h"
#include "unit/keys.h"
#include "unit/name.h"
#include "unit/set.h"
#include "unit/settings.h"

struct unit_reader {
	struct conf_handler handler;
	struct unit *unit;
	int fatal;                      /* -ENOMEM, or -EINVAL of a key that decides */
};

void load_defaults(struct unit *u)
{
	const struct unit_host *h = u->set->host;

	u->default_dependencies = true;
	u->job_timeout_usec = u->job_running_timeout_usec = USEC_INFINITY;
	u->failure_exit_status = u->success_exit_status = -1;
	u->on_success_job_mode = IPC_JOB_MODE_FAIL;
	u->on_failure_job_mode = IPC_JOB_MODE_REPLACE;
	u->start_limit_interval_usec = h ? h->default_start_limit_interval_usec : 10 * USEC_PER_SEC;
	u->start_limit_burst = h ? h->default_start_limit_burst : 5;
	if (u->type->init)
		u->type->init(u);
}

static void clear_group(struct unit *u, const struct key_group *g)
{
	for (size_t i = 0; i < key_group_size(g); i++)
		if (g->rows[i].kind->clear)
			g->rows[i].kind->clear(&g->rows[i], (char *)u + g->base + g->rows[i].off);
}

void load_clear(struct unit *u)
{
	for (size_t i = 0; i < n_unit_groups; i++)
		clear_group(u, &unit_groups[i]);
	for (size_t i = 0; i < u->type->n_groups; i++)
		clear_group(u, &u->type->groups[i]);
	condition_list_free(TAKE_PTR(u->conditions));
	condition_list_free(TAKE_PTR(u->asserts));
	u->job_running_timeout_set = false;
	u->ignore_on_isolate = u->stop_when_unneeded = u->refuse_manual_start = u->refuse_manual_stop = u->allow_isolate = false;
	u->collect_mode = u->job_timeout_action = u->start_limit_action = u->failure_action = u->success_action = 0;
	free(TAKE_PTR(u->load_why));
	free(TAKE_PTR(u->fragment_path));
	strv_free(TAKE_PTR(u->dropin_paths));
	u->load_error = 0;
	u->file_stamp = 0;
}

/* -- rows -- */
static const struct key *find_row(const struct unit *u, const char *section, const char *key, const struct key_group **ret)
{
	const struct key *k = key_find(unit_groups, n_unit_groups, section, key, ret);

	return k ? k : key_find(u->type->groups, u->type->n_groups, section, key, ret);
}

static bool has_section(const struct unit *u, const char *section)
{
	if (streq(section, "Unit") || streq(section, "Install"))
		return true;
	for (size_t i = 0; i < u->type->n_groups; i++)
		if (streq(u->type->groups[i].section, section))
			return true;
	return u->type->section && streq(u->type->section, section);
}

static bool read_section(struct conf_handler *h, const char *file, const char *section, unsigned line)
{
	struct unit_reader *rd = container_of(h, struct unit_reader, handler);

	if (has_section(rd->unit, section))
		return true;
	if (!startswith(section, "X-")) {
		char hint[HINT_MAX];

		hint_section(rd->unit, section, hint);
		diag(h->sink, DIAG_WARNING, file, line, 1, "unknown section [%s], ignored with its keys%s", section, hint);
	}
	return false;
}

/* what is not honoured is said once for each key, not for each of five hundred units that use it */
static bool reported_already(struct unit_set *set, const char *section, const char *key)
{
	char name[256];

	if (snprintf(name, sizeof(name), "%s.%s", section, key) >= (int)sizeof(name))
		return false;
	if (strv_has(set->reported, name))
		return true;
	return strv_add(&set->reported, name) < 0;
}

static void report_unknown(const struct key_place *at)
{
	char hint[HINT_MAX];

	if (startswith(at->key, "X-"))
		return;
	hint_key(at->unit, at->section, at->key, hint);
	diag(at->sink, DIAG_WARNING, at->file, at->line, 1, "unknown key %s.%s, ignored%s", at->section, at->key, hint);
}

static int read_assignment(struct conf_handler *h, const char *file, const char *section, const char *key, const char *value, unsigned line, unsigned column)
{
	struct unit_reader *rd = container_of(h, struct unit_reader, handler);
	struct key_place at = { rd->unit, h->sink, file, section, key, line, column };
	const struct key_group *g;
	const struct key *k = find_row(rd->unit, section, key, &g);
	int r;

	if (rd->unit->set->observer)
		rd->unit->set->observer->assigned(rd->unit->set->observer, &at, k, value);
	if (!k) {
		report_unknown(&at);
		return 0;
	}
	if (k->kind == &kind_unsupported && !rd->unit->set->observer && reported_already(rd->unit->set, section, key))
		return 0;
	r = k->kind->parse(&at, k, value, (char *)rd->unit + g->base + k->off);
	if (r == -ENOMEM || r == -ENOEXEC)
		rd->fatal = r;
	return r;
}

/* -- files -- */
static void note_stamp(struct unit *u, const char *path)
{
	struct stat st;
	uint64_t t;

	if (stat(path, &st) < 0)
		return;
	t = (uint64_t)st.st_mtim.tv_sec * USEC_PER_SEC + (uint64_t)st.st_mtim.tv_nsec / NSEC_PER_USEC;
	u->file_stamp = MAX(u->file_stamp, t);
}

static int read_file(struct unit_reader *rd, const char *path)
{
	int r = conf_parse_file(path, &rd->handler);

	note_stamp(rd->unit, path);
	if (r < 0 && r != -EFBIG && r != -ENOMEM)
		diag(rd->handler.sink, DIAG_ERROR, path, 0, 0, "cannot be read: %s", strerror(-r));
	return r < 0 ? r : rd->fatal;
}

static int read_files(struct unit *u)
{
	struct unit_reader rd = { .handler = { read_assignment, read_section, u->set->sink }, .unit = u };
	int r = u->fragment_path ? read_file(&rd, u->fragment_path) : 0;

	for (size_t i = 0; r == 0 && u->dropin_paths && u->dropin_paths[i]; i++) {
		int e = read_file(&rd, u->dropin_paths[i]);

		if (e == -ENOMEM || e == -ENOEXEC)
			r = e;                  /* an unreadable drop-in is reported and the unit goes on without it */
	}
	return r;
}

static int add_links(struct unit *u, enum dep_kind k, char *const *names)
{
	for (size_t i = 0; names && names[i]; i++) {
		int r = unit_add_dep_name(u, k, names[i], DEP_FILE);

		if (r == -ENOMEM)
			return r;
		if (r == -ENOTSUP)
			diag(u->set->sink, DIAG_UNSUPPORTED, u->id, 0, 0, "%s= link: this image has no unit type for \"%s\"", dep_name(k), names[i]);
		else if (r < 0 && r != -ELOOP)
			diag(u->set->sink, DIAG_WARNING, u->id, 0, 0, "%s= link to \"%s\" ignored: %s", dep_name(k), names[i], strerror(-r));
	}
	return 0;
}

/* -- identity -- */
static void fail(struct unit *u, enum unit_load_state s, int error, const char *why)
{
	u->load_state = s;
	u->load_error = error;
	free(u->load_why);
	u->load_why = strdup(why);
}

/*
 * The file goes by res->id: @u becomes that unit. When another object has this name and is more than a name, @u turns into
 * it and is gone: 1 is returned.
 */
static int adopt_names(struct unit *u, const struct lookup_result *res)
{
	struct unit *other = unit_get(u->set, res->id);
	int r;

	if (other && other != u && other->load_state != UNIT_STUB && other->load_state != UNIT_NOT_FOUND) {
		_cleanup_(freep) char *name = strdup(u->id);

		r = name ? unit_add_name(other, name) : -ENOMEM;
		if (r < 0 && r != -ENOMEM)
			diag(u->set->sink, DIAG_WARNING, name, 0, 0, "is by its file another name of %s, but stays apart while it is in use", other->id);
		return r == 0 ? 1 : r == -ENOMEM ? r : 0;
	}
	for (size_t i = 0; res->aliases[i]; i++) {
		r = name_valid(res->aliases[i], NAME_PLAIN | NAME_INSTANCE) ? unit_add_name(u, res->aliases[i]) : 0;
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			diag(u->set->sink, DIAG_WARNING, u->id, 0, 0, "alias %s stays a unit of its own while it is in use", res->aliases[i]);
	}
	r = u->reloading && !unit_is_inactive_or_failed(u) ? 0 : set_choose_id(u, res->id);
	return r == -ENOENT ? 0 : r;
}

/* a unit that only the system made known, not a file */
static bool needs_no_file(const struct unit *u)
{
	return u->type->no_files || u->transient || u->perpetual;
}

static bool in_transient_dir(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash && slash - path > 10 && strncmp(slash - 10, "/transient", 10) == 0;
}

/* 0: go on; 1: @u is gone; -ENOENT: no file, and drop-ins and links alone do not make a unit; -errno */
static int find_files(struct unit *u)
{
	struct lookup_result res = { 0 };
	int r = u->set->paths ? lookup_find(u->set->paths, u->id, &res) : 0;

	if (r == -ELOOP)
		fail(u, UNIT_LOAD_ERROR, r, "its aliases lead in a circle");
	if (r < 0 || !u->set->paths)
		return r;
	r = adopt_names(u, &res);
	if (r == 0) {
		u->fragment_path = TAKE_PTR(res.fragment);
		u->transient |= in_transient_dir(u->fragment_path);
		u->dropin_paths = TAKE_PTR(res.dropins);
		if (res.masked) {
			strv_free(TAKE_PTR(u->dropin_paths));
			fail(u, UNIT_MASKED, -ESHUTDOWN, "it is masked");
			note_stamp(u, u->fragment_path);
		} else if (!u->fragment_path && !needs_no_file(u)) {
			strv_free(TAKE_PTR(u->dropin_paths));
			r = -ENOENT;
		} else {
			r = add_links(u, DEP_WANTS, res.wants);
			if (r == 0)
				r = add_links(u, DEP_REQUIRES, res.requires);
			if (r == 0)
				r = add_links(u, DEP_UPHOLDS, res.upholds);
		}
	}
	lookup_result_done(&res);
	return r;
}

static void finish(struct unit *u, int r)
{
	switch (r) {
	case 0:
		u->load_state = UNIT_LOADED;
		return;
	case -ENOEXEC: case -EINVAL:
		fail(u, UNIT_BAD_SETTING, r, "a setting of its file is wrong");
		return;
	case -ENOENT:
		fail(u, UNIT_NOT_FOUND, r, "no file of this name was found");
		return;
	default:
		fail(u, UNIT_LOAD_ERROR, r, strerror(-r));
	}
}

/* only one unit can be what everything else is stopped for */
static int check_isolates(struct unit *u, const struct key_place *at)
{
	static const enum dep_kind kinds[] = { DEP_ON_FAILURE, DEP_ON_SUCCESS };
	const int modes[] = { u->on_failure_job_mode, u->on_success_job_mode };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct dep *first = unit_next_dep(u, kinds[i], NULL);

		if (modes[i] != IPC_JOB_MODE_ISOLATE || !first || !unit_next_dep(u, kinds[i], first))
			continue;
		diag(at->sink, DIAG_ERROR, at->file, 0, 0, "more than one %s= unit cannot be isolated", dep_name(kinds[i]));
		return -ENOEXEC;
	}
	return 0;
}

/* its files were read with result @r: the type's turn */
static void settle(struct unit *u, int r)
{
	struct key_place at = { .unit = u, .sink = u->set->sink, .key = "" };

	at.file = u->fragment_path ? u->fragment_path : u->id;
	at.section = u->type->section ? u->type->section : "Unit";
	if (r == 0)
		r = check_isolates(u, &at);
	if (r == 0 && u->type->load)
		r = u->type->load(u, &at);
	finish(u, r);
	if (r == 0 && mounts_add_deps(u) < 0)
		fail(u, UNIT_LOAD_ERROR, -ENOMEM, strerror(ENOMEM));
}

void load_unit(struct unit *u)
{
	int r = find_files(u);

	if (r == 1 || u->load_state == UNIT_MASKED || u->load_state == UNIT_LOAD_ERROR)
		return;
	if (r == 0)
		r = read_files(u);
	if (r == 0 && !u->fragment_path && !needs_no_file(u))
		r = -ENOENT;            /* a set without a search path */
	settle(u, r);
}

void load_text(struct unit *u, const char *file, const char *text, size_t n)
{
	struct unit_reader rd = { .handler = { read_assignment, read_section, u->set->sink }, .unit = u };
	int r;

	u->set->loading++;
	r = conf_parse(file, text, n, &rd.handler);
	settle(u, r < 0 && r != -EFBIG ? r : rd.fatal);
	u->set->loading--;
}

int settings_apply(struct unit *u, const char *file, const char *text, size_t n, struct diag_sink *sink)
{
	struct unit_reader rd = { .handler = { read_assignment, read_section, sink }, .unit = u };
	int r = conf_parse(file, text, n, &rd.handler);

	return r < 0 && r != -EFBIG ? r : rd.fatal;
}
