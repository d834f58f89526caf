/* power.c - the ways down: ask core to stop the units; without core, init; --force --force: the kernel itself */
#include <fcntl.h>
#include <linux/reboot.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <time.h>
#include <utmpx.h>
#include "query.h"
#include "text.h"
#include "verb.h"

static const struct { enum ipc_power_verb verb; const char *name, *wall; int magic; } powers[] = {
	{ IPC_POWER_VERB_POWEROFF, "poweroff", "power off", RB_POWER_OFF },
	{ IPC_POWER_VERB_REBOOT, "reboot", "reboot", RB_AUTOBOOT },
	{ IPC_POWER_VERB_HALT, "halt", "halt", RB_HALT_SYSTEM },
	{ IPC_POWER_VERB_KEXEC, "kexec", "reboot into a new kernel", RB_KEXEC },
	{ IPC_POWER_VERB_EXIT, "exit", "exit", 0 },
};

static size_t row_of(int verb)
{
	for (size_t i = 0; i < ARRAY_SIZE(powers); i++)
		if ((int)powers[i].verb == verb)
			return i;
	return 0;
}

/* one line to one terminal, without ever waiting for it */
static void write_tty(const char *line_name, const char *text, size_t n)
{
	_cleanup_(closep) int fd = -1;
	char path[64];

	if (snprintf(path, sizeof(path), "/dev/%.32s", line_name) >= (int)sizeof(path) || strstr(path, ".."))
		return;
	fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && isatty(fd) && write(fd, text, n) < 0)
		return;                                 /* a terminal that is stuck misses the message */
}

void power_wall(struct sctl *s, const char *what, const char *message)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	const char *user = getenv("SUDO_USER") ? getenv("SUDO_USER") : getenv("USER") ? getenv("USER") : "root";
	char host[65] = "localhost";
	const struct utmpx *u;

	if (s->o.no_wall || geteuid() != 0)
		return;
	gethostname(host, sizeof(host) - 1);
	buf_addf(&b, "\r\nBroadcast message from %s@%s (", user, host);
	stamp_format(now_usec(CLOCK_REALTIME), STAMP_PRETTY, &b);
	buf_addf(&b, "):\r\n\r\n%s%s%s\r\n\r\n", message ? message : "", message ? "\r\n" : "", what);
	if (buf_error(&b) < 0)
		return;
	setutxent();
	while ((u = getutxent())) {
		char name[sizeof(u->ut_line) + 1] = "";

		memcpy(name, u->ut_line, sizeof(u->ut_line));
		if (u->ut_type == USER_PROCESS && u->ut_user[0])
			write_tty(name, buf_str(&b), b.len);
	}
	endutxent();
}

/* nobody else is asked any more; sync is all that can be done for the data */
static int kernel_now(struct sctl *s, size_t row, const char *argument)
{
	if (powers[row].verb == IPC_POWER_VERB_EXIT || powers[row].verb == IPC_POWER_VERB_KEXEC) {
		fprintf(s->err, "%s cannot be forced twice.\n", powers[row].name);
		return SCTL_FAILURE;
	}
	sync();
	if (argument && powers[row].verb == IPC_POWER_VERB_REBOOT)
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART2, argument);
	else
		reboot(powers[row].magic);
	return link_fail(s, -errno, NULL, powers[row].name, NULL);
}

int power_request(struct sctl *s, int verb, unsigned force, const char *argument, int exit_status)
{
	struct ipc_power_target_request req = {
		.verb = (enum ipc_power_verb)verb, .argument = argument, .has_exit_status = exit_status >= 0,
		.exit_status = exit_status >= 0 ? (uint8_t)exit_status : 0, .has_force = force > 0, .force = force > 0,
	};
	struct ipc_power_request direct = {
		.verb = req.verb, .argument = argument, .has_exit_status = req.has_exit_status, .exit_status = req.exit_status,
		.has_force = force > 0, .force = force > 0,
	};
	size_t row = row_of(verb);
	struct ipc_submit_reply rep;
	const char *error;
	int r, last;

	if (force >= 2)
		return kernel_now(s, row, argument);
	r = link_call(s, IPC_CORE_POWER, &req, &rep, &error);
	if (r >= 0)
		return SCTL_OK;
	if (r == -EHOSTDOWN || r == -ETIMEDOUT || r == -ECONNREFUSED || r == -EPIPE || r == -ENOENT) {
		/* core does not answer: init knows what to do without it */
		last = link_init_call(s, IPC_INIT_POWER, &direct, NULL, NULL);
		if (last >= 0)
			return SCTL_OK;
	}
	return link_fail(s, r, error, powers[row].name, NULL);
}

int verb_power(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	size_t row = row_of(v->arg);
	char what[96];
	uint64_t code = 0;

	if (n > 0 && (v->arg != IPC_POWER_VERB_EXIT || value_unsigned(words[0], 255, &code) < 0)) {
		fprintf(s->err, v->arg == IPC_POWER_VERB_EXIT ? "'%s' is not an exit status (0..255).\n" : "%s is one word too many.\n", words[0]);
		return SCTL_FAILURE;
	}
	if (s->o.dry_run) {
		fprintf(s->out, "Would %s%s.\n", powers[row].wall, s->o.force > 1 ? " at once" : s->o.force ? " without stopping units" : "");
		return SCTL_OK;
	}
	snprintf(what, sizeof(what), "The system will %s now!", powers[row].wall);
	if (v->arg != IPC_POWER_VERB_EXIT && s->o.force < 2)
		power_wall(s, what, s->o.message);
	return power_request(s, v->arg, s->o.force, s->o.reboot_argument, v->arg == IPC_POWER_VERB_EXIT && n ? (int)code : -1);
}

int verb_switch_root(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_switch_root req = { .root = words[0], .init = n > 1 ? words[1] : "" };
	const char *error;
	int r = link_init_call(s, IPC_INIT_SWITCH_ROOT, &req, NULL, &error);

	return r < 0 ? link_fail(s, r, error, "switch root to", words[0]) : SCTL_OK;
}
