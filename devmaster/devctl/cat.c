/* cat.c - devctl cat: rules files and configuration as they are found, each with its path in front; udevadm(8) "cat" of later systemd */
#include <limits.h>
#include "devctl.h"
#include "rules/rules.h"
#include "value.h"

#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "root", 0, OPTION_STRING, "DIR", AT(root), .doc = "a folder that stands for /" },
	{ "config", 0, OPTION_FLAG, NULL, AT(cat.config), .doc = "the configuration (devmaster.conf, udev.conf) instead of rules" },
	{ "tldr", 0, OPTION_FLAG, NULL, AT(cat.brief), .doc = "no comments and empty lines" },
};
const struct option_set cat_options = { rows, ARRAY_SIZE(rows) };

static int show(struct devctl *c, const char *path, bool first)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return devctl_fail(c, path, -errno);
	fprintf(c->out, "%s# %s\n", first ? "" : "\n", path);
	while (getline(&line, &size, f) >= 0) {
		size_t blank = strspn(line, " \t\r\n");

		if (!c->cat.brief || (line[blank] && line[blank] != '#'))
			fputs(line, c->out);
	}
	free(line);
	fclose(f);
	return 0;
}

/* a name stands for the file of that name on the search path */
static const char *find(char **files, const char *word)
{
	for (char **p = files; p && *p; p++) {
		const char *name = strrchr(*p, '/') + 1;

		if (streq(name, word) || (startswith(name, word) && streq(name + strlen(word), ".rules")))
			return *p;
	}
	return strchr(word, '/') ? word : NULL;
}

static int config(struct devctl *c)
{
	static const char *const places[] = { "/etc/devmaster/devmaster.conf", "/etc/udev/udev.conf" };
	int status = 0, shown = 0;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s%s", c->root, places[i]);
		if (access(path, F_OK) == 0)
			status |= show(c, path, shown++ == 0);
	}
	return status;
}

int verb_cat(struct devctl *c, char **words, size_t n)
{
	_cleanup_(strv_freep) char **files = NULL;
	int r = rules_path(c->root, &files), status = 0;

	if (r < 0)
		return devctl_fail(c, "rules", r);
	if (c->cat.config)
		return config(c);
	for (char **p = files; n == 0 && p && *p; p++)
		status |= show(c, *p, p == files);
	for (size_t i = 0; i < n; i++) {
		const char *path = find(files, words[i]);

		if (path)
			status |= show(c, path, i == 0);
		else
			status |= devctl_fail(c, words[i], -ENOENT);
	}
	return status;
}
