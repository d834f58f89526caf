/* verify.c - devctl verify: rules files read as the daemon would, every fault named */
#include <dirent.h>
#include <sys/stat.h>
#include "devctl.h"
#include "rules/rules.h"
#include "value.h"

#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "root", 0, OPTION_STRING, "DIR", AT(root), .doc = "a folder that stands for / when rules files are looked for" },
	{ "strict", 0, OPTION_FLAG, NULL, AT(strict), .doc = "warnings make it fail, too" },
	{ "quiet", 0, OPTION_FLAG, NULL, AT(quiet), .doc = "no summary" },
};
const struct option_set verify_options = { rows, ARRAY_SIZE(rows) };

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* *.rules of a folder, in order */
static int list_folder(const char *path, char ***ret)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int r = 0;

	if (!d)
		return -errno;
	while (r >= 0 && (e = readdir(d))) {
		char *file;

		if (e->d_name[0] != '.' && endswith(e->d_name, ".rules"))
			r = asprintf(&file, "%s/%s", path, e->d_name) < 0 ? -ENOMEM : strv_consume(ret, file);
	}
	closedir(d);
	if (*ret)
		qsort(*ret, strv_len(*ret), sizeof(**ret), by_text);
	return r < 0 ? r : 0;
}

static int gather(struct devctl *c, char **words, size_t n, char ***files)
{
	int r = n == 0 ? rules_path(c->root, files) : 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		struct stat st;

		if (stat(words[i], &st) == 0 && S_ISDIR(st.st_mode))
			r = list_folder(words[i], files);
		else
			r = strv_add(files, words[i]);
	}
	return r < 0 ? r : 0;
}

int verb_verify(struct devctl *c, char **words, size_t n)
{
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_(strv_freep) char **files = NULL;
	int r = gather(c, words, n, &files);

	if (r >= 0)
		r = rules_new(&rules, &c->sink, NULL);
	for (char **p = files; r >= 0 && p && *p; p++)
		if (rules_add_file(rules, *p) == -ENOMEM)
			r = -ENOMEM;
	if (r < 0) {
		fprintf(c->err, "devctl: %s\n", strerror(-r));
		return 1;
	}
	if (!c->quiet)
		fprintf(c->out, "%zu files, %zu rules, %u errors, %u warnings\n", strv_len(files), rules_lines(rules), c->errors, c->warnings);
	return c->errors || (c->strict && c->warnings);
}
