/* enable.c - the verbs of unit files: enable and its kin, is-enabled, list-unit-files, default target; install.h does the work */
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include "install-priv.h"
#include "query.h"
#include "table.h"
#include "unit/name.h"
#include "unit/scope.h"
#include "verb.h"

unsigned files_scope(const struct sctl *s) { return s->o.global ? INSTALL_GLOBAL : 0; }

int files_open(struct sctl *s)
{
	int r = s->files ? 0 : lookup_new(&s->files, scope_is_user() || s->o.global ? LOOKUP_USER : LOOKUP_SYSTEM, s->o.root ? s->o.root : "");

	if (r >= 0 && !s->index)
		r = install_index_new(&s->index, s->files, files_scope(s));
	return r;
}

void enable_done(struct sctl *s)
{
	install_index_free(s->index);
	lookup_free(s->files);
}

static const char *preset_name(const struct sctl *s, const char *unit)
{
	int r = install_preset_of(s->files, unit);

	return r < 0 ? "" : r > 0 ? "enabled" : "disabled";
}

/* not where nothing can be enabled, whatever the preset files say */
bool preset_matters(const char *state)
{
	return !streq(state, "alias") && !streq(state, "static") && !streq(state, "generated") && !streq(state, "transient");
}

void files_state(struct sctl *s, const char *unit, const char **ret_state, const char **ret_preset)
{
	enum install_state state;

	*ret_state = *ret_preset = "";
	if (files_open(s) < 0 || install_state_of(s->index, unit, &state) < 0)
		return;
	*ret_state = install_state_name(state);
	*ret_preset = preset_name(s, unit);
}

const char *files_preset(struct sctl *s, const char *unit) { return files_open(s) < 0 ? "" : preset_name(s, unit); }

/* ---- changes ---- */

static const char *const op_verbs[] = {
	[FILES_ENABLE] = "enable", [FILES_DISABLE] = "disable", [FILES_REENABLE] = "reenable", [FILES_PRESET] = "preset", [FILES_PRESET_ALL] = "preset",
	[FILES_MASK] = "mask", [FILES_UNMASK] = "unmask", [FILES_LINK] = "link", [FILES_REVERT] = "revert",
	[FILES_ADD_WANTS] = "add dependency to", [FILES_ADD_REQUIRES] = "add dependency to",
};

static int change_files(struct sctl *s, enum files_op op, char *const *names, struct install_changes *ch)
{
	unsigned flags = files_scope(s) | (s->o.runtime ? INSTALL_RUNTIME : 0) | (s->o.force ? INSTALL_FORCE : 0);
	enum install_preset_mode mode = s->o.preset_mode == FILES_PRESET_ENABLE_ONLY ? PRESET_ENABLE_ONLY :
					s->o.preset_mode == FILES_PRESET_DISABLE_ONLY ? PRESET_DISABLE_ONLY : PRESET_FULL;

	switch (op) {
	case FILES_ENABLE:
		return install_enable(s->files, names, flags, ch);
	case FILES_DISABLE:
		return install_disable(s->files, names, flags, ch);
	case FILES_REENABLE:
		return install_reenable(s->files, names, flags, ch);
	case FILES_PRESET:
		return install_preset(s->files, names, mode, flags, ch);
	case FILES_PRESET_ALL:
		return install_preset_all(s->files, mode, flags, ch);
	case FILES_MASK:
		return install_mask(s->files, names, flags, ch);
	case FILES_UNMASK:
		return install_unmask(s->files, names, flags, ch);
	case FILES_LINK:
		return install_link(s->files, names, flags, ch);
	case FILES_REVERT:
		return install_revert(s->files, names, flags, ch);
	case FILES_ADD_WANTS:
	case FILES_ADD_REQUIRES:
		return install_add_dependency(s->files, names[0], op == FILES_ADD_REQUIRES, names + 1, flags, ch);
	}
	return -EINVAL;
}

static void print_change(struct sctl *s, const char *text)
{
	static const char arrow[] = "→";
	const char *at = s->utf8 ? NULL : strstr(text, arrow);

	if (at)
		fprintf(s->err, "%.*s->%s\n", (int)(at - text), text, at + strlen(arrow));
	else
		fprintf(s->err, "%s\n", text);
}

/* 0, or SCTL_FAILURE when one of them failed. Failures are always said */
static int print_changes(struct sctl *s, const struct install_changes *ch, const char *verb)
{
	int status = SCTL_OK;

	for (size_t i = 0; i < ch->n; i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };
		bool bad = install_format(&ch->v[i], verb, &b) > 0;

		status = bad ? SCTL_FAILURE : status;
		if (bad || !s->o.quiet)
			print_change(s, buf_str(&b));
	}
	return status;
}

int files_reload(struct sctl *s)
{
	struct ipc_reload_reply rep;
	const char *error;
	int r;

	if (s->o.root || s->o.no_reload || s->o.global || link_core(s) == -EHOSTDOWN)
		return SCTL_OK;
	r = link_reload(s, &rep, &error);
	return r < 0 ? link_fail(s, r, error, "reload the service manager", NULL) : SCTL_OK;
}

/* "./x.service" counts from here */
static int add_path(char ***paths, const char *word)
{
	_cleanup_(freep) char *here = *word == '/' ? NULL : getcwd(NULL, 0);
	char *path;

	if (*word == '/')
		return strv_add(paths, word);
	if (!here || asprintf(&path, "%s/%s", here, word) < 0)
		return -ENOMEM;
	return strv_consume(paths, path_simplify(path));
}

static int collect_names(struct sctl *s, enum files_op op, char **words, size_t n, char ***ret)
{
	bool adds = op == FILES_ADD_WANTS || op == FILES_ADD_REQUIRES;  /* the first word is the target */
	int r = 0;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		char *name = NULL;

		if (strchr(words[i], '/') && (op == FILES_ENABLE || op == FILES_REENABLE || op == FILES_LINK)) {
			r = add_path(ret, words[i]);
			continue;
		}
		r = op == FILES_LINK || query_is_glob(words[i]) ? -EINVAL : name_mangle(words[i], i == 0 && adds ? ".target" : ".service", &name);
		if (r >= 0)
			r = strv_consume(ret, name);
		else if (r == -EINVAL)
			fprintf(s->err, op == FILES_LINK ? "'%s' is no path: a file in this directory is ./NAME.\n" : "'%s' is not a unit name.\n", words[i]);
	}
	return r;
}

/* enabled, but nothing happened: say what that usually means */
static void explain_nothing(struct sctl *s)
{
	fprintf(s->err, "None of these unit files has anything in its [Install] section (WantedBy=, RequiredBy=, UpheldBy=, Also=, Alias=,\n"
			"or DefaultInstance= in a template), so there is nothing to enable. Such a unit is started by others: because they\n"
			"want it, by a socket, path or timer of its own, or by hand.\n");
}

static int act_now(struct sctl *s, enum files_op op, char **names)
{
	bool start = op == FILES_ENABLE || op == FILES_REENABLE;
	_cleanup_(strv_freep) char **units = NULL;
	int r = 0;

	if (op == FILES_UNMASK || op >= FILES_LINK || op == FILES_PRESET || op == FILES_PRESET_ALL)
		return SCTL_OK;
	for (char **t = names; *t && r >= 0; t++) {
		const char *name = strrchr(*t, '/') ? strrchr(*t, '/') + 1 : *t;

		if (!name_is_template(name))
			r = strv_add(&units, name);
	}
	if (r < 0)
		return link_fail(s, r, NULL, "start", NULL);
	return units ? jobs_submit(s, units, start ? IPC_JOB_TYPE_START : IPC_JOB_TYPE_STOP, IPC_JOB_MODE_REPLACE, start ? "start" : "stop") : SCTL_OK;
}

int verb_install(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	enum files_op op = (enum files_op)v->arg;
	struct install_changes ch = { 0 };
	_cleanup_(strv_freep) char **names = NULL;
	int r, status;

	if (s->o.now && s->o.root) {
		fprintf(s->err, "--now works on the running system: it does not go with --root=.\n");
		return SCTL_FAILURE;
	}
	r = collect_names(s, op, words, n, &names);
	if (r >= 0)
		r = files_open(s);
	if (r < 0)
		return r == -EINVAL ? SCTL_FAILURE : link_fail(s, r, NULL, v->name, "unit files");
	r = change_files(s, op, names, &ch);
	status = print_changes(s, &ch, op_verbs[op]);
	if (r < 0 && status == SCTL_OK)
		status = link_fail(s, r, NULL, v->name, "unit files");
	if (status == SCTL_OK && !ch.carries_install && !s->o.quiet && (op == FILES_ENABLE || op == FILES_REENABLE))
		explain_nothing(s);
	install_changes_done(&ch);
	if (status == SCTL_OK)
		status = files_reload(s);
	if (status == SCTL_OK && s->o.now && names)
		status = act_now(s, op, names);
	return status;
}

int verb_set_default(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	unsigned flags = files_scope(s) | INSTALL_FORCE | (s->o.runtime ? INSTALL_RUNTIME : 0);  /* replacing the link is what it is for */
	struct install_changes ch = { 0 };
	_cleanup_(freep) char *name = NULL;
	int r = name_mangle(words[0], ".target", &name), status;

	if (r >= 0)
		r = files_open(s);
	if (r < 0)
		return link_fail(s, r, NULL, "set the default target to", words[0]);
	r = install_set_default(s->files, name, flags, &ch);
	status = print_changes(s, &ch, "set default");
	if (r < 0 && status == SCTL_OK)
		status = link_fail(s, r, NULL, "set the default target to", name);
	install_changes_done(&ch);
	return status == SCTL_OK ? files_reload(s) : status;
}

/* ---- questions ---- */

int verb_get_default(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(freep) char *name = NULL;
	int r = files_open(s);

	if (r >= 0)
		r = install_get_default(s->files, &name);
	if (r < 0)
		return link_fail(s, r, NULL, "get default target", NULL);
	fprintf(s->out, "%s\n", name);
	return SCTL_OK;
}

int verb_is_enabled(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	bool yes = false;
	int r = files_open(s);

	for (size_t i = 0; i < n && r >= 0; i++) {
		_cleanup_(freep) char *name = NULL;
		enum install_state state;

		r = name_mangle(words[i], ".service", &name);
		if (r >= 0)
			r = install_state_of(s->index, name, &state);
		if (r < 0)
			return link_fail(s, r, NULL, "get unit file state for", name ? name : words[i]);
		yes |= install_state_is_yes(state);
		if (!s->o.quiet)
			fprintf(s->out, "%s\n", install_state_name(state));
	}
	if (r < 0)
		return link_fail(s, r, NULL, "read the unit directories", NULL);
	return yes ? SCTL_OK : SCTL_FAILURE;
}

enum { FILE_NAME, FILE_STATE, FILE_PRESET, N_FILE_COLUMNS };
static const struct table_column file_columns[N_FILE_COLUMNS] = { { .header = "UNIT FILE" }, { .header = "STATE" }, { .header = "PRESET" } };

static int cmp_files(const char *const *a, const char *const *b)
{
	const char *x = strrchr(a[0], '.'), *y = strrchr(b[0], '.');
	int r = x && y ? strcasecmp(x, y) : 0;

	return r ? r : strcasecmp(a[0], b[0]);
}

static bool file_wanted(const struct sctl *s, const char *name, const char *state, char **patterns, size_t n)
{
	bool match = n == 0;

	for (size_t i = 0; i < n; i++)
		match |= fnmatch(patterns[i], name, FNM_NOESCAPE) == 0;
	return match && (!s->o.types || strv_has(s->o.types, name_suffix(name) ? name_suffix(name) : "")) &&
	       (!s->o.states || strv_has(s->o.states, state));
}

static enum color file_color(const char *state)
{
	if (streq(state, "enabled") || streq(state, "enabled-runtime") || streq(state, "alias"))
		return COLOR_GREEN;
	return startswith(state, "masked") || streq(state, "bad") ? COLOR_RED : streq(state, "disabled") ? COLOR_YELLOW : COLOR_NONE;
}

static int add_file(struct sctl *s, struct table *t, const char *name, char **patterns, size_t n)
{
	enum install_state state = INSTALL_STATE_BAD;
	const char *text, *preset;
	int r = install_state_of(s->index, name, &state);

	if (r == -ENOENT || r == -EINVAL)
		return 0;                       /* a link to nothing, a stray file */
	text = r < 0 ? "bad" : install_state_name(state);
	if (!file_wanted(s, name, text, patterns, n))
		return 0;
	preset = preset_matters(text) ? preset_name(s, name) : "";
	r = table_row(t, (const char *const[]){ name, text, *preset ? preset : s->o.json != JSON_OFF ? NULL : "-" });
	if (r >= 0) {
		table_color(t, FILE_STATE, file_color(text));
		table_color(t, FILE_PRESET, *preset ? file_color(preset) : COLOR_NONE);
	}
	return r;
}

int verb_list_unit_files(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(strv_freep) char **names = NULL, **patterns = NULL;
	_cleanup_(table_freep) struct table *t = NULL;
	int r = files_open(s);

	for (size_t i = 0; i < n && r >= 0; i++) {
		char *pattern = NULL;

		r = query_is_glob(words[i]) ? strv_add(&patterns, words[i]) : name_mangle(words[i], ".service", &pattern);
		if (pattern)
			r = strv_consume(&patterns, pattern);
	}
	if (r >= 0)
		r = lookup_list(s->files, &names);
	if (r >= 0)
		r = table_new(&t, file_columns, N_FILE_COLUMNS);
	for (char **name = names; r >= 0 && name && *name; name++)
		r = add_file(s, t, *name, patterns, strv_len(patterns));
	if (r < 0)
		return link_fail(s, r, NULL, "list unit files", NULL);
	table_sort(t, cmp_files);
	table_print(t, s);
	if (s->o.legend && s->o.json == JSON_OFF)
		fprintf(s->out, "\n%zu unit files listed.\n", table_rows(t));
	return n > 0 && table_rows(t) == 0 ? SCTL_FAILURE : SCTL_OK;
}
