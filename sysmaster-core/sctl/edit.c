/* edit.c - edit: a unit's file or a drop-in of it in the person's editor; systemctl(1) */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "install-priv.h"
#include "query.h"
#include "unit/name.h"
#include "verb.h"

#define TEXT_MAX (4u << 20)
#define ABOVE "### What stands between this line and the next such line becomes the file\n"
#define BELOW "### What stands below this line is thrown away\n"

struct edit {
	const char *unit;
	struct lookup_result found;
	char *path, *temporary;         /* what is written; where it is edited: beside it, so that it is put in place in one step */
};

static void edits_done(struct edit *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (e[i].temporary) {
			unlink(e[i].temporary);
			if (strstr(e[i].temporary, ".d/"))      /* made for nothing, when it is empty */
				*strrchr(e[i].temporary, '/') = '\0', rmdir(e[i].temporary);
		}
		lookup_result_done(&e[i].found);
		free(e[i].path);
		free(e[i].temporary);
	}
	free(e);
}

static int read_all(int fd, struct buf *out)
{
	char part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0) {
		if (out->len + (size_t)n > TEXT_MAX)
			return -EFBIG;
		buf_add(out, part, (size_t)n);
	}
	return n < 0 ? -errno : buf_error(out);
}

static int read_file(const char *path, struct buf *out)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : read_all(fd, out);
}

static int write_file(const char *path, const char *text, size_t n)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);

	while (fd >= 0 && n > 0) {
		ssize_t k = write(fd, text, n);

		if (k < 0)
			return -errno;
		text += k;
		n -= (size_t)k;
	}
	return fd < 0 ? -errno : fsync(fd) < 0 ? -errno : 0;
}

/* ---- before ---- */

static int refuse(struct sctl *s, const struct edit *e, const char *dir)
{
	unsigned scope = files_scope(s);
	char above[PATH_MAX];

	if (e->found.masked) {
		fprintf(s->err, "Cannot edit %s: it is masked.\n", e->unit);
		return -ERFKILL;
	}
	if (!e->found.fragment && !s->o.force) {
		fprintf(s->err, "No files found for %s.\nUse 'sctl edit --force%s %s' to make one.\n", e->unit, s->o.full ? " --full" : "", e->unit);
		return -ENOENT;
	}
	snprintf(above, sizeof(above), "%s%s/%s", lookup_root(s->files), install_config_dirs(scope)[0], e->unit);
	if (s->o.full && s->o.runtime && access(above, F_OK) == 0) {
		fprintf(s->err, "Nothing is written to %s: %s stands before it.\n", dir, above);
		return -EEXIST;
	}
	return 0;
}

static int find(struct sctl *s, const char *unit, struct edit *e)
{
	const char *dropin = s->o.drop_in ? s->o.drop_in : "override.conf";
	char dir[PATH_MAX];
	uint64_t mark = 0;
	int r;

	snprintf(dir, sizeof(dir), "%s", install_config_dirs(files_scope(s) | (s->o.runtime ? INSTALL_RUNTIME : 0))[0]);

	e->unit = unit;
	r = lookup_find(s->files, unit, &e->found);
	if (r < 0)
		return link_fail(s, r, NULL, "look for", unit), r;
	r = refuse(s, e, dir);
	if (r < 0)
		return r;
	r = s->o.full ? asprintf(&e->path, "%s%s/%s", lookup_root(s->files), dir, unit)
		      : asprintf(&e->path, "%s%s/%s.d/%s%s", lookup_root(s->files), dir, unit, dropin, endswith(dropin, ".conf") ? "" : ".conf");
	if (r < 0)
		return e->path = NULL, -ENOMEM;
	random_bytes(&mark, sizeof(mark));
	if (asprintf(&e->temporary, "%.*s/.#%s%016llx", (int)(strrchr(e->path, '/') - e->path), e->path, strrchr(e->path, '/') + 1, (unsigned long long)mark) < 0)
		return e->temporary = NULL, -ENOMEM;
	return 0;
}

/* the other files of the unit, to look at while writing */
static int add_commented(const char *path, struct buf *out)
{
	_cleanup_(buf_finish) struct buf text = { 0 };
	int r = read_file(path, &text);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	buf_addf(out, "\n### %s\n", path);
	for (const char *l = text.len ? buf_str(&text) : ""; *l;) {
		size_t n = strcspn(l, "\n");

		buf_addf(out, "# %.*s\n", (int)n, l);
		l += n + (l[n] == '\n');
	}
	return 0;
}

static int prepare(struct sctl *s, struct edit *e)
{
	_cleanup_(buf_finish) struct buf text = { 0 };
	int r;

	if (s->o.full) {
		r = read_file(access(e->path, F_OK) == 0 || !e->found.fragment ? e->path : e->found.fragment, &text);
	} else {
		buf_addf(&text, "### Editing %s\n" ABOVE "\n", e->path);
		r = read_file(e->path, &text);
		buf_adds(&text, "\n\n" BELOW);
		if ((r >= 0 || r == -ENOENT) && e->found.fragment)
			r = add_commented(e->found.fragment, &text);
		for (char **d = e->found.dropins; (r >= 0 || r == -ENOENT) && d && *d; d++)
			if (!streq(*d, e->path))
				r = add_commented(*d, &text);
	}
	if (r == -ENOENT)
		r = 0;
	if (r >= 0)
		r = install_make_parents(e->temporary);
	if (r >= 0)
		r = write_file(e->temporary, text.len ? buf_str(&text) : "", text.len);
	return r < 0 ? link_fail(s, r, NULL, "write", e->temporary), r : 0;
}

/* ---- the editor ---- */

static int add_words(char ***argv, const char *text)
{
	_cleanup_(freep) char *copy = strdup(text);
	char *save = NULL;
	int r = copy ? 0 : -ENOMEM;

	for (char *t = copy ? strtok_r(copy, " \t", &save) : NULL; t && r >= 0; t = strtok_r(NULL, " \t", &save))
		r = strv_add(argv, t);
	return r;
}

static void run_editor(const struct edit *e, size_t n)
{
	static const char *const variables[] = { "SYSTEMD_EDITOR", "EDITOR", "VISUAL" }, *const usual[] = { "editor", "nano", "vim", "vi" };
	char **files = NULL, **argv;
	const char *chosen = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(variables) && !chosen; i++)
		chosen = getenv(variables[i]) && *getenv(variables[i]) ? getenv(variables[i]) : NULL;
	for (size_t i = 0; i < n; i++)
		strv_add(&files, e[i].temporary);
	for (size_t k = 0; k < (chosen ? 1 : ARRAY_SIZE(usual)); k++) {
		argv = NULL;
		if (add_words(&argv, chosen ? chosen : usual[k]) < 0)
			break;
		for (char **f = files; f && *f; f++)
			strv_add(&argv, *f);
		if (argv)
			execvp(argv[0], argv);
	}
}

static int edit_files(struct sctl *s, const struct edit *e, size_t n)
{
	int status = 0;
	pid_t pid;

	fflush(s->out);
	fflush(s->err);
	pid = fork();
	if (pid == 0) {
		run_editor(e, n);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return link_fail(s, -errno, NULL, "run an editor", NULL);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return SCTL_OK;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		fprintf(s->err, "No editor could be run: set $EDITOR.\n");
	else
		fprintf(s->err, "The editor failed: nothing is changed.\n");
	return SCTL_FAILURE;
}

/* ---- after ---- */

/* what is left of it, without white space around it; an empty text: nothing */
static const char *kept(struct buf *text, bool whole, size_t *ret_n)
{
	char *from = text->len ? (char *)buf_str(text) : (char *)"", *end;

	if (!whole) {
		char *above = strstr(from, ABOVE), *below;

		from = above ? above + strlen(ABOVE) : from;
		below = strstr(from, BELOW);
		if (below)
			*below = '\0';
	}
	from += whole ? 0 : strspn(from, " \t\n\r");
	end = from + strlen(from);
	while (end > from && strchr(" \t\n\r", end[-1]))
		end--;
	*ret_n = (size_t)(end - from);
	return from;
}

static int put_in_place(struct sctl *s, struct edit *e, struct buf *text, bool whole)
{
	size_t n;
	const char *from = kept(text, whole, &n);
	_cleanup_(buf_finish) struct buf out = { 0 };
	int r;

	if (n == 0) {
		fprintf(s->err, "Nothing is written to %s: the text is empty.\n", e->path);
		return 0;
	}
	buf_add(&out, from, n);
	buf_addc(&out, '\n');
	r = install_make_parents(e->temporary);
	if (r >= 0)
		r = write_file(e->temporary, buf_str(&out), out.len);
	if (r >= 0 && rename(e->temporary, e->path) < 0)
		r = -errno;
	return r < 0 ? link_fail(s, r, NULL, "write", e->path), r : 1;
}

static int edit_all(struct sctl *s, struct edit *e, size_t n)
{
	_cleanup_(buf_finish) struct buf input = { 0 };
	int r = 0, status = SCTL_OK;

	if (s->o.from_stdin)
		r = read_all(STDIN_FILENO, &input);
	for (size_t i = 0; i < n && r >= 0 && !s->o.from_stdin; i++)
		r = prepare(s, &e[i]);
	if (r >= 0 && !s->o.from_stdin)
		status = edit_files(s, e, n);
	for (size_t i = 0; i < n && r >= 0 && status == SCTL_OK; i++) {
		_cleanup_(buf_finish) struct buf text = { 0 };

		if (s->o.from_stdin)
			buf_add(&text, input.len ? buf_str(&input) : "", input.len);
		else
			r = read_file(e[i].temporary, &text);
		if (r >= 0)
			r = put_in_place(s, &e[i], &text, s->o.full || s->o.from_stdin);
		else
			link_fail(s, r, NULL, "read", e[i].temporary);
	}
	return r < 0 ? SCTL_FAILURE : status;
}

int verb_edit(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(strv_freep) char **names = NULL;
	size_t count, i = 0;
	struct edit *e;
	int r, status;

	if (!s->o.from_stdin && !(isatty(fileno(s->out)) && isatty(fileno(s->err)))) {
		fprintf(s->err, "Cannot edit units if not on a tty; --stdin takes the text from standard input.\n");
		return SCTL_FAILURE;
	}
	if (query_names(s, words, n, ".service", &names) < 0)
		return SCTL_FAILURE;
	r = files_open(s);
	if (r < 0)
		return link_fail(s, r, NULL, "read the unit directories", NULL);
	count = strv_len(names);
	e = calloc(count + 1, sizeof(*e));
	for (r = e ? 0 : -ENOMEM; r >= 0 && i < count; i++)
		r = find(s, names[i], &e[i]);
	status = r < 0 ? SCTL_FAILURE : edit_all(s, e, count);
	edits_done(e, i);
	return status == SCTL_OK ? files_reload(s) : status;
}
