/* swap.c - swap units: swap space that the kernel uses, by unit file, /etc/fstab or of its own; systemd.swap(5) */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include "cgroup/cgroup.h"
#include "cgroup/context.h"
#include "log.h"
#include "state.ipc.h"
#include "types/common.h"
#include "types/control.h"
#include "types/mount/fstab.h"
#include "types/mount/mountinfo.h"
#include "types/swap.h"
#include "unit/name.h"

#define SWAPON_PROGRAM "/sbin/swapon"
#define SWAPOFF_PROGRAM "/sbin/swapoff"
#define TABLE_MAX (1u << 20)

enum swap_state {
	SWAP_DEAD, SWAP_ACTIVATING, SWAP_ACTIVATING_DONE, SWAP_ACTIVE, SWAP_DEACTIVATING, SWAP_DEACTIVATING_SIGTERM, SWAP_DEACTIVATING_SIGKILL,
	SWAP_FAILED, N_SWAP_STATES
};
enum { SWAP_ROLE_CONTROL = 1, SWAP_ROLE_CLEAN };

struct swap {
	struct unit u;
	struct exec_context exec;
	struct kill_context kill;
	struct cgroup_context cgroup;

	/* settings */
	char *what, *options;
	int priority;                   /* -1: the kernel's choice */
	uint64_t timeout_usec;

	/* run time; state and result in the state store */
	enum swap_state state;
	unsigned result;
	struct control control;
	struct command *command;        /* the last one made; owned */
	bool in_kernel;                 /* /proc/swaps has it */
	int kernel_priority;
};

static struct swap *SWAP(const struct unit *u) { return (struct swap *)u; }
extern const struct unit_type unit_type_swap;
static bool is_swap(const struct unit *u) { return u->type == &unit_type_swap && u->load_state != UNIT_MERGED; }

static struct table { struct unit_set *set; struct unit_host *host; struct source source; const char *path; } table = {
	.source = { .fd = -1 }, .path = "/proc/swaps",
};

static const struct { const char *name; enum unit_active_state active; } states[N_SWAP_STATES] = {
	[SWAP_DEAD] = { "dead", UNIT_INACTIVE },
	[SWAP_ACTIVATING] = { "activating", UNIT_ACTIVATING },
	[SWAP_ACTIVATING_DONE] = { "activating-done", UNIT_ACTIVE },
	[SWAP_ACTIVE] = { "active", UNIT_ACTIVE },
	[SWAP_DEACTIVATING] = { "deactivating", UNIT_DEACTIVATING },
	[SWAP_DEACTIVATING_SIGTERM] = { "deactivating-sigterm", UNIT_DEACTIVATING },
	[SWAP_DEACTIVATING_SIGKILL] = { "deactivating-sigkill", UNIT_DEACTIVATING },
	[SWAP_FAILED] = { "failed", UNIT_FAILED },
};

#define F(field) offsetof(struct swap, field)

static const struct key rows[] = {
	{ "Options", &kind_string, F(options), 0, NULL, "Options for swapon(8), separated by commas." },
	{ "Priority", &kind_int, F(priority), 0, NULL, "Swap of higher priority is used first; -1 leaves it to the kernel." },
	{ "TimeoutSec", &kind_sec_zero_inf, F(timeout_usec), 0, "TimeoutUSec", "How long swapon(8) or swapoff(8) may take." },
	{ "What", &kind_path, F(what), 0, NULL, "Device or file to swap to; must agree with the unit's name." },
};
static const struct key_group groups[] = {
	{ .section = "Swap", .rows = rows, .n_rows = ARRAY_SIZE(rows) },
	{ .section = "Swap", .rows = exec_keys, .n_rows_at = &n_exec_keys, .base = offsetof(struct swap, exec) },
	{ .section = "Swap", .rows = kill_keys, .n_rows_at = &n_kill_keys, .base = offsetof(struct swap, kill) },
	{ .section = "Swap", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = offsetof(struct swap, cgroup) },
};

/* ---- state ---- */

static bool has_process(enum swap_state s) { return s != SWAP_DEAD && s != SWAP_ACTIVE && s != SWAP_FAILED; }

/* the only writer of ->state */
static void set_state(struct swap *s, enum swap_state to)
{
	enum swap_state from = s->state;

	if (!has_process(to))
		control_finish(&s->control);
	if (from == to)
		return;
	s->state = to;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", s->u.id), F_STR("FROM", states[from].name), F_STR("TO", states[to].name));
	unit_changed(&s->u, false);
}

/* It rests: used or not, as the kernel says. */
static void settle(struct swap *s, unsigned f)
{
	if (s->result == RESULT_SUCCESS)
		s->result = f;
	if (s->in_kernel) {
		set_state(s, SWAP_ACTIVE);
		return;
	}
	control_clean(&s->control, SWAP_ROLE_CLEAN, &s->exec);
	if (s->result != RESULT_SUCCESS)
		log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", s->u.id), F_STR("RESULT", control_result_name(s->result)));
	set_state(s, s->result == RESULT_SUCCESS ? SWAP_DEAD : SWAP_FAILED);
}

/* ---- commands ---- */

static int run(struct swap *s, char **argv)             /* takes argv */
{
	struct command *c = calloc(1, sizeof(*c));
	int r = 0;

	if (!c || !argv || !(c->path = strdup(argv[0])))
		r = -ENOMEM;
	if (c)
		c->argv = argv;
	else
		strv_free(argv);
	if (r >= 0)
		r = control_spawn(&s->control, SWAP_ROLE_CONTROL, &s->exec, c, NULL);
	if (r < 0) {
		command_list_free(c);
		return r;
	}
	command_list_free(s->command);
	s->command = c;
	control_arm_in(&s->control, s->timeout_usec);
	return 0;
}

static int run_swapon(struct swap *s)
{
	static const char *const drop[] = { "nofail", "noauto", "auto", "sw", "defaults", NULL };
	_cleanup_(freep) char *options = option_without(s->options ?: "", drop);
	char **argv = NULL, number[16];
	int r = options ? strv_add(&argv, SWAPON_PROGRAM) : -ENOMEM;

	if (r >= 0 && options[0]) {
		r = strv_add(&argv, "-o");
		if (r >= 0)
			r = strv_add(&argv, options);
	}
	if (r >= 0 && s->priority >= 0) {
		snprintf(number, sizeof(number), "%d", s->priority);
		r = strv_add(&argv, "-p");
		if (r >= 0)
			r = strv_add(&argv, number);
	}
	if (r >= 0)
		r = strv_add(&argv, s->what);
	if (r < 0) {
		strv_free(argv);
		return r;
	}
	return run(s, argv);
}

static int run_swapoff(struct swap *s)
{
	char **argv = NULL;

	if (strv_add(&argv, SWAPOFF_PROGRAM) < 0 || strv_add(&argv, s->what) < 0) {
		strv_free(argv);
		return -ENOMEM;
	}
	return run(s, argv);
}

static void enter_signal(struct swap *s, enum swap_state to, unsigned f)
{
	int r;

	if (s->result == RESULT_SUCCESS)
		s->result = f;
	r = control_kill(&s->control, &s->kill, to == SWAP_DEACTIVATING_SIGKILL);
	if (r > 0) {
		control_arm_in(&s->control, s->timeout_usec);
		set_state(s, to);
	} else {
		settle(s, RESULT_SUCCESS);
	}
}

static void late(struct unit *u)
{
	struct swap *s = SWAP(u);

	log_event(LOG_WARNING, "UNIT_TIMEOUT", "timed out", F_STR("UNIT", u->id), F_STR("STATE", states[s->state].name));
	if (s->state == SWAP_ACTIVATING || s->state == SWAP_ACTIVATING_DONE || s->state == SWAP_DEACTIVATING)
		enter_signal(s, SWAP_DEACTIVATING_SIGTERM, RESULT_TIMEOUT);
	else if (s->state == SWAP_DEACTIVATING_SIGTERM)
		enter_signal(s, SWAP_DEACTIVATING_SIGKILL, RESULT_TIMEOUT);
	else if (s->state == SWAP_DEACTIVATING_SIGKILL)
		settle(s, RESULT_TIMEOUT);
}

/* ---- the kernel's table ---- */

/* two paths of one device, or one file */
static bool is_same(const char *a, const char *b)
{
	struct stat x, y;

	if (streq(a, b))
		return true;
	if (stat(a, &x) < 0 || stat(b, &y) < 0)
		return false;
	return S_ISBLK(x.st_mode) && S_ISBLK(y.st_mode) ? x.st_rdev == y.st_rdev : x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static void octal_unescape(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* Filename Type Size Used Priority */
static int take_line(struct unit_set *set, char *line)
{
	char *what = strsep(&line, " \t"), *priority = line ? strrchr(line, '\t') ?: strrchr(line, ' ') : NULL;
	_cleanup_(freep) char *name = NULL;
	struct unit *u;
	int r;

	if (!what || what[0] != '/' || endswith(what, "\\040(deleted)"))
		return 0;
	octal_unescape(what);
	r = name_from_path(what, "swap", &name);
	if (r >= 0)
		r = unit_stub(set, name, &u);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (!is_swap(u))
		return 0;
	SWAP(u)->in_kernel = true;
	SWAP(u)->kernel_priority = priority ? atoi(priority) : -1;
	unit_load_again(u);
	for (u = unit_set_first(set); u; u = u->set_next)
		if (is_swap(u) && !SWAP(u)->in_kernel && SWAP(u)->what && is_same(SWAP(u)->what, what)) {
			SWAP(u)->in_kernel = true;
			SWAP(u)->kernel_priority = priority ? atoi(priority) : -1;
		}
	return 0;
}

static int read_table(struct buf *b)
{
	int r = lseek(table.source.fd, 0, SEEK_SET) < 0 ? -errno : 0;

	b->max = TABLE_MAX;
	while (r >= 0) {
		ssize_t n;

		r = buf_reserve(b, 4096);
		if (r < 0)
			return r;
		n = read(table.source.fd, b->data + b->len, b->cap - b->len);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		b->len += (size_t)n;
	}
	buf_addc(b, '\0');
	return r < 0 ? r : buf_error(b);
}

static void appeared(struct swap *s)
{
	if (s->state == SWAP_DEAD || s->state == SWAP_FAILED) {
		s->result = RESULT_SUCCESS;
		unit_new_invocation(&s->u);
		set_state(s, SWAP_ACTIVE);
	} else if (s->state == SWAP_ACTIVATING) {
		set_state(s, SWAP_ACTIVATING_DONE);
	}
}

static void vanished(struct swap *s)
{
	if (s->state == SWAP_ACTIVE)
		settle(s, RESULT_SUCCESS);
	else if (s->state == SWAP_ACTIVATING_DONE)
		set_state(s, SWAP_ACTIVATING);
}

static void follow(struct swap *s)
{
	if (s->in_kernel)
		appeared(s);
	else
		vanished(s);
}

void swap_table_read(struct unit_set *set)
{
	struct buf b = { 0 };
	int r;

	if (table.set != set || table.source.fd < 0)
		return;
	r = read_table(&b);
	for (struct unit *u = unit_set_first(set); r >= 0 && u; u = u->set_next)
		if (is_swap(u))
			SWAP(u)->in_kernel = false;
	for (char *s = r < 0 ? NULL : (char *)b.data, *line; r >= 0 && (line = strsep(&s, "\n"));)
		r = take_line(set, line);
	buf_finish(&b);
	unit_load_pending(set);
	if (r < 0)
		log_event(LOG_ERR, "SWAP_TABLE", "the table of swaps cannot be read", F_ERRNO(r));
	for (struct unit *u = unit_set_first(set); r >= 0 && table.host->running && u; u = u->set_next)
		if (is_swap(u))
			follow(SWAP(u));
}

static int table_changed(struct source *s, uint32_t events)
{
	swap_table_read(table.set);
	return 0;
}

void swap_table_close(void)
{
	source_del(&table.source);
	closep(&table.source.fd);
	table.set = NULL;
}

void swap_table_use(const char *path) { table.path = path; }

static int table_open(struct unit_set *set, struct unit_host *host)
{
	int r;

	swap_table_close();
	table.source.fd = open(table.path, O_RDONLY | O_CLOEXEC);
	if (table.source.fd < 0)
		return errno == ENOENT ? 0 : -errno;    /* a kernel without swap */
	table.set = set;
	table.host = host;
	r = source_add(host->loop, &table.source, table.source.fd, EPOLLPRI, table_changed);
	if (r < 0 && r != -EPERM)
		return r;
	swap_table_read(set);
	return 0;
}

/* ---- loading ---- */

static void swap_init(struct unit *u)
{
	struct swap *s = SWAP(u);

	control_init(&s->control, u, late);
	exec_context_init(&s->exec);
	kill_context_init(&s->kill);
	cgroup_context_init(&s->cgroup);
	s->priority = -1;
	s->timeout_usec = type_default_timeout(u);
	u->ignore_on_isolate = true;
}

/* the order behind what sets up the device, and the service of x-systemd.makefs */
static int add_fstab_deps(struct swap *s)
{
	_cleanup_(freep) char *device = name_escape_path(s->what), *blockdev = NULL, *mkswap = NULL;
	int r = 0;

	if (!device || asprintf(&blockdev, "blockdev@%s.target", device) < 0 || asprintf(&mkswap, "systemd-mkswap@%s.service", device) < 0)
		return -ENOMEM;
	if (startswith(s->what, "/dev/"))
		r = type_dep(&s->u, DEP_AFTER, blockdev, DEP_FILE);
	if (r >= 0 && option_has(s->options, "x-systemd.makefs"))
		r = type_dep(&s->u, DEP_REQUIRES, mkswap, DEP_FILE);
	return r;
}

static int take_fstab(struct swap *s, const struct fstab_entry *e)
{
	_cleanup_(freep) char *options = strdup(e->options), *source = strdup("/etc/fstab");
	int r;

	if (!options || !source)
		return -ENOMEM;
	free(s->options);
	free(s->u.source_path);
	s->options = TAKE_PTR(options);
	s->u.source_path = TAKE_PTR(source);
	r = add_fstab_deps(s);
	if (r < 0 || option_has(e->options, "noauto"))
		return r;
	return type_dep(&s->u, option_has(e->options, "nofail") ? DEP_WANTED_BY : DEP_REQUIRED_BY, "swap.target", DEP_FILE);
}

static int add_deps(struct swap *s)
{
	_cleanup_(freep) char *device = NULL;
	struct unit *u = &s->u;
	int r;

	if (startswith(s->what, "/dev/")) {
		r = name_from_path(s->what, "device", &device);
		if (r >= 0)
			r = type_two_deps(u, DEP_AFTER, u->fragment_path || u->source_path ? DEP_BINDS_TO : DEP_REQUIRES, device, DEP_FILE);
	} else {
		r = unit_require_mounts_for(u, s->what);
	}
	if (r >= 0 && u->default_dependencies && !option_has(s->options, "nofail"))
		r = type_dep(u, DEP_BEFORE, "swap.target", DEP_DEFAULT);
	if (r >= 0 && u->default_dependencies)
		r = type_two_deps(u, DEP_BEFORE, DEP_CONFLICTS, "umount.target", DEP_DEFAULT);
	return r;
}

static int check_what(struct swap *s, const struct key_place *at)
{
	_cleanup_(freep) char *name = NULL;
	int r;

	if (!s->what) {
		r = name_to_path(s->u.id, &s->what);
		return r == -EINVAL ? type_bad(at, "the name of a swap unit must be the escaped path of what it swaps to") : r;
	}
	r = name_from_path(s->what, "swap", &name);
	if (r == -ENOMEM)
		return r;
	return r < 0 || !streq(name, s->u.id) ? type_bad(at, "What= does not agree with the unit's name") : 0;
}

static int swap_load(struct unit *u, const struct key_place *at)
{
	struct swap *s = SWAP(u);
	const struct fstab_entry *e;
	int r;

	if (u->fragment_path && !s->what)
		return type_bad(at, "What= is missing");
	r = check_what(s, at);
	if (r < 0)
		return r;
	e = u->fragment_path ? NULL : fstab_find_swap(fstab_get(u->set), s->what);
	if (!u->fragment_path && !e && !s->in_kernel)
		return -ENOENT;
	if (!u->description)
		u->description = strdup(s->what);
	r = type_contexts(u, &s->exec, &s->cgroup, true);
	if (r >= 0 && e)
		r = take_fstab(s, e);
	if (r >= 0)
		r = add_deps(s);
	return MIN(r, 0);
}

/* ---- wishes ---- */

static int swap_start(struct unit *u)
{
	struct swap *s = SWAP(u);
	int r;

	switch (states[s->state].active) {
	case UNIT_ACTIVATING:
		return 0;
	case UNIT_DEACTIVATING:
		return -EAGAIN;
	case UNIT_ACTIVE:
		return -EALREADY;
	default:
		break;
	}
	if (unit_start_limit_hit(u)) {
		s->result = RESULT_START_LIMIT_HIT;
		set_state(s, SWAP_FAILED);
		return -ECANCELED;
	}
	s->result = RESULT_SUCCESS;
	unit_new_invocation(u);
	r = run_swapon(s);
	if (r < 0) {
		settle(s, RESULT_RESOURCES);
		return r;
	}
	set_state(s, SWAP_ACTIVATING);
	return 0;
}

static int swap_stop(struct unit *u)
{
	struct swap *s = SWAP(u);
	int r;

	switch (s->state) {
	case SWAP_DEACTIVATING:
	case SWAP_DEACTIVATING_SIGTERM:
	case SWAP_DEACTIVATING_SIGKILL:
		return 0;
	case SWAP_ACTIVATING:
	case SWAP_ACTIVATING_DONE:
		enter_signal(s, SWAP_DEACTIVATING_SIGTERM, RESULT_SUCCESS);
		return 0;
	case SWAP_ACTIVE:
		r = run_swapoff(s);
		if (r < 0)
			settle(s, RESULT_RESOURCES);
		else
			set_state(s, SWAP_DEACTIVATING);
		return MIN(r, 0);
	case SWAP_DEAD:
	case SWAP_FAILED:
	case N_SWAP_STATES:
		break;
	}
	return -EALREADY;
}

static void swap_child(struct unit *u, unsigned role, const struct ipc_child *c)
{
	struct swap *s = SWAP(u);
	unsigned f;

	if (!control_child(&s->control, c, &f))
		return;
	control_arm(&s->control, 0);
	swap_table_read(u->set);
	if (s->state == SWAP_ACTIVATING && f == RESULT_SUCCESS && !s->in_kernel)
		f = RESULT_PROTOCOL;
	if (has_process(s->state))
		settle(s, f);
}

static void swap_respawn(struct unit *u, unsigned role)
{
	struct swap *s = SWAP(u);
	int r = 0;

	if (role != SWAP_ROLE_CONTROL)
		return;
	if (s->state == SWAP_ACTIVATING)
		r = run_swapon(s);
	else if (s->state == SWAP_DEACTIVATING)
		r = run_swapoff(s);
	else if (has_process(s->state))
		settle(s, RESULT_SUCCESS);
	if (r < 0)
		settle(s, RESULT_RESOURCES);
}

static void swap_reset_failed(struct unit *u)
{
	SWAP(u)->result = RESULT_SUCCESS;
	if (SWAP(u)->state == SWAP_FAILED)
		set_state(SWAP(u), SWAP_DEAD);
}

static int swap_kill(struct unit *u, const char *who, int signo) { return control_kill_request(&SWAP(u)->control, who, signo); }

/* ---- queries and the state store ---- */

static enum unit_active_state swap_active(const struct unit *u) { return states[SWAP(u)->state].active; }
static const char *swap_sub(const struct unit *u) { return states[SWAP(u)->state].name; }
static pid_t swap_control_pid(const struct unit *u) { return SWAP(u)->control.pid; }
static bool swap_may_gc(const struct unit *u) { return !SWAP(u)->in_kernel; }

static void swap_properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	char n[32];

	put(arg, "Result", control_result_name(SWAP(u)->result));
	snprintf(n, sizeof(n), "%d", (int)SWAP(u)->control.pid);
	put(arg, "ControlPID", n);
}

static void swap_save(const struct unit *u, void *rec)
{
	const struct swap *s = SWAP(u);

	*(struct ipc_swap_state *)rec = (struct ipc_swap_state){
		.state = s->state, .result = s->result, .control_token = s->control.token, .control_pid = (uint32_t)s->control.pid,
		.due_usec = s->control.due_usec,
	};
}

static int swap_restore(struct unit *u, const void *rec)
{
	const struct ipc_swap_state *r = rec;
	struct swap *s = SWAP(u);

	if (r->state >= N_SWAP_STATES || r->result >= N_CONTROL_RESULTS)
		return -EBADMSG;
	s->state = (enum swap_state)r->state;
	s->result = r->result;
	s->control.token = r->control_token;
	s->control.pid = (pid_t)r->control_pid;
	s->control.due_usec = r->due_usec;
	return 0;
}

static int swap_coldplug(struct unit *u)
{
	struct swap *s = SWAP(u);

	if (s->control.due_usec && !s->control.timer.loop)
		control_arm(&s->control, s->control.due_usec);
	follow(s);
	return 0;
}

static void swap_done(struct unit *u)
{
	struct swap *s = SWAP(u);

	timer_del(&s->control.timer);
	command_list_free(s->command);
	exec_context_done(&s->exec);
	cgroup_context_done(&s->cgroup);
}

static int swap_enumerate(struct unit_set *set)
{
	const struct fstab *f = fstab_get(set);
	struct unit *any = unit_set_first(set);
	int r = 0;

	for (size_t i = 0; f && r >= 0 && i < f->n_entries; i++) {
		_cleanup_(freep) char *name = NULL;

		if (fstab_is_swap(&f->entries[i]) && name_from_path(f->entries[i].what, "swap", &name) >= 0)
			r = unit_stub(set, name, &any);
	}
	unit_load_pending(set);
	return r < 0 || !any ? r : table_open(set, unit_host(any));
}

const struct unit_type unit_type_swap = {
	.abi = UNIT_TYPE_ABI,
	.name = "swap",
	.section = "Swap",
	.size = sizeof(struct swap),
	.groups = groups,
	.n_groups = ARRAY_SIZE(groups),
	.no_files = true,
	.init = swap_init,
	.load = swap_load,
	.done = swap_done,
	.active = swap_active,
	.sub = swap_sub,
	.start = swap_start,
	.stop = swap_stop,
	.child = swap_child,
	.respawn = swap_respawn,
	.may_gc = swap_may_gc,
	.reset_failed = swap_reset_failed,
	.kill = swap_kill,
	.control_pid = swap_control_pid,
	.state_desc = &ipc_swap_state_desc,
	.save = swap_save,
	.restore = swap_restore,
	.coldplug = swap_coldplug,
	.properties = swap_properties,
	.enumerate = swap_enumerate,
};
