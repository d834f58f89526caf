/* files.c - cat and help: the files of a unit as they are on disk, with or without a manager */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include "query.h"
#include "text.h"
#include "unit/name.h"
#include "unit/scope.h"
#include "unit/path.h"
#include "verb.h"

#define FILE_MAX (4u << 20)

static int print_file(struct sctl *s, const char *path)
{
	char text[4096];
	size_t n, total = 0;
	FILE *f = fopen(path, "re");

	if (!f) {
		fprintf(s->err, "Failed to open %s: %s\n", path, strerror(errno));
		return -errno;
	}
	fprintf(s->out, "%s# %s%s\n", color_on(s, COLOR_GREY), path, color_off(s));
	while (total < FILE_MAX && (n = fread(text, 1, sizeof(text), f)) > 0) {
		fwrite(text, 1, n, s->out);
		total += n;
	}
	fclose(f);
	return 0;
}

static int cat_one(struct sctl *s, const struct lookup *l, const char *unit, bool *first)
{
	struct lookup_result res = { 0 };
	int r = lookup_find(l, unit, &res);

	if (r < 0)
		return link_fail(s, r, NULL, "look for", unit);
	if (res.fragment || res.dropins) {
		if (!*first)
			fputc('\n', s->out);
		*first = false;
	} else {
		fprintf(s->err, "No files found for %s.\n", unit);
		r = -ENOENT;
	}
	if (res.fragment && res.masked)
		fprintf(s->out, "# %s is masked by %s\n", unit, res.fragment);
	else if (res.fragment)
		r = print_file(s, res.fragment);
	for (char **d = res.dropins; d && *d; d++) {
		fputc('\n', s->out);
		if (print_file(s, *d) < 0)
			r = -EIO;
	}
	lookup_result_done(&res);
	return r < 0 ? SCTL_FAILURE : SCTL_OK;
}

int verb_cat(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(strv_freep) char **names = NULL;
	int status = SCTL_OK, r;
	bool first = true;

	/* globs are for units in memory; everything else needs no manager */
	if (query_names(s, words, n, ".service", &names) < 0)
		return SCTL_FAILURE;
	r = files_open(s);
	if (r < 0)
		return link_fail(s, r, NULL, "read the unit directories", NULL);
	for (size_t i = 0; names && names[i]; i++) {
		int one = cat_one(s, s->files, names[i], &first);

		status = status == SCTL_OK ? one : status;
	}
	return status;
}

/* "man:sshd(8)" -> man 8 sshd */
static int show_page(struct sctl *s, const char *page)
{
	char name[256], section[32] = "";
	int status = 0;
	pid_t pid;

	if (sscanf(page, "%255[^()](%31[^)])", name, section) < 1)
		return SCTL_FAILURE;
	fflush(s->out);
	pid = fork();
	if (pid == 0) {
		if (*section)
			execlp("man", "man", section, name, NULL);
		else
			execlp("man", "man", name, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return SCTL_FAILURE;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		fprintf(s->err, "man(1) is not installed; the page is %s.\n", page);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? SCTL_OK : SCTL_FAILURE;
}

static int help_one(struct sctl *s, const char *unit)
{
	static const char *const wanted[] = { "Documentation", "LoadState" };
	struct ipc_properties_reply p;
	const char *error;
	int r = query_unit(s, unit, wanted, ARRAY_SIZE(wanted), &p, &error), status = SCTL_OK;

	if (r < 0)
		return link_fail(s, r, error, "read the documentation of", unit);
	if (streq(query_value(&p, "LoadState"), "not-found")) {
		fprintf(s->err, "Unit %s could not be found.\n", unit);
		return SCTL_FAILURE;
	}
	if (!*query_value(&p, "Documentation")) {
		fprintf(s->err, "%s names no documentation.\n", unit);
		return SCTL_OK;
	}
	for (char *t, *rest = (char *)query_value(&p, "Documentation"); (t = text_word(&rest)); ) {
		if (startswith(t, "man:"))
			status = MAX(status, show_page(s, t + 4));
		else
			fprintf(s->out, "%s\n", t);
	}
	return status;
}

int verb_help_unit(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(strv_freep) char **names = NULL;
	int status = SCTL_OK;

	if (s->o.man) {
		help_man(s);
		return SCTL_OK;
	}
	if (n == 0) {
		help_print(s);
		return SCTL_OK;
	}
	for (size_t i = 0; i < n; i++) {
		const char *unit;
		uint64_t pid;
		int r;

		if (value_unsigned(words[i], INT32_MAX, &pid) < 0)
			r = query_names(s, &words[i], 1, ".service", &names);
		else if ((r = query_by_pid(s, (pid_t)pid, &unit)) >= 0)
			r = strv_add(&names, unit);
		else
			fprintf(s->err, "PID %s does not belong to any unit.\n", words[i]);
		if (r < 0)
			return SCTL_FAILURE;
	}
	for (size_t i = 0; names && names[i]; i++)
		status = MAX(status, help_one(s, names[i]));
	return status;
}
