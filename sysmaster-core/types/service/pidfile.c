/* pidfile.c - PIDFile=: read with distrust, waited for with inotify(7) */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include "log.h"
#include "types/service/service.h"

static int read_pid(const char *path, pid_t *ret, bool *by_root)
{
	char text[32];
	uint64_t pid;
	struct stat st;
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	ssize_t n = read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = 0;
	text[strcspn(text, "\r\n \t")] = 0;
	if (value_unsigned(text, INT32_MAX, &pid) < 0 || pid <= 1)
		return -EINVAL;
	*ret = (pid_t)pid;
	*by_root = st.st_uid == 0;
	return 0;
}

int service_load_pid_file(struct service *s)
{
	pid_t pid = 0;
	bool by_root = false;
	int r = read_pid(s->pid_file, &pid, &by_root);

	if (r < 0)
		return r;
	if (kill(pid, 0) < 0 && errno == ESRCH)
		return -ESRCH;
	/* a file that an unprivileged user can write may only name processes of the service itself */
	if (!by_root && !unit_host(&s->u)->pid_in_cgroup(&s->u, pid)) {
		log_event(LOG_WARNING, "PID_FILE_REFUSED", "PID file not owned by root names a foreign process", F_STR("UNIT", s->u.id), F_STR("FILE", s->pid_file), F_I64("PID", pid));
		return -EPERM;
	}
	return service_set_main_pid(s, pid, false);
}

static int watch_fire(struct source *src, uint32_t events)
{
	struct service *s = container_of(src, struct service, pid_watch);
	char drained[4096];

	while (read(src->fd, drained, sizeof(drained)) > 0)
		;
	if (service_load_pid_file(s) >= 0)
		service_pid_file_came(s);
	else
		service_watch_pid_file(s);              /* a nearer directory may exist by now */
	return 0;
}

/* watches the nearest directory above the file that exists */
int service_watch_pid_file(struct service *s)
{
	char dir[PATH_MAX];
	char *slash;

	if (s->pid_watch_fd < 0) {
		s->pid_watch_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (s->pid_watch_fd < 0)
			return -errno;
		int r = source_add(unit_host(&s->u)->loop, &s->pid_watch, s->pid_watch_fd, EPOLLIN, watch_fire);

		if (r < 0) {
			closep(&s->pid_watch_fd);
			return r;
		}
	}
	snprintf(dir, sizeof(dir), "%s", s->pid_file);
	while ((slash = strrchr(dir, '/'))) {
		*(slash == dir ? slash + 1 : slash) = 0;
		if (inotify_add_watch(s->pid_watch_fd, dir, IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) >= 0)
			break;
		if (errno != ENOENT || slash == dir)
			return -errno;
	}
	/* it may have come between the look and the watch */
	if (service_load_pid_file(s) >= 0)
		service_pid_file_came(s);
	return 0;
}

void service_unwatch_pid_file(struct service *s)
{
	if (s->pid_watch_fd < 0)
		return;
	source_del(&s->pid_watch);
	closep(&s->pid_watch_fd);
}
