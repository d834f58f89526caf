/*
 * lock.c - devctl lock: run a command while block devices are locked; udevadm(8) "lock"
 *
 * The lock is flock(2) on the node of the whole disk; a device manager leaves alone what is locked so.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include "devctl.h"
#include "osfile.h"
#include "value.h"

#define AT(f) offsetof(struct devctl, f)
#define LOCKS_MAX 256
#define TRY_USEC 20000
static const struct option_row rows[] = {
	{ "device", 'd', OPTION_LIST, "DEVICE", AT(lock.devices), "d", .doc = "a block device; of a partition its whole disk" },
	{ "backing", 'b', OPTION_LIST, "FILE", AT(lock.devices), "b", .doc = "the block device that holds this file" },
	{ "timeout", 't', OPTION_STRING, "SECONDS", AT(timeout), .doc = "wait for locks at most so long (for ever); 0: not at all" },
	{ "print", 'p', OPTION_FLAG, NULL, AT(lock.print), .doc = "print the devices that would be locked" },
};
const struct option_set lock_options = { rows, ARRAY_SIZE(rows), .first_word_ends = true };

/* the disk of a partition; what has a queue is whole */
static int whole_disk(struct devctl *c, dev_t number, dev_t *ret)
{
	char path[PATH_MAX], text[64];
	unsigned ma, mi;
	int r;

	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/queue", c->sysfs, major(number), minor(number));
	if (access(path, F_OK) == 0) {
		*ret = number;
		return 0;
	}
	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/partition", c->sysfs, major(number), minor(number));
	if (access(path, F_OK) < 0)
		return -errno;
	snprintf(path, sizeof(path), "%s/dev/block/%u:%u/../dev", c->sysfs, major(number), minor(number));
	r = osfile_read(path, text, sizeof(text));
	if (r < 0)
		return r;
	if (sscanf(text, "%u:%u", &ma, &mi) != 2)
		return -EINVAL;
	*ret = makedev(ma, mi);
	return 0;
}

static int find_disk(struct devctl *c, const char *text, dev_t *ret)
{
	struct stat st;

	if (stat(text + 1, &st) < 0)
		return -errno;
	if (S_ISBLK(st.st_mode))
		return whole_disk(c, st.st_rdev, ret);
	if (text[0] == 'd' || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) || major(st.st_dev) == 0)
		return -ENOTBLK;
	return whole_disk(c, st.st_dev, ret);
}

static int by_number(const void *a, const void *b)
{
	dev_t x = *(const dev_t *)a, y = *(const dev_t *)b;

	if (major(x) != major(y))
		return major(x) < major(y) ? -1 : 1;
	return (minor(x) > minor(y)) - (minor(x) < minor(y));
}

/* sorted, each once, so that two callers never wait for each other. How many or -1 */
static int gather(struct devctl *c, dev_t disks[LOCKS_MAX])
{
	size_t n = 0, kept = 0;

	for (char **p = c->lock.devices; p && *p; p++) {
		int r = n == LOCKS_MAX ? -E2BIG : find_disk(c, *p, &disks[n]);

		if (r < 0) {
			fprintf(c->err, "%s: lock: %s: %s\n", c->program, *p + 1, strerror(-r));
			return -1;
		}
		n++;
	}
	qsort(disks, n, sizeof(*disks), by_number);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || disks[kept - 1] != disks[i])
			disks[kept++] = disks[i];
	return (int)kept;
}

static int node_of(struct devctl *c, dev_t disk, char path[PATH_MAX])
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	struct device *d;
	int r = device_open_number(&d, &arena, c->sysfs, true, disk);

	if (r == 0 && !d->devname)
		r = -ENOENT;
	if (r == 0)
		snprintf(path, PATH_MAX, "%s%s", c->devdir, d->devname + strlen("/dev"));
	arena_reset(&arena);
	return r;
}

/* the descriptor stays open until we end */
static int take(const char *path, dev_t disk, uint64_t deadline)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISBLK(st.st_mode) || st.st_rdev != disk)
		return -ENXIO;
	if (deadline == USEC_INFINITY)
		return flock(fd, LOCK_EX) < 0 ? -errno : 0;
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (now_usec(CLOCK_MONOTONIC) >= deadline)
			return -ETIMEDOUT;
		usleep(TRY_USEC);
	}
	return 0;
}

/* @argv: the rest of the command line, NULL behind it */
static int run(struct devctl *c, char **argv)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		execvp(argv[0], argv);
		fprintf(stderr, "%s: %s: %s\n", c->program, argv[0], strerror(errno));
		_exit(1);
	}
	if (pid < 0)
		return devctl_fail(c, "fork", -errno);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return devctl_fail(c, argv[0], -errno);
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	fprintf(c->err, "%s: %s was ended by %s\n", c->program, argv[0], signal_name(WTERMSIG(status)) ? signal_name(WTERMSIG(status)) : "a signal");
	return 1;
}

static int check(struct devctl *c, size_t n)
{
	const char *why = c->lock.print && n > 0 ? "--print takes no command" : !c->lock.print && n == 0 ? "a command is needed" :
		!c->lock.devices ? "--device or --backing is needed" : NULL;

	if (why)
		fprintf(c->err, "%s: lock: %s\n", c->program, why);
	return why ? devctl_usage(c) : 0;
}

int verb_lock(struct devctl *c, char **words, size_t n)
{
	uint64_t span = USEC_INFINITY, deadline;
	dev_t disks[LOCKS_MAX];
	char path[PATH_MAX];
	int count, r = devctl_span(c, &span);

	if (r == 0)
		r = check(c, n);
	if (r)
		return r;
	count = gather(c, disks);
	deadline = watch_deadline(span);
	for (int i = 0; i < count; i++) {
		r = node_of(c, disks[i], path);
		if (r == 0 && c->lock.print)
			fprintf(c->out, "%s\n", path);
		else if (r == 0)
			r = take(path, disks[i], deadline);
		if (r < 0)
			return devctl_fail(c, path, r);
	}
	return count < 0 ? 1 : c->lock.print ? 0 : run(c, words);
}
