/* path.c - path units: start a unit when something appears or changes in the file system; systemd.path(5), inotify(7) */
#include <dirent.h>
#include <glob.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include "core.ipc.h"
#include "log.h"
#include "state.ipc.h"
#include "types/common.h"
#include "types/control.h"
#include "unit/name.h"
#include "unit/specifier.h"

#define RECHECK_USEC (1 * USEC_PER_SEC)

enum path_state { PATH_DEAD, PATH_WAITING, PATH_RUNNING, PATH_FAILED, N_PATH_STATES };
enum path_kind { PATH_EXISTS, PATH_EXISTS_GLOB, PATH_CHANGED, PATH_MODIFIED, PATH_NOT_EMPTY, N_PATH_KINDS };
enum { PATH_RES_UNIT_START_LIMIT_HIT = N_CONTROL_RESULTS, PATH_RES_TRIGGER_LIMIT_HIT, N_PATH_RESULTS };

struct path_spec {                      /* one line */
	struct path_spec *next;
	enum path_kind kind;
	char *path;
	bool existed;                   /* when last looked at */
	int wd;                         /* the watch of the path itself; -1: it is not there */
};

struct path_unit {
	struct unit u;

	/* settings */
	struct path_spec *specs;
	char *unit;
	bool make_directory;
	mode_t directory_mode;
	uint64_t trigger_interval_usec;
	unsigned trigger_burst;

	/* run time, in the state store */
	enum path_state state;
	unsigned result;
	struct rate triggers;

	/* not kept */
	char *unit_name;
	struct source watch;            /* inotify; the fd is ours while it is >= 0 */
	struct timer recheck;
	bool *saved;
};

static struct path_unit *PATH(const struct unit *u) { return (struct path_unit *)u; }
static void enter_waiting(struct path_unit *p, bool initial, bool after_trigger);
static int recheck(struct timer *t);

static const struct { const char *name; enum unit_active_state active; } states[N_PATH_STATES] = {
	[PATH_DEAD] = { "dead", UNIT_INACTIVE }, [PATH_WAITING] = { "waiting", UNIT_ACTIVE }, [PATH_RUNNING] = { "running", UNIT_ACTIVE },
	[PATH_FAILED] = { "failed", UNIT_FAILED },
};

static const char *result_name(unsigned r)
{
	return r == PATH_RES_UNIT_START_LIMIT_HIT ? "unit-start-limit-hit" : r == PATH_RES_TRIGGER_LIMIT_HIT ? "trigger-limit-hit" : control_result_name(r) ?: "?";
}

/* ---- rows ---- */

static void clear_specs(const struct key *k, void *field)
{
	for (struct path_spec *s; (s = *(struct path_spec **)field);) {
		*(struct path_spec **)field = s->next;
		free(s->path);
		free(s);
	}
}

/* any of the lines, empty, resets all of them */
static int parse_spec(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct path_spec **end = field, *s;
	_cleanup_(freep) char *text = NULL;
	size_t bad_at;
	int r;

	if (!value[0]) {
		clear_specs(k, field);
		return 0;
	}
	r = specifier_expand(at->unit, value, &text, &bad_at);
	if (r < 0)
		return key_bad_at(at, (unsigned)bad_at, "this specifier cannot be resolved");
	if (text[0] != '/')
		return key_bad(at, "an absolute path is expected, not \"%s\"", text);
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->kind = (enum path_kind)k->arg;
	s->path = path_simplify(TAKE_PTR(text));
	s->wd = -1;
	while (*end)
		end = &(*end)->next;
	*end = s;
	return 0;
}
static const struct key_kind kind_spec = { "path", parse_spec, NULL, clear_specs };

#define F(field) offsetof(struct path_unit, field)

static const struct key rows[] = {
	{ "DirectoryMode", &kind_mode, F(directory_mode), 0, NULL, "Access mode of directories made by MakeDirectory=." },
	{ "DirectoryNotEmpty", &kind_spec, F(specs), PATH_NOT_EMPTY, "", "Start the unit while the directory holds something." },
	{ "MakeDirectory", &kind_bool, F(make_directory), 0, NULL, "Make the directories to be watched when the unit starts." },
	{ "PathChanged", &kind_spec, F(specs), PATH_CHANGED, "", "Start the unit when the file was changed and closed, or came or went." },
	{ "PathExists", &kind_spec, F(specs), PATH_EXISTS, "", "Start the unit while the path exists." },
	{ "PathExistsGlob", &kind_spec, F(specs), PATH_EXISTS_GLOB, "", "Start the unit while a path of this pattern exists." },
	{ "PathModified", &kind_spec, F(specs), PATH_MODIFIED, "", "As PathChanged=, and on each write." },
	{ "TriggerLimitBurst", &kind_unsigned, F(trigger_burst), 0, NULL, "How many activations TriggerLimitIntervalSec= allows; 0: any number." },
	{ "TriggerLimitIntervalSec", &kind_sec, F(trigger_interval_usec), 0, "TriggerLimitIntervalUSec", "Interval in which activations are counted; beyond the limit the unit fails." },
	{ "Unit", &kind_trigger, F(unit), 0, "", "What is started; the service of the unit's own name by default." },
};
static const struct key_group groups[] = { { .section = "Path", .rows = rows, .n_rows = ARRAY_SIZE(rows) } };

/* ---- loading ---- */

static void path_init(struct unit *u)
{
	struct path_unit *p = PATH(u);

	p->make_directory = false;
	p->directory_mode = 0755;
	p->trigger_interval_usec = 2 * USEC_PER_SEC;
	p->trigger_burst = 200;
	if (!u->reloading)
		p->watch.fd = -1;
}

static int path_load(struct unit *u, const struct key_place *at)
{
	struct path_unit *p = PATH(u);
	int r = 0;

	if (!p->specs)
		return type_bad(at, "a path unit needs something to watch (PathExists=, PathChanged= ...)");
	free(TAKE_PTR(p->unit_name));
	if (p->unit)
		r = (p->unit_name = strdup(p->unit)) ? 0 : -ENOMEM;
	else
		r = name_change_suffix(u->id, "service", &p->unit_name);
	if (r >= 0)
		r = type_two_deps(u, DEP_BEFORE, DEP_TRIGGERS, p->unit_name, DEP_IMPLICIT);
	for (struct path_spec *s = p->specs; s && r >= 0; s = s->next)
		r = unit_require_mounts_for(u, s->path);
	if (r >= 0 && u->default_dependencies) {
		r = type_dep(u, DEP_BEFORE, "paths.target", DEP_DEFAULT);
		if (r >= 0)
			r = type_early_deps(u);
		if (r >= 0)
			r = type_shutdown_deps(u);
	}
	if (r >= 0 && u->reloading && p->state == PATH_WAITING)         /* the lines are others now; looked at once all units are loaded */
		r = timer_set(unit_host(u)->loop, &p->recheck, now_usec(CLOCK_BOOTTIME), recheck);
	return MIN(r, 0);
}

/* ---- looking ---- */

static bool holds_something(const char *path)
{
	DIR *d = opendir(path);
	bool found = false;

	for (struct dirent *e; d && !found && (e = readdir(d));)
		found = !streq(e->d_name, ".") && !streq(e->d_name, "..");
	if (d)
		closedir(d);
	return found;
}

static bool matches(const char *pattern)
{
	glob_t g;
	bool found = glob(pattern, GLOB_NOSORT | GLOB_BRACE, NULL, &g) == 0 && g.gl_pathc > 0;

	globfree(&g);
	return found;
}

static bool spec_good(struct path_spec *s, bool compare)
{
	bool exists;

	switch (s->kind) {
	case PATH_EXISTS:
		return access(s->path, F_OK) == 0;
	case PATH_EXISTS_GLOB:
		return matches(s->path);
	case PATH_NOT_EMPTY:
		return holds_something(s->path);
	case PATH_CHANGED:
	case PATH_MODIFIED:
		exists = access(s->path, F_OK) == 0;
		if (exists != s->existed) {
			s->existed = exists;
			return compare;
		}
		return false;
	case N_PATH_KINDS:
		break;
	}
	return false;
}

static const char *find_good(struct path_unit *p, bool compare)
{
	const char *good = NULL;

	for (struct path_spec *s = p->specs; s; s = s->next)
		if (spec_good(s, compare) && !good)
			good = s->path;
	return good;
}

/* ---- watching ---- */

static void unwatch(struct path_unit *p)
{
	source_del(&p->watch);
	closep(&p->watch.fd);
	for (struct path_spec *s = p->specs; s; s = s->next)
		s->wd = -1;
}

/* Every directory on the way may move away; the last one that is there may get the next. */
static int watch_spec(struct path_unit *p, struct path_spec *s)
{
	static const uint32_t masks[N_PATH_KINDS] = {
		[PATH_EXISTS] = IN_ATTRIB, [PATH_EXISTS_GLOB] = IN_ATTRIB | IN_CREATE | IN_MOVED_TO, [PATH_NOT_EMPTY] = IN_ATTRIB | IN_CREATE | IN_MOVED_TO,
		[PATH_CHANGED] = IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO,
		[PATH_MODIFIED] = IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY,
	};
	_cleanup_(freep) char *path = strdup(s->path);

	if (!path)
		return -ENOMEM;
	if (s->kind == PATH_EXISTS_GLOB && path[strcspn(path, "*?[{")]) {      /* up to the first directory with a pattern */
		path[strcspn(path, "*?[{")] = '\0';
		*(strrchr(path, '/') + 1) = '\0';
	}
	for (size_t i = 1;; i++) {                      /* "/", "/a", "/a/b" ... */
		char keep = path[i];
		bool whole = !keep || (keep == '/' && !path[i + 1]);
		int wd;

		if (i > 1 && keep && keep != '/')
			continue;
		path[i] = '\0';
		wd = inotify_add_watch(p->watch.fd, path, (whole ? masks[s->kind] : IN_CREATE | IN_MOVED_TO | IN_ATTRIB) | IN_DELETE_SELF | IN_MOVE_SELF | IN_MASK_ADD);
		path[i] = keep;
		if (wd < 0)
			return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -errno;
		if (whole) {
			s->wd = wd;
			return 0;
		}
	}
}

static int watch_fire(struct source *src, uint32_t events);

static int watch(struct path_unit *p)
{
	int r = 0;

	unwatch(p);
	p->watch.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (p->watch.fd < 0)
		return -errno;
	for (struct path_spec *s = p->specs; s && r >= 0; s = s->next)
		r = watch_spec(p, s);
	return r < 0 ? r : source_add(unit_host(&p->u)->loop, &p->watch, p->watch.fd, EPOLLIN, watch_fire);
}

/* ---- state ---- */

/* the only writer of ->state */
static void set_state(struct path_unit *p, enum path_state to)
{
	enum path_state from = p->state;

	if (to != PATH_WAITING)
		unwatch(p);
	if (to != PATH_RUNNING)
		timer_del(&p->recheck);
	if (from == to) {
		unit_dirty(&p->u);
		return;
	}
	p->state = to;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", p->u.id), F_STR("FROM", states[from].name), F_STR("TO", states[to].name));
	unit_changed(&p->u, false);
}

static void die(struct path_unit *p, unsigned f)
{
	if (p->result == RESULT_SUCCESS)
		p->result = f;
	if (p->result != RESULT_SUCCESS)
		log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", p->u.id), F_STR("RESULT", result_name(p->result)));
	set_state(p, p->result == RESULT_SUCCESS ? PATH_DEAD : PATH_FAILED);
}

static struct unit *unit_of(const struct path_unit *p) { return p->unit_name ? unit_get(p->u.set, p->unit_name) : NULL; }

static bool trigger_allowed(struct path_unit *p)
{
	return rate_below(&p->triggers, now_usec(CLOCK_BOOTTIME), p->trigger_interval_usec, p->trigger_burst);
}

static void follow(struct path_unit *p)
{
	const struct unit *u = unit_of(p);

	if (p->state != PATH_RUNNING)
		return;
	if (u && u->start_limit_hit)
		die(p, PATH_RES_UNIT_START_LIMIT_HIT);
	else if (u && !unit_is_inactive_or_failed(u))
		timer_del(&p->recheck);
	else if (!u || !u->job)
		enter_waiting(p, false, true);
}

static int recheck(struct timer *t)
{
	struct path_unit *p = container_of(t, struct path_unit, recheck);

	if (p->state == PATH_WAITING) {                 /* after a reload */
		enter_waiting(p, true, false);
		return 0;
	}
	follow(p);
	return 0;
}

/* what it is started for: systemd.exec(5) TRIGGER_PATH */
static void tell(struct unit *u, const struct path_unit *p, const char *path)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	if (!unit_is_inactive_or_failed(u) || strchr(path, '\n'))
		return;
	buf_addf(&b, "TRIGGER_PATH=%s\nTRIGGER_UNIT=%s\n", path, p->u.id);
	unit_set_trigger(u, buf_str(&b));
}

static void trigger(struct path_unit *p, const char *path)
{
	struct unit *u = unit_of(p);
	int r;

	if (p->u.job && states[p->state].active == UNIT_ACTIVE)
		return;                                 /* about to stop */
	if (!trigger_allowed(p)) {
		log_event(LOG_ERR, "PATH_TRIGGER_LIMIT", "activated too often, giving up", F_STR("UNIT", p->u.id), F_STR("PATH", path));
		die(p, PATH_RES_TRIGGER_LIMIT_HIT);
		return;
	}
	r = u ? unit_host(&p->u)->submit(u, IPC_JOB_TYPE_START, IPC_JOB_MODE_REPLACE) : -ENOENT;
	if (r < 0) {
		log_event(LOG_WARNING, "PATH_START", "cannot start the unit", F_STR("UNIT", p->u.id), F_STR("STARTS", p->unit_name ?: ""), F_ERRNO(r));
		die(p, RESULT_RESOURCES);
		return;
	}
	tell(u, p, path);
	timer_del(&p->recheck);
	set_state(p, PATH_RUNNING);                     /* the end of its job is told, whatever comes of it */
}

static void enter_waiting(struct path_unit *p, bool initial, bool after_trigger)
{
	const char *good = find_good(p, !initial && !after_trigger);
	int r = 0;

	if (!good) {
		r = watch(p);
		good = find_good(p, !initial && !after_trigger);        /* what came before the watch stood */
	}
	if (r < 0) {
		log_event(LOG_WARNING, "PATH_WATCH", "paths cannot be watched", F_STR("UNIT", p->u.id), F_ERRNO(r));
		die(p, RESULT_RESOURCES);
	} else if (good) {
		trigger(p, good);
	} else {
		set_state(p, PATH_WAITING);
	}
}

static int watch_fire(struct source *src, uint32_t events)
{
	struct path_unit *p = container_of(src, struct path_unit, watch);
	_Alignas(struct inotify_event) char mem[8192];
	const char *changed = NULL;
	ssize_t n = read(src->fd, mem, sizeof(mem));

	for (ssize_t i = 0; i < n;) {
		const struct inotify_event *e = (const struct inotify_event *)(mem + i);

		for (struct path_spec *s = p->specs; s; s = s->next)
			if ((s->kind == PATH_CHANGED || s->kind == PATH_MODIFIED) && s->wd == e->wd && s->wd >= 0)
				changed = s->path;
		i += (ssize_t)(sizeof(*e) + e->len);
	}
	if (p->state != PATH_WAITING)
		return 0;
	if (changed) {
		find_good(p, false);                    /* what is there now is known */
		trigger(p, changed);
	} else {
		enter_waiting(p, false, false);
	}
	return 0;
}

/* ---- wishes ---- */

static void make_directories(struct path_unit *p)
{
	for (struct path_spec *s = p->specs; p->make_directory && s; s = s->next) {
		if (s->kind == PATH_EXISTS || s->kind == PATH_EXISTS_GLOB)
			continue;
		for (char *slash = strchr(s->path + 1, '/');; slash = strchr(slash + 1, '/')) {
			if (slash)
				*slash = '\0';
			if (mkdir(s->path, p->directory_mode) < 0 && errno != EEXIST)
				log_event(LOG_WARNING, "PATH_MKDIR", "a directory cannot be made", F_STR("UNIT", p->u.id), F_STR("PATH", s->path), F_ERRNO(-errno));
			if (!slash)
				break;
			*slash = '/';
		}
	}
}

static int path_start(struct unit *u)
{
	struct path_unit *p = PATH(u);
	const struct unit *other = unit_of(p);

	if (states[p->state].active == UNIT_ACTIVE)
		return -EALREADY;
	if (!other || other->load_state != UNIT_LOADED) {
		log_event(LOG_ERR, "PATH_UNIT", "the unit to be started does not exist", F_STR("UNIT", u->id), F_STR("STARTS", p->unit_name ?: ""));
		return -ENOENT;
	}
	if (unit_start_limit_hit(u)) {
		p->result = RESULT_START_LIMIT_HIT;
		set_state(p, PATH_FAILED);
		return -ECANCELED;
	}
	make_directories(p);
	p->result = RESULT_SUCCESS;
	p->triggers = (struct rate){ 0 };
	unit_new_invocation(u);
	enter_waiting(p, true, false);
	return 0;
}

static int path_stop(struct unit *u)
{
	if (states[PATH(u)->state].active != UNIT_ACTIVE)
		return -EALREADY;
	die(PATH(u), RESULT_SUCCESS);
	return 0;
}

static void path_trigger_notify(struct unit *u, struct unit *other)
{
	if (other == unit_of(PATH(u)))
		follow(PATH(u));
}

static void path_reset_failed(struct unit *u)
{
	PATH(u)->result = RESULT_SUCCESS;
	if (PATH(u)->state == PATH_FAILED)
		set_state(PATH(u), PATH_DEAD);
}

/* ---- queries and the state store ---- */

static enum unit_active_state path_active(const struct unit *u) { return states[PATH(u)->state].active; }
static const char *path_sub(const struct unit *u) { return states[PATH(u)->state].name; }

/* the last line first, as systemctl shows them */
static void add_specs(const struct path_spec *s, struct buf *b)
{
	static const char *const names[] = { "PathExists", "PathExistsGlob", "PathChanged", "PathModified", "DirectoryNotEmpty" };

	if (!s)
		return;
	add_specs(s->next, b);
	buf_addf(b, "%s%s (%s)", b->len ? "\n" : "", s->path, names[s->kind]);
}

static void path_properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	const struct path_unit *p = PATH(u);
	struct buf b = { 0 };

	add_specs(p->specs, &b);
	put(arg, "Paths", buf_str(&b) ?: "");
	buf_finish(&b);
	put(arg, "Unit", p->unit_name ?: "");
	put(arg, "Result", result_name(p->result));
}

static void path_save(const struct unit *u, void *rec)
{
	struct path_unit *p = PATH(u);
	size_t n = 0;

	for (const struct path_spec *s = p->specs; s; s = s->next)
		n++;
	free(p->saved);
	p->saved = calloc(n + 1, sizeof(bool));
	n = 0;
	for (const struct path_spec *s = p->specs; s && p->saved; s = s->next)
		p->saved[n++] = s->existed;
	*(struct ipc_path_state *)rec = (struct ipc_path_state){
		.state = p->state, .result = p->result, .trigger_begin_usec = p->triggers.begin_usec, .trigger_count = p->triggers.n,
		.existed = p->saved, .n_existed = n,
	};
}

static int path_restore(struct unit *u, const void *rec)
{
	struct path_unit *p = PATH(u);
	const struct ipc_path_state *r = rec;

	if (r->state >= N_PATH_STATES || r->result >= N_PATH_RESULTS)
		return -EBADMSG;
	p->state = (enum path_state)r->state;
	p->result = r->result;
	p->triggers = (struct rate){ r->trigger_begin_usec, r->trigger_count };
	size_t i = 0;

	for (struct path_spec *s = p->specs; s && i < r->n_existed; s = s->next)
		s->existed = r->existed[i++];
	return 0;
}

/* What appeared or vanished while core was away is seen by comparison; writes of that time are not. */
static int path_coldplug(struct unit *u)
{
	struct path_unit *p = PATH(u);

	if (p->state == PATH_WAITING)
		enter_waiting(p, false, false);
	else if (p->state == PATH_RUNNING)
		return timer_set(unit_host(u)->loop, &p->recheck, now_usec(CLOCK_BOOTTIME) + RECHECK_USEC, recheck);
	return 0;
}

static void path_done(struct unit *u)
{
	struct path_unit *p = PATH(u);

	source_del(&p->watch);
	closep(&p->watch.fd);
	timer_del(&p->recheck);
	free(p->unit_name);
	free(p->saved);
}

const struct unit_type unit_type_path = {
	.abi = UNIT_TYPE_ABI,
	.name = "path",
	.can_transient = true,
	.section = "Path",
	.size = sizeof(struct path_unit),
	.groups = groups,
	.n_groups = ARRAY_SIZE(groups),
	.init = path_init,
	.load = path_load,
	.done = path_done,
	.active = path_active,
	.sub = path_sub,
	.start = path_start,
	.stop = path_stop,
	.trigger_notify = path_trigger_notify,
	.reset_failed = path_reset_failed,
	.state_desc = &ipc_path_state_desc,
	.save = path_save,
	.restore = path_restore,
	.coldplug = path_coldplug,
	.properties = path_properties,
};
