/* find.c - see devctl.h */
#include <limits.h>
#include <sys/stat.h>
#include "devctl.h"

const char *const device_actions[8] = { "add", "remove", "change", "move", "online", "offline", "bind", "unbind" };

bool find_action(struct devctl *c, const char *text, int *status)
{
	for (size_t i = 0; i < ARRAY_SIZE(device_actions); i++)
		if (streq(device_actions[i], text))
			return true;
	if (streq(text, "help")) {
		for (size_t i = 0; i < ARRAY_SIZE(device_actions); i++)
			fprintf(c->out, "%s\n", device_actions[i]);
		*status = 0;
		return false;
	}
	fprintf(c->err, "%s: '%s' is not an action; 'help' lists them\n", c->program, text);
	*status = devctl_usage(c);
	return false;
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (path[n] == '/' || !path[n]);
}

char *find_path(const char *dir, const char *word)
{
	char *path;

	if (is_below(word, dir))
		return strdup(word);
	return asprintf(&path, "%s/%s", dir, word) < 0 ? NULL : path;
}

static int by_node(struct devctl *c, struct arena *a, const char *path, struct device **ret)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? -ENODEV : -errno;
	if (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode))
		return -ENOTBLK;
	return device_open_number(ret, a, c->sysfs, S_ISBLK(st.st_mode), st.st_rdev);
}

static int hex(char x) { return x >= '0' && x <= '9' ? x - '0' : x >= 'a' && x <= 'f' ? x - 'a' + 10 : -1; }

/* "dev-disk-by\x2did-x.device" -> "/dev/disk/by-id/x"; source: systemd.unit(5) */
static int unit_path(const char *unit, char path[PATH_MAX])
{
	size_t n = 0, len = strlen(unit) - strlen(".device");

	if (len >= PATH_MAX / 2)
		return -ENAMETOOLONG;
	path[n++] = '/';
	for (size_t i = 0; i < len; i++) {
		if (unit[i] == '\\') {
			if (i + 3 >= len || unit[i + 1] != 'x' || hex(unit[i + 2]) < 0 || hex(unit[i + 3]) < 0)
				return -EINVAL;
			path[n++] = (char)(hex(unit[i + 2]) * 16 + hex(unit[i + 3]));
			i += 3;
		} else
			path[n++] = unit[i] == '-' ? '/' : unit[i];
	}
	path[n] = '\0';
	return 0;
}

int find_device(struct devctl *c, struct arena *a, const char *word, struct device **ret)
{
	char path[PATH_MAX];
	int r;

	if (is_below(word, c->devdir))
		return by_node(c, a, word, ret);
	if (is_below(word, c->sysfs))
		return device_open(ret, a, c->sysfs, word);
	if (word[0] == '/')
		return c->udevadm ? -ENODEV : device_open(ret, a, c->sysfs, word);
	if (!endswith(word, ".device") || streq(word, ".device"))
		return -EINVAL;
	r = unit_path(word, path);
	if (r < 0)
		return r;
	return is_below(path, c->devdir) ? by_node(c, a, path, ret) : is_below(path, c->sysfs) ? device_open(ret, a, c->sysfs, path) : -ENODEV;
}
