/* files.c - see files.h */
#include <dirent.h>
#include <stdio.h>
#include "files.h"

const char *files_name(const char *path) { return strrchr(path, '/') ? strrchr(path, '/') + 1 : path; }

static int by_name(const void *a, const void *b) { return strcmp(files_name(*(char *const *)a), files_name(*(char *const *)b)); }

static bool had(char *const *files, const char *name)
{
	for (; files && *files; files++)
		if (streq(files_name(*files), name))
			return true;
	return false;
}

int files_list(const char *folder, const char *suffix, char ***files)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	int r = 0;

	if (!dir)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (r >= 0 && (e = readdir(dir))) {
		char *path;

		if (e->d_name[0] != '.' && endswith(e->d_name, suffix) && !had(*files, e->d_name))
			r = asprintf(&path, "%s/%s", folder, e->d_name) < 0 ? -ENOMEM : strv_consume(files, path);
	}
	closedir(dir);
	if (*files)
		qsort(*files, strv_len(*files), sizeof(**files), by_name);
	return r < 0 ? r : 0;
}
