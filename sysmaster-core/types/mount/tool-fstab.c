/*
 * tool-fstab.c - for tests: what units and dependencies come of the search path and of /etc/fstab, a line each
 *
 * $SYSMASTER_UNIT_PATH and $SYSMASTER_FSTAB say where from. integration/tests/unit-fstab compares what our mounts make of a file
 * with what systemd-fstab-generator writes for it.
 */
#include <stdio.h>
#include "types/automount/automount.h"
#include "types/mount/mount.h"
#include "unit/name.h"
#include "unit/path.h"
#include "unit/unit.h"

extern const struct unit_type unit_type_mount, unit_type_swap, unit_type_automount, unit_type_device, unit_type_target, unit_type_service, unit_type_slice;
static const struct unit_type *const types[] = {
	&unit_type_mount, &unit_type_swap, &unit_type_automount, &unit_type_device, &unit_type_target, &unit_type_service, &unit_type_slice,
};

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	fprintf(stderr, "%s:%u:%u: %s\n", file, line, column, text);
}

static bool is_type(const struct unit *u, const char *type) { return u->load_state != UNIT_MERGED && streq(u->type->name, type); }
static void line(const struct unit *u, const char *name, const char *value)
{
	if (value && *value)
		printf("%s %s=%s\n", u->id, name, value);
}

static void span(const struct unit *u, const char *name, uint64_t usec)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	value_format_sec(usec, &b);
	line(u, name, buf_str(&b));
}

static void say_settings(const struct unit *u)
{
	const struct mount_unit *m = MOUNT(u);

	if (is_type(u, "mount")) {
		line(u, "What", m->file.what);
		line(u, "Where", m->where);
		line(u, "Type", m->file.type);
		line(u, "Options", m->file.options);
		line(u, "ReadWriteOnly", m->read_write_only ? "yes" : "no");
		span(u, "TimeoutUSec", m->timeout_usec);
	} else if (is_type(u, "automount")) {
		line(u, "Where", AUTOMOUNT(u)->where);
		span(u, "TimeoutIdleUSec", AUTOMOUNT(u)->idle_usec);
	} else if (is_type(u, "device")) {
		span(u, "JobRunningTimeoutUSec", u->job_running_timeout_usec);
	}
}

static void say(const struct unit *u)
{
	bool ours = is_type(u, "mount") || is_type(u, "swap") || is_type(u, "automount");

	if (u->load_state == UNIT_LOADED && (ours || is_type(u, "device")))
		say_settings(u);
	for (struct dep *d = u->deps; d < u->deps + u->n_deps; d++)
		for (unsigned k = 0; k < N_DEP_KINDS; k++)
			if (d->kinds & DEP_BIT(k) && (ours || streq(name_suffix(u->id), "target")) && k != DEP_REFERENCES && k != DEP_REFERENCED_BY)
				printf("%s %s=%s\n", u->id, dep_name((enum dep_kind)k), d->other->id);
}

int main(void)
{
	static struct unit_host host = { .default_timeout_start_usec = 90 * USEC_PER_SEC };
	static struct diag_sink sink = { report };
	_cleanup_(lookup_freep) struct lookup *paths = NULL;
	_cleanup_(unit_set_freep) struct unit_set *set = NULL;
	_cleanup_(strv_freep) char **names = NULL;
	int r = lookup_new(&paths, LOOKUP_SYSTEM, "");
	struct unit *u;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		unit_type_register(types[i]);
	if (r >= 0)
		r = unit_set_new(&set, paths, &host, &sink);
	if (r >= 0)
		r = lookup_list(paths, &names);
	if (r >= 0)
		r = mount_stub_fstab(set);
	if (r >= 0)
		r = unit_stub(set, "-.mount", &u);             /* as core does */
	for (char **n = names; r >= 0 && n && *n; n++)
		if (!name_is_template(*n))
			r = unit_stub(set, *n, &u);
	if (r < 0)
		return 1;
	unit_load_pending(set);
	for (u = unit_set_first(set); u; u = u->set_next)
		say(u);
	return 0;
}
