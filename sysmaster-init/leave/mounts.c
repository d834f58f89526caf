/* mounts.c - see mounts.h */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include "common/sys.h"
#include "leave/mounts.h"
#include "log.h"

#define ROUNDS 5                        /* of unmounting: each frees what the next can reach */
#define SWAP_USEC (60 * USEC_PER_SEC)

static uint64_t each_usec;              /* for one file system */

static int do_swapoff(const char *what) { return sys->swapoff(what); }
static int do_umount(const char *where) { return sys->umount(where, UMOUNT_NOFOLLOW); }
static int do_detach(const char *where) { return sys->umount(where, MNT_DETACH | UMOUNT_NOFOLLOW); }
static int do_readonly(const char *where) { return sys->mount(NULL, where, NULL, MS_REMOUNT | MS_RDONLY, NULL); }

/* "\040" and its like; proc(5) */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	*to = '\0';
}

static bool stays(const char *where)
{
	static const char *const trees[] = { "/proc", "/sys", "/dev" };

	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		size_t n = strlen(trees[i]);

		if (strncmp(where, trees[i], n) == 0 && (where[n] == '\0' || where[n] == '/'))
			return true;
	}
	return streq(where, "/") || streq(where, "/run");
}

unsigned mounts_walk(char *text, bool (*fn)(const char *where))
{
	unsigned left = 0;
	size_t n = strlen(text);

	while (n > 0) {
		char *line, *where;

		if (text[n - 1] == '\n')
			text[--n] = '\0';
		while (n > 0 && text[n - 1] != '\n')
			n--;
		line = text + n;
		for (int field = 1; field < 5 && line; field++)
			strsep(&line, " ");
		where = strsep(&line, " ");
		if (!where)
			continue;
		unescape(where);
		if (!stays(where) && !fn(where))
			left++;
	}
	return left;
}

static char *read_whole(const char *path)
{
	static char text[4u << 20];     /* some ten thousand mounts; pages are touched as needed */
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t r;

	while (fd >= 0 && n < sizeof(text) - 1 && (r = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)r;
	text[n] = '\0';
	return text;
}

static bool umount_one(const char *where)
{
	int r = work_bounded(do_umount, where, each_usec);

	log_event(r < 0 ? LOG_INFO : LOG_DEBUG, "SHUTDOWN_UMOUNT", r < 0 ? "not unmounted yet" : "unmounted", F_STR("WHERE", where), F_ERRNO(r));
	if (r < 0)
		work_bounded(do_readonly, where, each_usec);    /* clean at least */
	return r == 0 || r == -EINVAL;  /* EINVAL: gone together with its parent */
}

static bool detach_one(const char *where)
{
	int r = work_bounded(do_detach, where, each_usec);

	log_event(LOG_WARNING, "SHUTDOWN_DETACH", "still busy; detached", F_STR("WHERE", where), F_ERRNO(r));
	return r == 0;
}

static void swap_off(void)
{
	char *text = read_whole("/proc/swaps"), *line;

	strsep(&text, "\n");    /* the heading */
	while ((line = strsep(&text, "\n"))) {
		char *what = strsep(&line, " \t");
		int r;

		if (*what != '/')
			continue;
		unescape(what);
		r = work_bounded(do_swapoff, what, SWAP_USEC);
		log_event(r < 0 ? LOG_WARNING : LOG_DEBUG, "SHUTDOWN_SWAPOFF", "swapoff", F_STR("WHAT", what), F_ERRNO(r));
	}
}

static int clear_loop(const char *name, const char *attribute)
{
	char device[300];

	(void)attribute;
	snprintf(device, sizeof(device), "/dev/%s", name);
	return sys->loop_clear(device);
}

static int remove_dm(const char *name, const char *attribute)
{
	(void)name;
	return sys->dm_remove(attribute);
}

/* each /sys/block/PREFIX* that has the attribute file: loop/backing_file, dm/name */
static unsigned block_devices(const char *prefix, const char *attribute, int (*fn)(const char *name, const char *attribute))
{
	DIR *dir = opendir("/sys/block");
	unsigned done = 0;

	for (struct dirent *d; dir && (d = readdir(dir));) {
		char path[512], value[256];
		_cleanup_(closep) int fd = -1;
		ssize_t n;
		int r;

		if (!startswith(d->d_name, prefix))
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/%s", d->d_name, attribute);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, value, sizeof(value) - 1);
		if (n <= 0)
			continue;
		value[n] = '\0';
		value[strcspn(value, "\n")] = '\0';
		r = fn(d->d_name, value);
		log_event(LOG_INFO, "SHUTDOWN_BLOCK", r < 0 ? "block device not detached" : "block device detached", F_STR("DEVICE", d->d_name), F_ERRNO(r));
		done += r == 0;
	}
	if (dir)
		closedir(dir);
	return done;
}

static void unmount_all(void)
{
	unsigned left = 0, last, freed = 0;

	for (int i = 0; i < ROUNDS; i++) {
		last = left;
		left = mounts_walk(read_whole("/proc/self/mountinfo"), umount_one);
		freed = block_devices("loop", "loop/backing_file", clear_loop);
		freed += block_devices("dm-", "dm/name", remove_dm);
		if ((left == 0 || (i > 0 && left == last)) && freed == 0)
			break;
	}
	if (left > 0)
		mounts_walk(read_whole("/proc/self/mountinfo"), detach_one);
}

void mounts_undo(const struct order *o)
{
	each_usec = o->kill_usec;
	swap_off();
	unmount_all();
}
