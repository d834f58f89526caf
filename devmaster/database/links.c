/* links.c - who wants a link, and who gets it */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include "database.h"

int database_link_path(const char *link, char *out, size_t size)
{
	char own[PATH_MAX], *path = out ? out : own, *to;
	const char *from = link + 5;

	if (!startswith(link, "/dev/"))
		return -EINVAL;
	if (strlen(link) >= (out ? size : sizeof(own)))
		return -ENAMETOOLONG;
	memcpy(path, link, 5);
	to = path + 5;
	while (*from) {
		size_t n = strcspn(from, "/");

		if (n == 2 && from[0] == '.' && from[1] == '.')
			return -EINVAL;
		if (n > 0 && !(n == 1 && from[0] == '.')) {
			if (to > path + 5)
				*to++ = '/';
			memcpy(to, from, n);
			to += n;
		}
		from += n;
		from += *from == '/';
	}
	*to = '\0';
	return to > path + 5 ? 0 : -EINVAL;
}

/* links/NAME, or links/NAME/ID with a device */
static int stack_path(struct database *db, struct device *d, const char *link, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/links/", db->run);
	size_t at = (size_t)n, begin = at;
	const char *id = d ? device_id(d) : NULL;
	char normal[PATH_MAX];

	if (database_link_path(link, normal, sizeof(normal)) < 0)
		return -EINVAL;
	for (const char *p = normal + 5; *p; p++) {
		if (at + 8 + NAME_MAX >= PATH_MAX || at - begin + 4 > NAME_MAX)
			return -ENAMETOOLONG;
		at += (size_t)snprintf(path + at, PATH_MAX - at, *p == '/' ? "\\x2f" : *p == '\\' ? "\\x5c" : "%c", *p);
	}
	if (d && !id)
		return -ENOENT;
	if (d)
		snprintf(path + at, PATH_MAX - at, "/%s", id);
	return 0;
}

int database_stack(struct database *db, struct device *d, const char *link, bool want)
{
	char path[PATH_MAX], text[PATH_MAX], old[PATH_MAX], temporary[PATH_MAX + 16], *slash;
	ssize_t n;
	int r = stack_path(db, d, link, path);

	if (r < 0)
		return r;
	if (!want) {
		r = unlink(path) < 0 && errno != ENOENT ? -errno : 0;
		slash = strrchr(path, '/');
		*slash = '\0';
		rmdir(path);                            /* the last one takes the folder along */
		return r;
	}
	if (!d->devname)
		return -ENODEV;
	snprintf(text, sizeof(text), "%d:%s", d->link_priority, d->devname);
	n = readlink(path, old, sizeof(old) - 1);
	if (n >= 0) {
		old[n] = '\0';
		if (streq(old, text))
			return 1;
	}
	r = database_mkdir_parents(path);
	if (r < 0)
		return r;
	slash = strrchr(path, '/');
	snprintf(temporary, sizeof(temporary), "%.*s/.#%s", (int)(slash - path), path, slash + 1);
	unlink(temporary);
	if (symlink(text, temporary) < 0 || rename(temporary, path) < 0)
		return -errno;
	return 0;
}

static bool better(long priority, bool own, long best, bool best_own, bool have)
{
	return !have || priority > best || (priority == best && own && !best_own);
}

int database_winner(struct database *db, struct device *own, const char *link, char *node, size_t size)
{
	const char *id = own ? device_id(own) : NULL;
	char path[PATH_MAX], text[PATH_MAX];
	bool have = false, best_own = false;
	long best = 0;
	struct dirent *e;
	DIR *d;
	int r = stack_path(db, NULL, link, path);

	if (r < 0)
		return r;
	d = opendir(path);
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		bool mine = id && streq(e->d_name, id);
		ssize_t n = e->d_name[0] == '.' ? -1 : readlinkat(dirfd(d), e->d_name, text, sizeof(text) - 1);
		char *colon;
		long priority;

		if (n <= 0)
			continue;
		text[n] = '\0';
		priority = strtol(text, &colon, 10);
		if (*colon != ':' || !startswith(colon + 1, "/dev/") || !better(priority, mine, best, best_own, have))
			continue;
		if ((size_t)snprintf(node, size, "%s", colon + 1) >= size)
			continue;
		best = priority;
		best_own = mine;
		have = true;
	}
	closedir(d);
	return have ? 0 : -ENOENT;
}
