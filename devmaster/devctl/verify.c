/* verify.c - devctl verify: rules and .link files read as the daemon would, every fault named */
#include <sys/stat.h>
#include "device/files.h"
#include "devctl.h"
#include "link/set.h"
#include "rules/rules.h"

#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "root", 0, OPTION_STRING, "DIR", AT(root), .doc = "a folder that stands for / when files are looked for" },
	{ "strict", 0, OPTION_FLAG, NULL, AT(strict), .doc = "warnings make it fail, too" },
	{ "quiet", 0, OPTION_FLAG, NULL, AT(quiet), .doc = "no summary" },
};
const struct option_set verify_options = { rows, ARRAY_SIZE(rows) };

static int gather(struct devctl *c, char **words, size_t n, char ***files, char ***folders)
{
	_cleanup_(strv_freep) char **links = NULL;
	int r = n == 0 ? rules_path(c->root, files) : 0;

	if (r >= 0 && n == 0)
		r = link_paths(c->root, &links, folders);
	for (char **p = links; r >= 0 && p && *p; p++)
		r = strv_add(files, *p);
	for (size_t i = 0; i < n && r >= 0; i++) {
		struct stat st;

		if (stat(words[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			r = files_list(words[i], ".rules", files);
			r = r < 0 ? r : files_list(words[i], ".link", files);
		} else
			r = strv_add(files, words[i]);
	}
	return r < 0 ? r : 0;
}

/* .link files are read with their drop-ins; one that is switched off has nothing to be looked at */
static int verify_one(struct devctl *c, struct rules *rules, const char *path, char **folders)
{
	_cleanup_(link_file_freep) struct link_file *f = NULL;
	struct stat st;
	int r;

	if (!endswith(path, ".link"))
		return rules_add_file(rules, path);
	r = stat(path, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size == 0) ? 0 : link_file_read(&f, path, folders, &c->sink);
	return r;
}

int verb_verify(struct devctl *c, char **words, size_t n)
{
	_cleanup_(rules_freep) struct rules *rules = NULL;
	_cleanup_(strv_freep) char **files = NULL, **folders = NULL;
	int r = gather(c, words, n, &files, &folders);

	if (r >= 0)
		r = rules_new(&rules, &c->sink, NULL);
	for (char **p = files; r >= 0 && p && *p; p++)
		if (verify_one(c, rules, *p, folders) == -ENOMEM)
			r = -ENOMEM;
	if (r < 0) {
		fprintf(c->err, "devctl: %s\n", strerror(-r));
		return 1;
	}
	if (!c->quiet)
		fprintf(c->out, "%zu files, %zu rules, %u errors, %u warnings\n", strv_len(files), rules_lines(rules), c->errors, c->warnings);
	return c->errors || (c->strict && c->warnings);
}
