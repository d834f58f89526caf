/* runner.c - see runner.h */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include "builtin/builtin.h"
#include "event/event.h"
#include "log.h"
#include "loop.h"
#include "rules/rules.h"
#include "rules/static.h"
#include "sandbox.h"
#include "value.h"
#include "worker/channel.h"
#include "worker/runner.h"
#include "worker/worker.h"

#define ARGS_MAX 4096

/* a worker, and the program that it has us run */
struct child {
	struct child *next;
	struct source source;           /* its requests */
	uint32_t token;
	pid_t pid, program;             /* 0: none */
};

static struct runner {
	const struct runner_config *config;
	struct loop *loop;
	struct source lead, signals;
	struct rules *rules;
	struct child *children;
	struct diag_sink sink;
} self;

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	char place[512];

	snprintf(place, sizeof(place), line ? "%s:%u:%u" : "%s", file, line, column);
	log_event(level == DIAG_ERROR ? LOG_ERR : LOG_WARNING, "DEVICE_RULES", text, F_STR("PLACE", place));
}

static void tell(const struct news *n)
{
	if (send(self.config->lead, n, sizeof(*n), MSG_NOSIGNAL) != sizeof(*n))
		loop_exit(self.loop, 0);                /* the listener is gone: so are we */
}

/* ---- rules ---- */

static int no_name(const char *name, uint32_t *ret)
{
	uint64_t n;

	if (value_unsigned(name, UINT32_MAX - 1, &n) < 0)
		return -ESRCH;
	*ret = (uint32_t)n;
	return 0;
}
static const struct rules_names names_never = { no_name, no_name };

static int read_rules(bool first)
{
	struct rules *fresh;
	int r = rules_new(&fresh, &self.sink, self.config->settings->names == NAMES_NEVER ? &names_never : NULL);

	if (r == 0)
		r = rules_add_path(fresh, "");
	if (r < 0) {
		log_event(LOG_ERR, "DEVICE_RULES", "the rules cannot be read, the earlier ones stay", F_ERRNO(r));
		rules_free(r < 0 && fresh ? fresh : NULL);
		return r;
	}
	rules_free(self.rules);
	self.rules = fresh;
	if (first)
		rules_static_nodes(fresh, self.config->dev, self.config->run);
	tell(&(struct news){ .verb = NEWS_RULES, .lines = rules_lines(fresh) });
	return 0;
}

/* ---- workers ---- */

static void forget_program(struct child *c)
{
	if (c->program > 0)
		kill(-c->program, SIGKILL);
	c->program = 0;
}

static void child_free(struct child *c)
{
	struct child **link = &self.children;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	forget_program(c);
	source_del(&c->source);
	close(c->source.fd);
	free(c);
}

static int by_number(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

/* close all descriptors but the standard ones, the log's and these */
static void keep_fds(int a, int b, int c)
{
	int keep[] = { 2, a, b, c, log_fd() };

	qsort(keep, ARRAY_SIZE(keep), sizeof(*keep), by_number);
	for (size_t i = 0; i < ARRAY_SIZE(keep); i++) {
		unsigned from = (unsigned)MAX(keep[i], 2) + 1, to = i + 1 < ARRAY_SIZE(keep) ? (unsigned)MAX(keep[i + 1], 2) : ~0U;

		if (to > from)
			close_range(from, to == ~0U ? to : to - 1, 0);
	}
}

/* in the child: nothing but its own descriptors, dying with us */
static _Noreturn void become_worker(int orders, int runner)
{
	struct worker_config w = { .orders = orders, .runner = runner, .watch = { self.config->inotify, self.config->run }, .rules = self.rules,
				   .sysfs = self.config->sysfs, .dev = self.config->dev };
	sigset_t none;

	keep_fds(orders, runner, self.config->inotify);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(worker_main(&w));
}

static int serve_worker(struct source *s, uint32_t events);

static int spawn_worker(const struct lead *l, int orders)
{
	struct child *c = calloc(1, sizeof(*c));
	int pair[2];

	if (!c)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(c);
		return -errno;
	}
	c->token = l->token;
	c->pid = fork();
	if (c->pid == 0)
		become_worker(orders, pair[1]);
	close(pair[1]);
	if (c->pid < 0) {
		int r = -errno;

		close(pair[0]);
		free(c);
		return r;
	}
	c->next = self.children;
	self.children = c;
	return source_add(self.loop, &c->source, pair[0], EPOLLIN, serve_worker);
}

/* ---- programs ---- */

struct request { const char *path; char *argv[ARGS_MAX + 1], *env[ARGS_MAX + 1]; };

static int read_request(char *text, size_t n, struct request *q, struct program *p)
{
	char *end = text + n, *at = text + sizeof(*p);

	if (n < sizeof(*p) || end[-1])
		return -EBADMSG;
	memcpy(p, text, sizeof(*p));
	if (p->verb == PROGRAM_KILL)
		return 0;
	if (p->verb != PROGRAM_RUN || p->argc == 0 || p->argc > ARGS_MAX || p->envc > ARGS_MAX || at >= end)
		return -EBADMSG;
	q->path = at;
	at += strlen(at) + 1;
	for (uint32_t i = 0; i < p->argc + p->envc; i++, at += strlen(at) + 1) {
		if (at >= end)
			return -EBADMSG;
		*(i < p->argc ? &q->argv[i] : &q->env[i - p->argc]) = at;
	}
	q->argv[p->argc] = q->env[p->envc] = NULL;
	return 0;
}

static void answer(struct child *c, int error, int status)
{
	struct result r = { error, status };

	send(c->source.fd, &r, sizeof(r), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int serve_worker(struct source *s, uint32_t events)
{
	struct child *c = container_of(s, struct child, source);
	static char text[CHANNEL_BYTES];
	static struct request q;
	struct program p = { 0 };
	struct frame f;
	ssize_t n = frame_receive(s->fd, 0, text, sizeof(text), &f);
	int r;

	if (n == -EAGAIN)
		return 0;
	if (n <= 0) {                                   /* it ends, or is ended: its program, too */
		source_del(s);
		forget_program(c);
		return 0;
	}
	r = read_request(text, (size_t)n, &q, &p);
	if (r == 0 && p.verb == PROGRAM_KILL) {
		if (c->program > 0)
			kill(-c->program, SIGKILL);     /* what it ended with is told when it was reaped */
		else
			answer(c, -ESRCH, 0);
	} else if (r == 0)
		r = c->program > 0 ? -EBUSY : event_spawn(&c->program, q.path, q.argv, q.env, f.n_fds ? f.fds[0] : -1);
	frame_close_fds(&f);
	if (r < 0) {
		c->program = c->program > 0 && r == -EBUSY ? c->program : 0;
		answer(c, r, 0);
	}
	return 0;
}

/* ---- what ends ---- */

static void ended(pid_t pid, int status)
{
	for (struct child *c = self.children; c; c = c->next) {
		if (c->program == pid) {
			kill(-pid, SIGKILL);            /* what it left behind in its group */
			c->program = 0;
			answer(c, 0, status);
			return;
		}
		if (c->pid == pid) {
			tell(&(struct news){ .verb = NEWS_ENDED, .token = c->token, .status = status });
			child_free(c);
			return;
		}
	}
}

static int reap(struct source *s, uint32_t events)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(s->fd, &info, sizeof(info)) == sizeof(info))
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		ended(pid, status);
	return 0;
}

static void kill_worker(const struct lead *l)
{
	for (struct child *c = self.children; c; c = c->next)
		if (c->token == l->token)
			kill(c->pid, l->signo);
}

static int obey(struct source *s, uint32_t events)
{
	struct lead l;
	struct frame f;
	ssize_t n = frame_receive(s->fd, 0, &l, sizeof(l), &f);
	int r = 0;

	if (n == -EAGAIN)
		return 0;
	if (n != sizeof(l)) {
		loop_exit(self.loop, 0);
		return 0;
	}
	log_set_level(l.log_level);
	switch ((enum lead_verb)l.verb) {
	case LEAD_SPAWN:
		r = f.n_fds == 1 ? spawn_worker(&l, f.fds[0]) : -EBADMSG;
		if (r < 0)
			tell(&(struct news){ .verb = NEWS_NO_WORKER, .token = l.token, .error = r });
		break;
	case LEAD_KILL:
		kill_worker(&l);
		break;
	case LEAD_RELOAD:
		read_rules(false);
		break;
	}
	frame_close_fds(&f);
	return 0;
}

/* ---- the list that programs of rules inherit: what none of them has to do with ---- */

static const char *const clock_calls[] = { "clock_settime", "clock_adjtime", "settimeofday", "adjtimex", NULL };
static const char *const power_calls[] = { "reboot", "kexec_load", "kexec_file_load", "swapon", "swapoff", NULL };
static const char *const root_calls[] = { "pivot_root", "acct", "quotactl", "vhangup", "nfsservctl", "uselib", "ustat", "sysfs", NULL };
static const char *const debug_calls[] = { "process_vm_writev", "lookup_dcookie", "userfaultfd", NULL };
static const struct sandbox_group refused[] = {
	{ "the clock", clock_calls }, { "power and swap", power_calls }, { "the root and old calls", root_calls }, { "other processes' memory", debug_calls },
};
static const struct sandbox_list list = { "devmaster-runner", refused, ARRAY_SIZE(refused) };

static int prepare(void)
{
	sigset_t set;
	int fd, r;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_SETMASK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	r = loop_new(&self.loop, 1, false);
	if (r == 0)
		r = source_add(self.loop, &self.signals, fd, EPOLLIN, reap);
	if (r == 0)
		r = source_add(self.loop, &self.lead, self.config->lead, EPOLLIN, obey);
	return r;
}

/* the kernel may end us for memory: the service is protected, what does its work need not be */
static void be_killable(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "0", 1) < 0)
		log_event(LOG_DEBUG, "DEVICE_OOM", "the out-of-memory score stays", F_ERRNO(-errno));
	closep(&fd);
}

int runner_main(const struct runner_config *config)
{
	int r;

	self = (struct runner){ .config = config, .sink = { report } };
	keep_fds(config->lead, config->inotify, -1);
	prctl(PR_SET_NAME, "devmaster-run");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);                       /* programs inherit it */
	be_killable();
	builtin_prepare();                              /* workers have it of us: no code comes in behind their sandbox */
	r = prepare();
	if (r == 0)
		r = sandbox_refuse(&list, EPERM);
	if (r == 0)
		r = read_rules(true);
	if (r == 0)
		r = loop_run(self.loop);
	if (r < 0)
		log_event(LOG_ERR, "DEVICE_RUNNER", "the runner of programs cannot go on", F_ERRNO(r));
	while (self.children) {
		kill(self.children->pid, SIGKILL);
		child_free(self.children);
	}
	rules_free(self.rules);
	loop_free(self.loop);
	return r < 0 ? 1 : 0;
}
