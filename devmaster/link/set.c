/* set.c - see set.h; devmaster's own folders come first, as for rules */
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/stat.h>
#include "device/files.h"
#include "set.h"

static const char *const folders[] = {
	"/etc/devmaster/network", "/run/devmaster/network", "/usr/lib/devmaster/network",
	"/etc/systemd/network", "/run/systemd/network", "/usr/local/lib/systemd/network", "/usr/lib/systemd/network", "/lib/systemd/network",
};

int link_paths(const char *root, char ***ret_files, char ***ret_folders)
{
	_cleanup_(strv_freep) char **files = NULL, **list = NULL;
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(folders) && r >= 0; i++) {
		char *path;

		r = asprintf(&path, "%s%s", root, folders[i]) < 0 ? -ENOMEM : strv_consume(&list, path);
		if (r >= 0)
			r = files_list(list[i], ".link", &files);
	}
	if (r < 0)
		return r;
	*ret_files = TAKE_PTR(files);
	*ret_folders = TAKE_PTR(list);
	return 0;
}

/* changes when a file is made, removed or renamed in a folder, or written to */
static uint64_t stamp_of(char *const *list, char *const *files)
{
	uint64_t sum = 0;
	struct stat st;

	for (int pass = 0; pass < 2; pass++)
		for (char *const *p = pass ? files : list; p && *p; p++)
			if (stat(*p, &st) == 0)
				sum = sum * 31 + (uint64_t)st.st_mtim.tv_sec * 1000000007u + (uint64_t)st.st_mtim.tv_nsec + st.st_ino;
	return sum;
}

bool link_set_changed(const struct link_set *set, const char *root)
{
	_cleanup_(strv_freep) char **files = NULL, **list = NULL;

	return link_paths(root, &files, &list) < 0 || stamp_of(list, files) != set->stamp;
}

int link_set_read(struct link_set *set, const char *root, const struct event *e, struct diag_sink *sink)
{
	_cleanup_(strv_freep) char **files = NULL, **list = NULL;
	int r = link_paths(root, &files, &list);

	*set = (struct link_set){ 0 };
	if (r < 0)
		return r;
	set->stamp = stamp_of(list, files);
	set->files = calloc(strv_len(files) + 1, sizeof(*set->files));
	if (!set->files)
		return -ENOMEM;
	for (char **p = files; p && *p; p++) {
		struct link_file *f = NULL;
		struct stat st;

		if (stat(*p, &st) < 0 || st.st_size == 0 || !S_ISREG(st.st_mode))
			continue;                       /* switched off */
		r = link_file_read(&f, *p, list, sink);
		if (r == -ENOMEM)
			return r;
		if (r == 0 && link_conditions(f, e))
			set->files[set->n++] = f;
		else
			link_file_free(f);
	}
	return 0;
}

void link_set_finish(struct link_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		link_file_free(set->files[i]);
	free(set->files);
	*set = (struct link_set){ 0 };
}

const struct link_file *link_set_find(const struct link_set *set, const struct link_state *s)
{
	for (size_t i = 0; !(s->flags & IFF_LOOPBACK) && i < set->n; i++)
		if (link_matches(set->files[i], s))
			return set->files[i];
	return NULL;
}
