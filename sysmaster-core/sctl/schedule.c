/* schedule.c - see schedule.h */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include "link.h"
#include "proc.h"
#include "schedule.h"
#include "text.h"
#include "verb.h"

#define RECORD "/run/sysmaster/shutdown.scheduled"
#define NOLOGIN "/run/nologin"
#define MINUTE (60 * USEC_PER_SEC)

int schedule_time(const char *word, uint64_t now, uint64_t *ret)
{
	unsigned hour, minute;
	uint64_t minutes;
	char end;

	if (streq(word, "now") || streq(word, "+0")) {
		*ret = 0;
		return 0;
	}
	if (word[0] == '+') {
		if (value_unsigned(word + 1, 60 * 24 * 366 * 10, &minutes) < 0)
			return -EINVAL;
		*ret = now + minutes * MINUTE;
		return 0;
	}
	if (strspn(word, "0123456789:") != strlen(word) || sscanf(word, "%2u:%2u%c", &hour, &minute, &end) != 2 || hour > 23 || minute > 59)
		return -EINVAL;
	time_t sec = (time_t)(now / USEC_PER_SEC);
	struct tm tm;

	localtime_r(&sec, &tm);
	tm.tm_hour = (int)hour;
	tm.tm_min = (int)minute;
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	sec = mktime(&tm);
	if ((uint64_t)sec * USEC_PER_SEC <= now) {      /* tomorrow */
		tm.tm_mday++;
		tm.tm_isdst = -1;
		sec = mktime(&tm);
	}
	*ret = (uint64_t)sec * USEC_PER_SEC;
	return 0;
}

int schedule_read(struct schedule *ret)
{
	struct schedule d = { 0 };
	char path[PATH_MAX];
	int r = link_path(RECORD, path), n;
	FILE *f = r < 0 ? NULL : fopen(path, "re");

	if (!f)
		return -ENOENT;
	n = fscanf(f, "%d %" SCNu64 " %" SCNu64 " %d", &d.pid, &d.start, &d.usec, &d.verb);
	fclose(f);
	if (n != 4 || d.pid <= 1 || d.start == 0 || proc_stat((uint32_t)d.pid, NULL) != d.start)
		return -ENOENT;                         /* the process is gone: nothing is pending */
	*ret = d;
	return 0;
}

int schedule_cancel(void)
{
	char path[PATH_MAX];
	struct schedule d;
	int r = schedule_read(&d);

	if (r < 0)
		return r;
	if (kill(d.pid, SIGTERM) < 0)
		return -errno;
	if (link_path(RECORD, path) >= 0)
		unlink(path);
	if (d.usec <= now_usec(CLOCK_REALTIME) + 5 * MINUTE)
		unlink(NOLOGIN);
	return 0;
}

static int write_record(const struct schedule *d)
{
	char path[PATH_MAX];
	int r = link_path(RECORD, path);
	FILE *f = r < 0 ? NULL : fopen(path, "we");

	if (!f)
		return r < 0 ? r : -errno;
	fprintf(f, "%d %" PRIu64 " %" PRIu64 " %d\n", (int)d->pid, d->start, d->usec, d->verb);
	return fclose(f) == 0 ? 0 : -errno;
}

static void leave_session(const char *cgroup_root)
{
	_cleanup_(closep) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char path[PATH_MAX];

	setsid();
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (chdir("/") < 0)
		return;
	if (*cgroup_root && snprintf(path, sizeof(path), "%s/init.scope/cgroup.procs", cgroup_root) < (int)sizeof(path)) {
		_cleanup_(closep) int fd = open(path, O_WRONLY | O_CLOEXEC);

		if (fd >= 0 && write(fd, "0", 1) < 0)
			return;                         /* where it was: good enough as long as that login's service lives */
	}
}

static void close_door(uint64_t usec)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(closep) int fd = open(NOLOGIN, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	buf_adds(&b, "The system is going down at ");
	stamp_format(usec, STAMP_PRETTY, &b);
	buf_adds(&b, ". Nobody but root may log in any more.\n");
	if (fd >= 0 && buf_error(&b) == 0 && write(fd, b.data, b.len) < 0)
		unlink(NOLOGIN);
}

static void sleep_until(uint64_t usec)
{
	struct timespec t = { .tv_sec = (time_t)(usec / USEC_PER_SEC), .tv_nsec = (long)(usec % USEC_PER_SEC * NSEC_PER_USEC) };

	while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL) == EINTR)
		continue;
}

/* the waiting process: tells the users at round numbers of minutes, then acts. Never returns */
static void __attribute__((noreturn)) run(struct sctl *s, int verb, uint64_t usec, const char *message)
{
	static const unsigned minutes[] = { 60, 30, 10, 5, 1, 0 };
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(minutes); i++) {
		uint64_t before = minutes[i] * MINUTE, at = usec > before ? usec - before : 0;
		char what[64];

		if (at < now_usec(CLOCK_REALTIME) && minutes[i] > 0)
			continue;
		sleep_until(at);
		if (minutes[i] == 5)
			close_door(usec);
		if (minutes[i] > 0)
			snprintf(what, sizeof(what), "The system is going down in %u minute%s!", minutes[i], minutes[i] == 1 ? "" : "s");
		else
			snprintf(what, sizeof(what), "The system is going down now!");
		power_wall(s, what, message);
	}
	if (link_path(RECORD, path) >= 0)
		unlink(path);
	client_free(s->core);                           /* old by now, and not ours: the parent's */
	s->core = NULL;
	_exit(power_request(s, verb, 0, NULL, -1));
}

static void cgroup_root(struct sctl *s, char *ret, size_t size)
{
	struct ipc_empty req = { 0 };
	struct ipc_manager_status m;

	snprintf(ret, size, "%s", link_call(s, IPC_CORE_STATUS, &req, &m, NULL) < 0 ? "" : m.cgroup_root);
}

int schedule_start(struct sctl *s, int verb, uint64_t usec, const char *message)
{
	struct schedule d = { .usec = usec, .verb = verb };
	_cleanup_(buf_finish) struct buf b = { 0 };
	char root[PATH_MAX], c;
	int r, moved[2];

	if (geteuid() != 0)
		return link_fail(s, -EACCES, NULL, "schedule a shutdown", NULL);
	schedule_cancel();
	if (usec <= now_usec(CLOCK_REALTIME) + 5 * MINUTE)
		close_door(usec);
	cgroup_root(s, root, sizeof(root));
	fflush(s->out);
	fflush(s->err);
	if (pipe2(moved, O_CLOEXEC) < 0)
		return link_fail(s, -errno, NULL, "schedule a shutdown", NULL);
	d.pid = fork();
	if (d.pid == 0) {
		leave_session(root);
		close(moved[0]);
		close(moved[1]);
		run(s, verb, usec, message);
	}
	close(moved[1]);
	if (d.pid > 0 && read(moved[0], &c, 1) != 0)    /* its end closed: out of our control group before we return */
		r = -EIO;
	else
		r = d.pid < 0 ? -errno : 0;
	close(moved[0]);
	if (r < 0)
		return link_fail(s, r, NULL, "schedule a shutdown", NULL);
	d.start = proc_stat((uint32_t)d.pid, NULL);
	r = write_record(&d);
	if (r < 0) {
		kill(d.pid, SIGKILL);
		return link_fail(s, r, NULL, "write", RECORD);
	}
	stamp_format(usec, STAMP_PRETTY, &b);
	fprintf(s->err, "%s scheduled for %s, use 'shutdown -c' to cancel.\nProcess %d waits for it.\n",
		verb == IPC_POWER_VERB_REBOOT ? "Reboot" : "Shutdown", buf_str(&b), (int)d.pid);
	return SCTL_OK;
}
