/* resources.c - clean, freeze, thaw: what a unit has on disk and in its control group; done here, core only tells where it is */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include "exec/below.h"
#include "query.h"
#include "within.h"
#include "verb.h"

#define FREEZE_MSEC 10000

/* ---- clean ---- */

enum { CLEAN_RUNTIME, CLEAN_STATE, CLEAN_CACHE, CLEAN_LOGS, CLEAN_CONFIGURATION, N_CLEANS };
static const struct { const char *name, *property, *below; } cleans[N_CLEANS] = {
	[CLEAN_RUNTIME] = { "runtime", "RuntimeDirectory", "/run" }, [CLEAN_STATE] = { "state", "StateDirectory", "/var/lib" },
	[CLEAN_CACHE] = { "cache", "CacheDirectory", "/var/cache" }, [CLEAN_LOGS] = { "logs", "LogsDirectory", "/var/log" },
	[CLEAN_CONFIGURATION] = { "configuration", "ConfigurationDirectory", "/etc" },
};

/* bits of --what=; 1: help was printed */
static int read_what(struct sctl *s, unsigned *ret)
{
	*ret = s->o.what ? 0 : 1u << CLEAN_CACHE | 1u << CLEAN_RUNTIME;
	for (char **w = s->o.what; w && *w; w++) {
		size_t i = 0;

		if (streq(*w, "help")) {
			for (i = 0; i < N_CLEANS; i++)
				fprintf(s->out, "%s\n", cleans[i].name);
			return 1;
		}
		while (i < N_CLEANS && !streq(cleans[i].name, *w))
			i++;
		if (i == N_CLEANS && !streq(*w, "all")) {
			fprintf(s->err, "--what=%s: expected runtime, state, cache, logs, configuration or all.\n", *w);
			return -EINVAL;
		}
		*ret |= i < N_CLEANS ? 1u << i : (1u << N_CLEANS) - 1;
	}
	return 0;
}

static int remove_path(struct sctl *s, const char *below, const char *name, size_t n)
{
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/%.*s", below, (int)n, name);
	r = remove_below(AT_FDCWD, path);
	return r < 0 && r != -ENOENT ? link_fail(s, r, NULL, "remove", path), r : 0;
}

/* DIRECTORY or DIRECTORY:LINK...; with DynamicUser= the directory proper is in private/ */
static int remove_dirs(struct sctl *s, int kind, const char *list, bool dynamic)
{
	_cleanup_(freep) char *copy = strdup(list), *private = NULL;
	char *save = NULL;
	int r = 0;

	if (!copy || asprintf(&private, "%s/private", cleans[kind].below) < 0)
		return private = NULL, -ENOMEM;
	for (char *t = strtok_r(copy, " ", &save); t && r >= 0; t = strtok_r(NULL, " ", &save)) {
		char *colon = strchr(t, ':');
		size_t n = colon ? (size_t)(colon - t) : strlen(t);

		r = remove_path(s, cleans[kind].below, t, n);
		if (r >= 0 && dynamic)
			r = remove_path(s, private, t, n);
		if (r >= 0 && colon)
			r = remove_path(s, cleans[kind].below, colon + 1, strlen(colon + 1));
	}
	return r;
}

static int clean_timer(struct sctl *s, const char *unit)
{
	char name[NAME_MAX];

	snprintf(name, sizeof(name), "stamp-%s", unit);
	return remove_path(s, "/var/lib/systemd/timers", name, strlen(name));
}

struct cleaning { struct sctl *s; const struct ipc_properties_reply *p; unsigned what; };

static int clean_dirs(void *arg)
{
	const struct cleaning *c = arg;
	bool dynamic = streq(query_value(c->p, "DynamicUser"), "yes");
	int r = 0;

	for (int i = 0; i < N_CLEANS && r >= 0; i++)
		if (c->what & 1u << i)
			r = remove_dirs(c->s, i, query_value(c->p, cleans[i].property), dynamic);
	return r;
}

/* TimeoutCleanSec= */
static int clean_in_time(struct sctl *s, const char *unit, const struct ipc_properties_reply *p, unsigned what)
{
	struct cleaning c = { s, p, what };
	uint64_t limit = USEC_INFINITY;
	int r;

	value_sec(query_value(p, "TimeoutCleanUSec"), 1, &limit);       /* none: a type without directories */
	r = within(limit, clean_dirs, &c);
	return r == -ETIME ? link_fail(s, r, "it took longer than TimeoutCleanSec=, and is half done", "clean unit", unit), r : r;
}

static int clean_one(struct sctl *s, const char *unit, unsigned what)
{
	struct ipc_properties_reply p;
	const char *error, *active;
	bool any = false;
	int r = query_unit(s, unit, NULL, 0, &p, &error);

	if (r < 0)
		return link_fail(s, r, error, "clean unit", unit);
	if (streq(query_value(&p, "LoadState"), "not-found"))
		return link_fail(s, -ENOENT, "no such unit", "clean unit", unit);
	active = query_value(&p, "ActiveState");
	if ((!streq(active, "inactive") && !streq(active, "failed")) || *query_value(&p, "Job"))
		return link_fail(s, -EBUSY, "the unit is not inactive, or has a job", "clean unit", unit);
	if (endswith(unit, ".timer") && *query_value(&p, "CanClean") && what & 1u << CLEAN_STATE) {
		any = true;
		r = clean_timer(s, unit);
	}
	for (int i = 0; i < N_CLEANS; i++)
		any |= what & 1u << i && *query_value(&p, cleans[i].property);
	if (!any)
		return link_fail(s, -ENODATA, "it has nothing of the kind", "clean unit", unit);
	if (r >= 0)
		r = clean_in_time(s, unit, &p, what);
	return r < 0 ? SCTL_FAILURE : SCTL_OK;
}

int verb_clean(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(strv_freep) char **names = NULL;
	int status = SCTL_OK, r;
	unsigned what;

	r = read_what(s, &what);
	if (r != 0)
		return r < 0 ? SCTL_FAILURE : SCTL_OK;
	if (n == 0) {
		fprintf(s->err, "Too few arguments.\n");
		return SCTL_FAILURE;
	}
	if (query_names(s, words, n, ".service", &names) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; names && names[i]; i++) {
		int one = clean_one(s, names[i], what);

		status = status == SCTL_OK ? one : status;
	}
	return status;
}

/* ---- freeze, thaw ---- */

/* the kernel freezes one process after the other: wait until it has done, or undone, all */
static int wait_frozen(const char *dir, bool frozen)
{
	const char *wanted = frozen ? "frozen 1" : "frozen 0";
	char path[PATH_MAX + 16], text[256];

	snprintf(path, sizeof(path), "%s/cgroup.events", dir);
	for (int i = 0; i < FREEZE_MSEC; i++) {
		_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

		if (n < 0)
			return -errno;
		text[n] = '\0';
		if (strstr(text, wanted))
			return 0;
		usleep(1000);
	}
	return -ETIMEDOUT;
}

static int set_frozen(const char *root, const char *group, bool frozen)
{
	char dir[PATH_MAX], path[PATH_MAX + 16];

	if (!*root || !*group)
		return -EOPNOTSUPP;
	snprintf(dir, sizeof(dir), "%s%s", root, group);
	snprintf(path, sizeof(path), "%s/cgroup.freeze", dir);
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, frozen ? "1" : "0", 1) < 0)
		return errno == ENOENT ? -EOPNOTSUPP : -errno;
	return wait_frozen(dir, frozen);
}

static int freeze_one(struct sctl *s, const struct verb *v, const char *unit, const char *root)
{
	static const char *const names[] = { "LoadState", "ActiveState", "CanFreeze", "ControlGroup" };
	const char *error, *active, *why = NULL;
	struct ipc_properties_reply p;
	int r = query_unit(s, unit, names, ARRAY_SIZE(names), &p, &error);

	if (r < 0)
		return link_fail(s, r, error, v->name, unit);
	active = query_value(&p, "ActiveState");
	if (streq(query_value(&p, "LoadState"), "not-found"))
		why = "no such unit";
	else if (!streq(query_value(&p, "CanFreeze"), "yes"))
		why = "units of this type cannot be frozen";
	else if (streq(active, "inactive") || streq(active, "failed"))
		why = "the unit is inactive";
	if (why)
		return link_fail(s, -EINVAL, why, v->name, unit);
	r = set_frozen(root, query_value(&p, "ControlGroup"), v->arg);
	return r < 0 ? link_fail(s, r, r == -EOPNOTSUPP ? "its control group cannot be frozen" : NULL, v->name, unit) : SCTL_OK;
}

int verb_freeze(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(strv_freep) char **names = NULL;
	_cleanup_(freep) char *root = NULL;
	struct ipc_manager_status m;
	struct ipc_empty req = { 0 };
	const char *error;
	int status = SCTL_OK, r;

	if (query_names(s, words, n, ".service", &names) < 0)
		return SCTL_FAILURE;
	r = link_call(s, IPC_CORE_STATUS, &req, &m, &error);
	root = r < 0 ? NULL : strdup(m.cgroup_root);
	if (!root)
		return link_fail(s, r < 0 ? r : -ENOMEM, error, v->name, NULL);
	for (size_t i = 0; names && names[i]; i++) {
		int one = freeze_one(s, v, names[i], root);

		status = status == SCTL_OK ? one : status;
	}
	return status;
}
