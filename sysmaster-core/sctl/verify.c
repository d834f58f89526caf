/* verify.c - the verb: what is to be checked, and the problems as text or JSON */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include "link.h"
#include "log.h"
#include "table.h"
#include "unit/name.h"
#include "verb.h"
#include "verify.h"

static const struct { const char *word; enum color color; } levels[] = {
	[DIAG_ERROR] = { "error", COLOR_RED }, [DIAG_WARNING] = { "warning", COLOR_YELLOW }, [DIAG_UNSUPPORTED] = { "not honoured", COLOR_GREY },
};

/* -- what is to be checked -- */
struct wanted { char **names, **dirs; };

static void wanted_done(struct wanted *w)
{
	strv_free(w->names);
	strv_free(w->dirs);
}

/* is that file what the search path has for the name? */
static bool found_anyway(const struct verify *v, const char *name, const char *path)
{
	struct lookup_result res = { 0 };
	bool same = lookup_find(v->lookup, name, &res) == 0 && res.fragment && streq(res.fragment + strlen(lookup_root(v->lookup)), path);

	lookup_result_done(&res);
	return same;
}

/* @path: absolute, as seen below the root */
static int want_file(const struct verify *v, const char *path, struct wanted *w)
{
	const char *slash = strrchr(path, '/');
	_cleanup_(freep) char *dir = slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
	int r = dir ? strv_add(&w->names, slash + 1) : -ENOMEM;

	if (r == 0 && !strv_has(w->dirs, dir) && !found_anyway(v, slash + 1, path))
		r = strv_add(&w->dirs, dir);
	return r;
}

/* every unit file of a folder; names that are no units are told by verify_tree() once the folder is in the search path */
static int want_folder(const struct verify *v, const char *full, const char *path, struct wanted *w)
{
	DIR *d = opendir(full);
	struct dirent *de;
	int r = 0;

	if (!d)
		return -errno;
	while (r == 0 && (de = readdir(d)))
		if (name_valid(de->d_name, NAME_ANY))
			r = strv_add(&w->names, de->d_name);
	closedir(d);
	return r == 0 && !strv_has(w->dirs, path) ? strv_add(&w->dirs, path) : r;
}

/* @real, which was resolved, as it is seen below the root; NULL: a link led out of it */
static const char *below_root(const struct verify *v, const char *real)
{
	char root[PATH_MAX];
	size_t n;

	if (!*lookup_root(v->lookup))
		return real;
	if (!realpath(lookup_root(v->lookup), root))
		return NULL;
	n = strlen(root);
	return strncmp(real, root, n) == 0 && (real[n] == '/' || !real[n]) ? real + n : NULL;
}

static int want_path(const struct verify *v, const char *word, struct wanted *w)
{
	const char *root = lookup_root(v->lookup), *inside;
	_cleanup_(freep) char *full = NULL, *path = NULL;
	char real[PATH_MAX];
	struct stat st;
	char *slash;

	if (asprintf(&full, "%s%s%s", root, *root && *word != '/' ? "/" : "", word) < 0)
		return -ENOMEM;
	if (stat(full, &st) < 0)
		return -errno;
	slash = S_ISDIR(st.st_mode) ? NULL : strrchr(full, '/');        /* a file's own name counts, not that of a link's target */
	if (slash)
		*slash = '\0';
	if (!realpath(slash == full ? "/" : full, real))
		return -errno;
	inside = below_root(v, real);
	if (!inside)
		return -EXDEV;
	if (!slash)
		return want_folder(v, real, *inside ? inside : "/", w);
	return asprintf(&path, "%s/%s", streq(inside, "/") ? "" : inside, slash + 1) < 0 ? -ENOMEM : want_file(v, path, w);
}

static int want(const struct verify *v, const char *word, struct wanted *w)
{
	char *name;
	int r;

	if (strchr(word, '/') || streq(word, "."))
		return want_path(v, word, w);
	r = name_mangle(word, ".service", &name);
	return r < 0 ? r : strv_consume(&w->names, name);
}

static int want_all(const struct verify *v, struct wanted *w)
{
	return lookup_list(v->lookup, &w->names);
}

static int add_dirs(struct verify *v, char *const *dirs)
{
	int r = 0;

	for (size_t i = 0; r == 0 && dirs && dirs[i]; i++)
		r = lookup_add_dir(v->lookup, dirs[i]);
	return r == 0 && dirs ? lookup_refresh(v->lookup) : r;
}

/* -- what is said -- */
static int print_json(const struct sctl *s, const struct verify *v)
{
	static const struct table_column columns[] = {
		{ "FILE", false, false }, { "LINE", true, false }, { "COLUMN", true, false }, { "SEVERITY", false, false }, { "TEXT", false, false },
	};
	_cleanup_(table_freep) struct table *t = NULL;
	int r = table_new(&t, columns, ARRAY_SIZE(columns));

	for (size_t i = 0; r == 0 && i < v->n_problems; i++) {
		const struct verify_problem *p = &v->problems[i];
		char line[16], column[16];

		snprintf(line, sizeof(line), "%u", p->line);
		snprintf(column, sizeof(column), "%u", p->column);
		r = table_row(t, (const char *const[]){ p->file, line, column, levels[p->level].word, p->text });
	}
	if (r == 0)
		table_print(t, s);
	return r;
}

static void print_text(const struct sctl *s, const struct verify *v)
{
	for (size_t i = 0; i < v->n_problems; i++) {
		const struct verify_problem *p = &v->problems[i];

		fputs(p->file, s->out);
		if (p->line)
			fprintf(s->out, ":%u", p->line);
		if (p->line && p->column)
			fprintf(s->out, ":%u", p->column);
		fprintf(s->out, ": %s%s:%s %s\n", color_on(s, levels[p->level].color), levels[p->level].word, color_off(s), p->text);
	}
	if (s->o.legend)
		fprintf(s->out, "%zu units, %zu files, %zu assignments: %zu errors, %zu warnings, %zu not honoured\n", v->n_units, v->n_files, v->n_keys,
			verify_count(v, DIAG_ERROR), verify_count(v, DIAG_WARNING), verify_count(v, DIAG_UNSUPPORTED));
}

static int check_all(struct sctl *s, struct verify *v, char **words, size_t n)
{
	__attribute__((cleanup(wanted_done))) struct wanted w = { NULL, NULL };
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		r = want(v, words[i], &w);
		if (r < 0)
			return link_fail(s, r, NULL, "verify", words[i]);
	}
	if (n == 0)
		r = want_all(v, &w);
	if (r == 0)
		r = add_dirs(v, w.dirs);
	if (r == 0 && n == 0)
		r = verify_tree(v);
	for (size_t i = 0; r == 0 && w.names && w.names[i]; i++)
		r = verify_name(v, w.names[i]);
	return r < 0 ? link_fail(s, r, NULL, "verify", "units") : 0;    /* positive: failed and said so */
}

int verb_verify(struct sctl *s, const struct verb *verb, char **words, size_t n)
{
	_cleanup_(verify_freep) struct verify *v = NULL;
	int level = log_level(), r;

	log_set_level(LOG_EMERG);               /* what jobs would log is told as problems */
	r = verify_new(&v, s->o.user ? LOOKUP_USER : LOOKUP_SYSTEM, s->o.root);
	if (r < 0)
		r = link_fail(s, r, NULL, "read the unit directories", NULL);
	else
		r = check_all(s, v, words, n);
	log_set_level(level);
	if (r != 0)
		return SCTL_FAILURE;
	verify_sort(v);
	if (s->o.json != JSON_OFF)
		r = print_json(s, v);
	else
		print_text(s, v);
	if (r < 0)
		return link_fail(s, r, NULL, "print", NULL);
	return verify_count(v, DIAG_ERROR) + verify_count(v, DIAG_WARNING) + (s->o.strict ? verify_count(v, DIAG_UNSUPPORTED) : 0) ? SCTL_FAILURE : SCTL_OK;
}
