/* run.c - `sctl run`: its options, what goes together, and the request */
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "query.h"
#include "run.h"
#include "version.h"

#define AT(field) offsetof(struct run_options, field)
static const struct option_row rows[] = {
	{ "help", 'h', OPTION_FLAG, NULL, AT(help), .doc = "show this help" },
	{ "version", 0, OPTION_FLAG, NULL, AT(version), .doc = "show the version" },
	{ "scope", 0, OPTION_FLAG, NULL, AT(scope), .doc = "run the command here, as a scope, and not as a service" },
	{ "unit", 'u', OPTION_STRING, "UNIT", AT(unit), .doc = "name of the unit" },
	{ "property", 'p', OPTION_LIST, "KEY=VALUE", AT(properties), "", .doc = "any setting of the unit, as in unit files" },
	{ "description", 0, OPTION_STRING, "TEXT", AT(description), .doc = "what the unit is; the command line by default" },
	{ "slice", 0, OPTION_STRING, "SLICE", AT(slice), .doc = "where its control group lies" },
	{ "slice-inherit", 0, OPTION_FLAG, NULL, AT(slice_inherit), .doc = "below the slice that this command runs in" },
	{ "no-block", 0, OPTION_FLAG, NULL, AT(no_block), .doc = "do not wait until it is started" },
	{ "remain-after-exit", 'r', OPTION_FLAG, NULL, AT(remain), .doc = "the unit stays active until it is stopped" },
	{ "wait", 0, OPTION_FLAG, NULL, AT(wait), .doc = "wait until it has ended, and say how; the exit status is the command's" },
	{ "send-sighup", 0, OPTION_FLAG, NULL, AT(send_sighup), .doc = "SIGHUP follows SIGTERM at the end: for shells" },
	{ "service-type", 0, OPTION_STRING, "TYPE", AT(service_type), .doc = "Type= of the service" },
	{ "uid", 0, OPTION_STRING, "USER", AT(uid), .doc = "run as this user" },
	{ "gid", 0, OPTION_STRING, "GROUP", AT(gid), .doc = "and this group" },
	{ "nice", 0, OPTION_STRING, "NICE", AT(nice), .doc = "with this nice level" },
	{ "working-directory", 0, OPTION_STRING, "PATH", AT(working_directory), .doc = "in this directory" },
	{ "same-dir", 'd', OPTION_FLAG, NULL, AT(same_dir), .doc = "in the directory this is called from" },
	{ "setenv", 'E', OPTION_LIST, "NAME[=VALUE]", AT(environment), "", .doc = "set an environment variable; without a value: as it is here" },
	{ "pty", 't', OPTION_FLAG, NULL, AT(pty), .doc = "connect the service to this terminal, through one of its own" },
	{ "pipe", 'P', OPTION_FLAG, NULL, AT(pipe), .doc = "give the service the standard streams that this command has" },
	{ "quiet", 'q', OPTION_FLAG, NULL, AT(quiet), .doc = "print nothing but errors" },
	{ "collect", 'G', OPTION_FLAG, NULL, AT(collect), .doc = "forget the unit when it ended, even if it failed" },
	{ "shell", 'S', OPTION_FLAG, NULL, AT(shell), .doc = "a shell as a service: --pty or --pipe, --same-dir --wait --collect --service-type=exec" },
	{ "path-property", 0, OPTION_LIST, "KEY=VALUE", AT(path), "", .doc = "start it when a path unit with this setting says so" },
	{ "socket-property", 0, OPTION_LIST, "KEY=VALUE", AT(socket), "", .doc = "start it when a socket unit with this setting says so" },
	{ "on-active", 0, OPTION_LIST, "SPAN", AT(timer), "OnActiveSec=", .doc = "run it so long from now on" },
	{ "on-boot", 0, OPTION_LIST, "SPAN", AT(timer), "OnBootSec=", .doc = "so long after the machine was booted" },
	{ "on-startup", 0, OPTION_LIST, "SPAN", AT(timer), "OnStartupSec=", .doc = "so long after the service manager came" },
	{ "on-unit-active", 0, OPTION_LIST, "SPAN", AT(timer), "OnUnitActiveSec=", .doc = "so long after it was last started" },
	{ "on-unit-inactive", 0, OPTION_LIST, "SPAN", AT(timer), "OnUnitInactiveSec=", .doc = "so long after it last ended" },
	{ "on-calendar", 0, OPTION_LIST, "SPEC", AT(timer), "OnCalendar=", .doc = "at a time of the calendar" },
	{ "on-timezone-change", 0, OPTION_LIST, NULL, AT(timer), "OnTimezoneChange=yes", .doc = "when the time zone changes" },
	{ "on-clock-change", 0, OPTION_LIST, NULL, AT(timer), "OnClockChange=yes", .doc = "when the clock is set" },
	{ "timer-property", 0, OPTION_LIST, "KEY=VALUE", AT(timer_extra), "", .doc = "a further setting of the timer" },
	{ "no-ask-password", 0, OPTION_ACCEPTED, .doc = "accepted: passwords are never asked for" },
	{ "system", 0, OPTION_ACCEPTED, .doc = "accepted: it is always the system's manager" },
	{ "user", 0, OPTION_FLAG, NULL, AT(user), .doc = "by the service manager of the calling user" },
	{ "host", 'H', OPTION_REFUSED, "HOST", .doc = "log in there with ssh" },
	{ "machine", 'M', OPTION_REFUSED, "CONTAINER", .doc = "enter the container" },
};
const struct option_set run_options_set = { rows, ARRAY_SIZE(rows), "run", .first_word_ends = true };

/* ---- what goes together ---- */

static bool has_command(const struct run *r) { return r->command[0] != NULL; }

static const char *contradiction(const struct run *r)
{
	const struct run_options *o = &r->o;
	bool trigger = r->trigger != RUN_NO_TRIGGER;
	const struct { bool wrong; const char *text; } rules[] = {
		{ (o->timer != NULL) + (o->path != NULL) + (o->socket != NULL) > 1, "Only single trigger (path, socket, timer) unit can be created." },
		{ !has_command(r) && !(trigger && o->unit), "Command line to execute required." },
		{ o->scope && (o->remain || o->service_type), "--remain-after-exit and --service-type= are not supported in --scope mode." },
		{ r->stdio && (trigger || o->scope), "--pty/--pipe is not compatible in timer or --scope mode." },
		{ r->stdio && o->no_block, "--pty/--pipe is not compatible with --no-block." },
		{ o->scope && trigger, "Path, socket or timer options are not supported in --scope mode." },
		{ o->timer_extra && !o->timer, "--timer-property= has no effect without any other timer options." },
		{ o->wait && o->no_block, "--wait may not be combined with --no-block." },
		{ o->wait && trigger, "--wait may not be combined with path, socket or timer operations." },
		{ o->wait && o->scope, "--wait may not be combined with --scope." },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].wrong)
			return rules[i].text;
	return NULL;
}

static bool on_terminal(void) { return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO); }

static const char *own_shell(void)
{
	const char *shell = getenv("SHELL");
	struct passwd *pw;

	if (shell && *shell == '/')
		return shell;
	pw = getpwuid(getuid());
	return pw && pw->pw_shell && *pw->pw_shell ? pw->pw_shell : "/bin/sh";
}

/* --shell and its kin stand for others */
static int imply(struct run *r, const char **shell_words)
{
	struct run_options *o = &r->o;

	if (o->shell) {
		o->wait = o->collect = true;
		o->same_dir |= !o->working_directory;
		o->service_type = o->service_type ? o->service_type : "exec";
		if (!has_command(r)) {
			shell_words[0] = own_shell();
			r->command = (char **)shell_words;
		}
	}
	if ((o->shell && !o->pty && !o->pipe) || (o->pty && o->pipe))
		r->stdio = on_terminal() ? RUN_STDIO_PTY : RUN_STDIO_PIPE;
	else
		r->stdio = o->pty ? RUN_STDIO_PTY : o->pipe ? RUN_STDIO_PIPE : RUN_STDIO_NONE;
	r->trigger = o->timer ? RUN_TIMER : o->path ? RUN_PATH : o->socket ? RUN_SOCKET : RUN_NO_TRIGGER;
	return 0;
}

/* a bare name is looked up as a shell does, a path from here */
static int find_program(struct run *r, char **ret)
{
	const char *word = r->command[0], *path = getenv("PATH");
	_cleanup_(freep) char *list = strdup(path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	char *save = NULL, *found = NULL;

	if (!list)
		return -ENOMEM;
	if (strchr(word, '/')) {
		found = access(word, X_OK) == 0 ? realpath(word, NULL) : NULL;
		if (found && *word == '/') {            /* links stay: the name may matter to the program */
			free(found);
			found = strdup(word);
		}
	}
	for (char *d = strtok_r(list, ":", &save); d && !found && !strchr(word, '/'); d = strtok_r(NULL, ":", &save)) {
		char *try;

		if (asprintf(&try, "%s/%s", d, word) < 0)
			return -ENOMEM;
		if (access(try, X_OK) == 0)
			found = try;
		else
			free(try);
	}
	if (!found) {
		fprintf(r->s->err, "Failed to find executable %s: %s\n", word, strerror(ENOENT));
		return -ENOENT;
	}
	*ret = found;
	return 0;
}

/* ---- the request ---- */

/* our standard streams, ahead of the request, which cannot carry them */
static int send_streams(struct run *r)
{
	union { struct cmsghdr h; char space[CMSG_SPACE(3 * sizeof(int))]; } control = { .h = { .cmsg_len = CMSG_LEN(3 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const int fds[3] = { STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO };
	char text[64], path[PATH_MAX];
	struct iovec iov = { text, 0 };
	struct msghdr m = { .msg_name = &sa, .msg_namelen = sizeof(sa), .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

	if (fd < 0)
		return -errno;
	if (link_path("/run/sysmaster/notify", path) < 0 || strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path));
	iov.iov_len = (size_t)snprintf(text, sizeof(text), "SYSMASTER_STREAMS=%llu", (unsigned long long)r->streams);
	memcpy(CMSG_DATA(&control.h), fds, sizeof(fds));
	return sendmsg(fd, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static const char *type_word(const struct run *r)
{
	static const char *const words[] = { [RUN_NO_TRIGGER] = "service", [RUN_TIMER] = "timer", [RUN_PATH] = "path", [RUN_SOCKET] = "socket" };

	return r->o.scope ? "scope" : words[r->trigger];
}

static int refused(struct run *r, int e, const char *error)
{
	char what[64];

	/* said of one word of the command line, not of the unit */
	if (error && (startswith(error, "Unknown assignment: ") || startswith(error, "Not an assignment: "))) {
		fprintf(r->s->err, "%s\n", error);
		return SCTL_FAILURE;
	}
	snprintf(what, sizeof(what), "start transient %s unit", type_word(r));
	return link_fail(r->s, e, error, what, NULL);
}

static int ask(struct run *r, struct ipc_transient_reply *rep)
{
	struct ipc_transient_unit service = { r->name, (const char **)r->settings, strv_len(r->settings) };
	struct ipc_transient_unit trigger = { r->trigger_name, (const char **)r->trigger_settings, strv_len(r->trigger_settings) };
	uint32_t caller = 0;
	struct ipc_transient_request q = {
		.unit = r->trigger ? trigger : service, .mode = IPC_JOB_MODE_FAIL, .others = &service, .n_others = r->trigger && has_command(r),
		.pids = &caller, .n_pids = r->o.scope, .has_hold = true, .hold = r->o.wait || r->stdio, .has_streams = r->streams, .streams = r->streams,
	};
	const char *error = NULL;
	int e;

	for (int tries = 0; ; tries++) {
		e = r->streams ? send_streams(r) : 0;
		if (e >= 0)
			e = link_call(r->s, IPC_CORE_START_TRANSIENT, &q, rep, &error);
		if (e != -EAGAIN || tries == 100)       /* core was replaced in between, or has not looked at the streams yet */
			break;
		usleep(20000);
	}
	for (size_t i = 0; e >= 0 && i < rep->n_remarks && !r->o.quiet; i++)
		fprintf(r->s->err, "%s\n", rep->remarks[i]);
	return e < 0 ? refused(r, e, error) : 0;
}

static void say_running(struct run *r)
{
	FILE *f = r->s->err;

	if (r->o.quiet)
		return;
	if (r->trigger)
		fprintf(f, "Running %s as unit: %s\n", type_word(r), r->trigger_name);
	if (r->trigger && has_command(r))
		fprintf(f, "Will run service as unit: %s\n", r->name);
	if (!r->trigger)
		fprintf(f, "Running %sas unit: %s\n", r->o.scope ? "scope " : "", r->name);
}

/* 0: started; otherwise an exit status */
static int start(struct run *r, struct waiter **ret)
{
	_cleanup_(waiter_freep) struct waiter *w = NULL;
	struct ipc_transient_reply rep = { 0 };
	int e = r->o.no_block ? 0 : waiter_new(&w, r->s);

	if (e < 0)
		return refused(r, e, NULL);
	if (r->stdio == RUN_STDIO_PIPE)
		random_bytes(&r->streams, sizeof(r->streams));
	r->s->o.quiet = r->o.quiet;
	e = ask(r, &rep);
	if (e != 0)
		return e;
	if (w && rep.n_jobs)
		e = waiter_add(w, &rep.jobs[0]);
	if (e >= 0 && w)
		e = waiter_run(w, jobs_done, r->s);
	if (e < 0) {
		run_release(r);
		return e == -EIO ? SCTL_FAILURE : refused(r, e, NULL);
	}
	*ret = TAKE_PTR(w);
	return 0;
}

/* ---- the ways to run ---- */

static int run_service(struct run *r)
{
	_cleanup_(run_pty_freep) struct run_pty *pty = NULL;
	_cleanup_(waiter_freep) struct waiter *w = NULL;
	int status = 0;

	if (r->stdio == RUN_STDIO_PTY && run_pty_new(&pty, &r->tty) < 0)
		return link_fail(r->s, -errno, NULL, "acquire pseudo tty", NULL);
	if (run_settings(r) < 0)
		return SCTL_FAILURE;
	status = start(r, &w);
	if (status)
		return status;
	say_running(r);
	if (pty && !r->o.quiet)
		fprintf(r->s->err, "Press ^] three times within 1s to disconnect TTY.\n");
	if (pty)
		run_pty_begin(pty);
	return r->o.wait || r->stdio ? run_wait(r, w, pty ? run_pty_tick : NULL, pty) : SCTL_OK;
}

static int become(struct run *r)
{
	struct passwd *pw = NULL;
	struct group *gr = NULL;
	uint64_t id;
	bool number;

	if (r->o.gid) {
		number = value_unsigned(r->o.gid, UINT32_MAX - 1, &id) >= 0;
		gr = number ? NULL : getgrnam(r->o.gid);
		if (!number && !gr)
			return link_fail(r->s, -ESRCH, NULL, "resolve group", r->o.gid);
		if (setresgid(number ? (gid_t)id : gr->gr_gid, (gid_t)-1, (gid_t)-1) < 0 || setgid(number ? (gid_t)id : gr->gr_gid) < 0)
			return link_fail(r->s, -errno, NULL, "change GID to", r->o.gid);
	}
	if (!r->o.uid)
		return 0;
	pw = value_unsigned(r->o.uid, UINT32_MAX - 1, &id) >= 0 ? getpwuid((uid_t)id) : getpwnam(r->o.uid);
	if (!pw)
		return link_fail(r->s, -ESRCH, NULL, "resolve user", r->o.uid);
	setenv("HOME", pw->pw_dir, 1);
	setenv("LOGNAME", pw->pw_name, 1);
	setenv("USER", pw->pw_name, 1);
	setenv("SHELL", pw->pw_shell, 1);
	return setuid(pw->pw_uid) < 0 ? link_fail(r->s, -errno, NULL, "change UID to", r->o.uid) : 0;
}

static int set_variables(char **assignments)
{
	for (char **a = assignments; a && *a; a++) {
		const char *eq = strchr(*a, '=');
		_cleanup_(freep) char *name = eq ? strndup(*a, (size_t)(eq - *a)) : strdup(*a);

		if (!name)
			return -ENOMEM;
		if (eq ? setenv(name, eq + 1, 1) : setenv(name, getenv(name) ? getenv(name) : "", 1) < 0)
			return -errno;
	}
	return 0;
}

/* the command stays our process: it is put into the scope, then replaced */
static int run_scope(struct run *r)
{
	_cleanup_(waiter_freep) struct waiter *w = NULL;
	int status = run_settings(r) < 0 ? SCTL_FAILURE : start(r, &w);

	if (status)
		return status;
	waiter_free(TAKE_PTR(w));
	if (r->o.nice && setpriority(PRIO_PROCESS, 0, atoi(r->o.nice)) < 0)
		return link_fail(r->s, -errno, NULL, "set nice level", NULL);
	status = become(r);
	if (status)
		return status;
	if (r->o.working_directory && chdir(r->o.working_directory) < 0)
		return link_fail(r->s, -errno, NULL, "change directory to", r->o.working_directory);
	if (set_variables(r->o.environment) < 0)
		return link_fail(r->s, -ENOMEM, NULL, "set the environment", NULL);
	say_running(r);
	fflush(r->s->err);
	execv(r->command[0], r->command);
	return link_fail(r->s, -errno, NULL, "execute", NULL);
}

static void run_done(struct run *r)
{
	char **lists[] = { r->o.properties, r->o.environment, r->o.timer, r->o.timer_extra, r->o.path, r->o.socket, r->settings, r->trigger_settings };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		strv_free(lists[i]);
	free(r->name);
	free(r->trigger_name);
	free(r->description);
	free(r->tty);
}

static int run_it(struct run *r)
{
	_cleanup_(freep) char *program = NULL;
	const char *shell_words[2] = { NULL }, *wrong;

	if (imply(r, shell_words) < 0)
		return SCTL_FAILURE;
	wrong = contradiction(r);
	if (wrong) {
		fprintf(r->s->err, "%s\n", wrong);
		return SCTL_FAILURE;
	}
	if (has_command(r)) {
		if (find_program(r, &program) < 0)
			return SCTL_FAILURE;
		r->command[0] = program;
	}
	if (run_names(r) < 0)
		return SCTL_FAILURE;
	return r->o.scope ? run_scope(r) : run_service(r);
}

/*
 * A user's manager can only move processes that are below it already. Who logged in elsewhere is put there by the system's manager first; what
 * comes of it the user's manager will say.
 */
static void go_to_user_manager(struct sctl *s)
{
	uint32_t self = (uint32_t)getpid();
	char unit[32], text[8192] = "";
	struct ipc_attach_request req = { .unit = unit, .pids = &self, .n_pids = 1, .subgroup = "init.scope" };
	struct ipc_empty rep;
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	closep(&fd);
	snprintf(unit, sizeof(unit), "user@%u.service", getuid());
	if (n <= 0 || strstr(text, unit) || getenv("SYSMASTER_RUN_DIR"))
		return;
	link_call(s, IPC_CORE_ATTACH_PROCESSES, &req, &rep, NULL);
	client_free(TAKE_PTR(s->core));                 /* of the system */
}

int run_main(struct sctl *s, int argc, char **argv)
{
	struct run r = { .s = s };
	int first = 1, status, e = options_parse(&run_options_set, &r.o, argc, argv, &first, s->out, s->err);

	r.command = argv + first;
	if (e == 0 && r.o.user && r.o.scope)
		go_to_user_manager(s);
	if (e == 0 && r.o.user)
		e = sctl_use_user_manager(s);
	if (e != 0)
		status = e < 0 ? SCTL_FAILURE : SCTL_OK;
	else if (r.o.help)
		status = help_run(s);
	else if (r.o.version)
		status = fprintf(s->out, "sysmaster %s\n", SYSMASTER_VERSION) < 0;
	else
		status = run_it(&r);
	run_done(&r);
	return status;
}

/* its options are its own, so they cannot have been read with sctl's: main.c comes here only when they stand in front of "run" */
int verb_run(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	fprintf(s->err, "The options of run stand behind it: %s run [OPTIONS...] COMMAND [ARGUMENT...]\n", s->program);
	return SCTL_FAILURE;
}
