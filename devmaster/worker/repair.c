/*
 * repair.c - after kernel messages were lost: every device is looked at again
 *
 * What is there gets an event from the kernel ("add" when it has no record yet, else "change"), so listeners hear of it, too. Records
 * of devices that are gone go with their links and tags; who listens is not told, as nobody knows any more where those were.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "database/database.h"
#include "log.h"
#include "node/node.h"
#include "worker/worker.h"

#define DEPTH_MAX 64

static void trigger(const char *folder, const char *sysfs, const char *run)
{
	struct arena a = ARENA_HEAP(1u << 20);
	char path[PATH_MAX];
	struct device *d;
	struct stat st;

	if (device_open(&d, &a, sysfs, folder) == 0 && d->subsystem) {
		const char *id = device_id(d);
		const char *action = id && (size_t)snprintf(path, sizeof(path), "%s/data/%s", run, id) < sizeof(path) && stat(path, &st) == 0 ? "change" : "add";
		int fd = (size_t)snprintf(path, sizeof(path), "%s/uevent", folder) < sizeof(path) ? open(path, O_WRONLY | O_CLOEXEC) : -1;

		if (fd >= 0) {
			if (write(fd, action, strlen(action)) < 0)
				log_event(LOG_DEBUG, "DEVICE_TRIGGER", "a device cannot be triggered", F_STR("DEVICE", folder), F_ERRNO(-errno));
			close(fd);
		}
	}
	arena_reset(&a);
}

static int walk(const char *folder, const char *sysfs, const char *run, unsigned depth)
{
	char path[PATH_MAX];
	DIR *d = depth < DEPTH_MAX ? opendir(folder) : NULL;
	struct dirent *e;
	int n = 0;

	if (!d)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/uevent", folder) < sizeof(path) && access(path, F_OK) == 0) {
		trigger(folder, sysfs, run);
		n++;
	}
	while ((e = readdir(d)))
		if (e->d_type == DT_DIR && e->d_name[0] != '.' && (size_t)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name) < sizeof(path))
			n += walk(path, sysfs, run, depth + 1);
	closedir(d);
	return n;
}

/* is there such an interface? */
static bool interface_there(const char *sysfs, int ifindex)
{
	char path[PATH_MAX], text[32];
	struct dirent *e;
	bool yes = false;
	DIR *d;

	snprintf(path, sizeof(path), "%s/class/net", sysfs);
	d = opendir(path);
	while (d && !yes && (e = readdir(d))) {
		int fd, n;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/class/net/%s/ifindex", sysfs, e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : (int)read(fd, text, sizeof(text) - 1);
		if (n > 0) {
			text[n] = '\0';
			yes = atoi(text) == ifindex;
		}
		closep(&fd);
	}
	if (d)
		closedir(d);
	return yes;
}

/* whose record it is: a device with its identity in @ret when it is gone. false: it is there, or the name says nothing */
static bool gone(const char *sysfs, const char *id, struct arena *a, struct device *ret)
{
	char path[PATH_MAX], subsystem[NAME_MAX + 1];
	unsigned ma, mi;
	struct device *d;
	const char *name;

	*ret = (struct device){ .arena = a, .sysfs = sysfs, .path = sysfs, .devpath = "", .sysname = "", .subsystem = "", .devmode = -1, .devuid = -1, .devgid = -1 };
	if ((id[0] == 'b' || id[0] == 'c') && sscanf(id + 1, "%u:%u", &ma, &mi) == 2) {
		ret->devnum = makedev(ma, mi);
		ret->is_block = id[0] == 'b';
		ret->devname = "/dev/.";
		snprintf(path, sizeof(path), "%s/dev/%s/%u:%u", sysfs, ret->is_block ? "block" : "char", ma, mi);
		return access(path, F_OK) < 0 && errno == ENOENT;
	}
	if (id[0] == 'n') {
		ret->ifindex = atoi(id + 1);
		return ret->ifindex > 0 && !interface_there(sysfs, ret->ifindex);
	}
	name = id[0] == '+' ? strchr(id, ':') : NULL;
	if (!name)
		return false;
	snprintf(subsystem, sizeof(subsystem), "%.*s", (int)(name - id - 1), id + 1);
	if (device_open_name(&d, a, sysfs, subsystem, name + 1) != -ENODEV)
		return false;
	ret->subsystem = arena_strndup(a, subsystem, strlen(subsystem));
	snprintf(path, sizeof(path), "/%s", name + 1);
	ret->devpath = arena_strndup(a, path, strlen(path));
	return ret->subsystem && ret->devpath;
}

static int forget(const char *sysfs, const char *run)
{
	struct database db = { run };
	struct node_place place = { .db = &db, .dev = "/dev", .apply = true };
	char path[PATH_MAX];
	struct dirent *e;
	int n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/data", run);
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		struct arena a = ARENA_HEAP(1u << 20);
		struct device d;

		if (e->d_name[0] != '.' && gone(sysfs, e->d_name, &a, &d)) {
			node_forget(&place, &d);
			n++;
		}
		arena_reset(&a);
	}
	if (dir)
		closedir(dir);
	return n;
}

int repair_all(const char *sysfs, const char *run)
{
	static const char *const roots[] = { "devices", "module", "bus" };
	int lost = forget(sysfs, run), n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", sysfs, roots[i]);
		n += walk(path, sysfs, run, 0);
	}
	log_event(LOG_NOTICE, "DEVICE_REPAIR", "every device was triggered again", F_I64("DEVICES", n), F_I64("RECORDS_DROPPED", lost));
	return n;
}
