/* install-preset.c - what a distribution wants enabled; systemd.preset(5) */
#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include "sctl/install-priv.h"
#include "unit/name.h"
#include "osfile.h"

#define PRESET_FILE_MAX (256u << 10)

static const char *const preset_dirs[] = {
	"/etc/sysmaster/system-preset", "/etc/systemd/system-preset", "/run/sysmaster/system-preset", "/run/systemd/system-preset",
	"/usr/local/lib/sysmaster/system-preset", "/usr/local/lib/systemd/system-preset",
	"/usr/lib/sysmaster/system-preset", "/usr/lib/systemd/system-preset", "/lib/systemd/system-preset",
};

struct preset_file { char *name, *path; };
struct preset_files { struct preset_file *v; size_t n; };

static int file_cmp(const void *a, const void *b)
{
	return strcmp(((const struct preset_file *)a)->name, ((const struct preset_file *)b)->name);
}

static void files_done(struct preset_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].name);
		free(f->v[i].path);
	}
	free(f->v);
}

/* *.preset of all directories by file name; the first directory that has a name wins */
static int collect_files(const char *root, struct preset_files *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(preset_dirs); i++) {
		char folder[PATH_MAX];
		struct dirent *de;
		DIR *d;

		snprintf(folder, sizeof(folder), "%s%s", root, preset_dirs[i]);
		d = opendir(folder);
		while (d && (de = readdir(d))) {
			struct preset_file *v;
			bool there = false;

			for (size_t k = 0; k < f->n; k++)
				there = there || streq(f->v[k].name, de->d_name);
			if (there || de->d_name[0] == '.' || !endswith(de->d_name, ".preset"))
				continue;
			v = reallocarray(f->v, f->n + 1, sizeof(*v));
			if (v)
				f->v = v;
			if (!v || asprintf(&v[f->n].path, "%s/%s", folder, de->d_name) < 0) {
				closedir(d);
				return -ENOMEM;
			}
			v[f->n++].name = strdup(de->d_name);
			if (!v[f->n - 1].name) {
				closedir(d);
				return -ENOMEM;
			}
		}
		if (d)
			closedir(d);
	}
	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), file_cmp);
	return 0;
}

/* the default instances a template's rule names after its pattern count for those instances only */
static bool rule_matches(const char *pattern, const char *rest, const char *name)
{
	_cleanup_(freep) char *template = NULL, *instance = NULL;
	const char *p = rest;

	if (fnmatch(pattern, name, FNM_NOESCAPE) == 0)
		return true;
	if (!*rest || !name_is_instance(name) || name_template(name, &template) < 0 || name_instance(name, &instance) < 0 ||
	    fnmatch(pattern, template, FNM_NOESCAPE) != 0)
		return false;
	for (;;) {
		_cleanup_(freep) char *word = NULL;

		if (value_word(&p, false, &word) <= 0)
			return false;
		if (streq(word, instance))
			return true;
	}
}

/* the instances that a rule names for the template @name */
static int rule_instances(const char *rest, const char *name, char ***ret)
{
	for (int r = 0; r >= 0;) {
		_cleanup_(freep) char *word = NULL;
		char *unit;

		r = value_word(&rest, false, &word);
		if (r <= 0)
			return r;
		r = name_replace_instance(name, word, &unit);
		if (r >= 0)
			r = strv_consume(ret, unit);
		if (r < 0 && r != -EINVAL)
			return r;
	}
	return 0;
}

/* 1 enable, 0 disable, -ENOENT: no rule of this text says anything. @ret: what is to be enabled of a template; NULL: not asked */
static int ask_text(char *text, const char *name, char ***ret)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		_cleanup_(freep) char *verb = NULL, *pattern = NULL;
		const char *p = line + strspn(line, " \t");

		if (*p == '#' || *p == ';' || value_word(&p, false, &verb) <= 0 || value_word(&p, false, &pattern) <= 0)
			continue;
		if ((streq(verb, "enable") || streq(verb, "disable")) && rule_matches(pattern, p, name)) {
			int r = ret && name_is_template(name) && streq(verb, "enable") ? rule_instances(p, name, ret) : 0;

			return r < 0 ? r : streq(verb, "enable");
		}
	}
	return -ENOENT;
}

static int ask(const struct preset_files *f, const char *name, char ***ret)
{
	_cleanup_(freep) char *text = malloc(PRESET_FILE_MAX);
	int r = -ENOENT;

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < f->n && r == -ENOENT; i++)
		if (osfile_read(f->v[i].path, text, PRESET_FILE_MAX) > 0)
			r = ask_text(text, name, ret);
	return r == -ENOENT ? 1 : r;            /* systemd.preset(5): what nobody mentions is enabled */
}

int install_preset_of(const struct lookup *l, const char *name)
{
	struct preset_files f = { 0 };
	int r = name_valid(name, NAME_ANY) ? 0 : -EINVAL;

	if (r < 0)
		return r;
	r = collect_files(lookup_root(l), &f);
	if (r == 0)
		r = ask(&f, name, NULL);
	files_done(&f);
	return r;
}

static int apply(struct lookup *l, char *const *enable, char *const *disable, enum install_preset_mode mode, unsigned flags, struct install_changes *ch)
{
	int r = 0;

	if (mode != PRESET_ENABLE_ONLY && disable)
		r = install_disable(l, disable, flags, ch);
	if (r == 0 && mode != PRESET_DISABLE_ONLY && enable)
		r = install_enable(l, enable, flags, ch);
	return r;
}

int install_preset(struct lookup *l, char *const *names, enum install_preset_mode mode, unsigned flags, struct install_changes *ch)
{
	_cleanup_(strv_freep) char **enable = NULL, **disable = NULL;
	struct preset_files f = { 0 };
	int r = collect_files(lookup_root(l), &f), worst = 0;

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		struct lookup_file file;
		int yes;

		if (!name_valid(names[i], NAME_ANY) || !lookup_file(l, names[i], &file)) {
			worst = name_valid(names[i], NAME_ANY) ? -ENOENT : -EINVAL;
			r = install_note(ch, INSTALL_FAILED, worst == -ENOENT ? INSTALL_NO_UNIT : INSTALL_BAD_NAME, worst, NULL, names[i]);
			continue;
		}
		size_t before = strv_len(enable);

		yes = ask(&f, names[i], &enable);
		r = yes < 0 ? yes : strv_len(enable) > before ? 0 : strv_add(yes ? &enable : &disable, names[i]);
	}
	files_done(&f);
	if (r == 0)
		r = apply(l, enable, disable, mode, flags, ch);
	return r < 0 ? r : worst;
}

int install_preset_all(struct lookup *l, enum install_preset_mode mode, unsigned flags, struct install_changes *ch)
{
	_cleanup_(strv_freep) char **names = NULL, **wanted = NULL;
	int r = lookup_list(l, &names);

	for (size_t i = 0; r == 0 && names && names[i]; i++) {
		struct lookup_file f;
		struct install_info info;

		if (!lookup_file(l, names[i], &f) || f.masked || f.alias || strstr(f.dir, "/generator") || endswith(f.dir, "/transient"))
			continue;
		if (install_info_read(l, names[i], NULL, &info) < 0)
			continue;
		if (install_info_any(&info) || info.also)
			r = strv_add(&wanted, names[i]);
		install_info_done(&info);
	}
	return r < 0 ? r : install_preset(l, wanted, mode, flags, ch);
}
