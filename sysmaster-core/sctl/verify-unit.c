/* verify-unit.c - one unit, loaded: can it be started as its files say? */
#include <stdio.h>
#include <sys/stat.h>
#include "exec/command.h"
#include "exec/context.h"
#include "exec/exec.h"
#include "unit/name.h"
#include "verify.h"

#define TEST_INSTANCE "test-instance"

static const char *file_of(const struct unit *u)
{
	return u->fragment_path ? u->fragment_path : u->id;
}

/* -- places -- */

/* where @word stands in @value: at its beginning or after white space or a prefix of a command; NULL */
static const char *find_word(const char *value, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = value; (p = strstr(p, word)); p++)
		if ((p == value || strchr(" \t\"'-@:+!", p[-1])) && (!p[n] || strchr(" \t\"';", p[n])))
			return p;
	return NULL;
}

/* the line of @u's files that says @word under a key of @kind (of dependency kind @arg unless negative) */
static const struct verify_place *find_place(const struct verify *v, const struct unit *u, const struct key_kind *kind, int arg, const char *word, unsigned *ret_column)
{
	for (size_t i = 0; i < v->n_places; i++) {
		const struct verify_place *p = &v->places[i];
		const char *at;

		if (p->key->kind != kind || (arg >= 0 && p->key->arg != arg))
			continue;
		if (!(u->fragment_path && streq(p->file, u->fragment_path)) && !(u->dropin_paths && strv_has(u->dropin_paths, p->file)))
			continue;
		at = find_word(p->value, word);
		if (!at && !strchr(p->value, '%'))      /* with a specifier it is the best guess */
			continue;
		*ret_column = p->column + (at ? (unsigned)(at - p->value) : 0);
		return p;
	}
	return NULL;
}

/* -- commands -- */
static int executable(const struct verify *v, const char *path)
{
	_cleanup_(closep) int fd = verify_open(v, path);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? -EISDIR : S_ISREG(st.st_mode) && (st.st_mode & 0111) ? 0 : -EACCES;
}

/* a bare name is looked for where sysmaster-exec looks: systemd.service(5) "Command lines" */
static int find_executable(const struct verify *v, const char *name)
{
	static const char *const dirs[] = { "/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/" };
	int r = -ENOENT;

	if (*name == '/')
		return executable(v, name);
	for (size_t i = 0; i < ARRAY_SIZE(dirs) && r < 0; i++) {
		char path[4096];

		if (snprintf(path, sizeof(path), "%s%s", dirs[i], name) < (int)sizeof(path))
			r = executable(v, path);
	}
	return r;
}

static void check_list(struct verify *v, const struct unit *u, const struct key *k, const struct command *c)
{
	for (; c; c = c->next) {
		const struct verify_place *p;
		unsigned column;
		int r;

		if (c->flags & CMD_IGNORE_FAILURE)
			continue;
		r = find_executable(v, c->path);
		if (r == 0)
			continue;
		p = find_place(v, u, &kind_command, -1, c->path, &column);
		verify_report(v, DIAG_ERROR, p ? p->file : file_of(u), p ? p->line : 0, p ? column : 0, "%s: %s is not executable: %s",
			      p ? p->key->name : k->name, c->path, strerror(-r));
	}
}

static void check_commands(struct verify *v, const struct unit *u)
{
	const struct exec_context *exec = unit_context(u, exec_keys);

	if (exec && exec->s.root_directory)
		return;                         /* what will be there is not here to be seen */
	for (size_t g = 0; g < u->type->n_groups; g++) {
		const struct key_group *group = &u->type->groups[g];

		for (size_t i = 0; i < key_group_size(group); i++) {
			const struct key *k = &group->rows[i];

			if (k->kind == &kind_command)
				check_list(v, u, k, *(struct command *const *)(const void *)((const char *)u + group->base + k->off));
		}
	}
}

/* -- other units -- */
static bool usable(const struct unit *u)
{
	return u->load_state == UNIT_LOADED;
}

/* a unit that is needed and cannot be had, at the line that says so; false: all are there */
static bool check_required(struct verify *v, const struct unit *u)
{
	static const enum dep_kind kinds[] = { DEP_REQUIRES, DEP_BINDS_TO, DEP_REQUISITE };
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		for (struct dep *d = NULL; (d = unit_next_dep(u, kinds[i], d));) {
			const struct verify_place *p;
			unsigned column;

			if (usable(d->other))
				continue;
			any = true;
			p = find_place(v, u, &kind_dep, (int)kinds[i], d->other->id, &column);
			verify_report(v, DIAG_ERROR, p ? p->file : file_of(u), p ? p->line : 0, p ? column : 0, "%s=%s: %s",
				      dep_name(kinds[i]), d->other->id, d->other->load_why ? d->other->load_why : "it cannot be loaded");
		}
	}
	return any;
}

static void check_triggered(struct verify *v, const struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_TRIGGERS, d));)
		if (!usable(d->other) && d->other->load_state != UNIT_MASKED)
			verify_report(v, DIAG_ERROR, file_of(u), 0, 0, "%s, which it is to start: %s", d->other->id,
				      d->other->load_why ? d->other->load_why : "it cannot be loaded");
}

static void check_start(struct verify *v, struct unit *u)
{
	char why[TRANSACTION_WHY];
	int r;

	v->testing = u;
	r = transaction_test(u, &v->watch, why);
	if (r < 0 && r != -EOPNOTSUPP && r != -EDEADLK)                /* the last was told by the watch */
		verify_report(v, DIAG_ERROR, file_of(u), 0, 0, "%s cannot be started: %s", u->id, *why ? why : strerror(-r));
}

static void check(struct verify *v, struct unit *u)
{
	v->n_units++;
	if (u->load_state == UNIT_MASKED)
		return;
	v->n_files += (u->fragment_path != NULL) + strv_len(u->dropin_paths);
	if (!usable(u)) {
		verify_report(v, DIAG_ERROR, file_of(u), 0, 0, "%s cannot be loaded: %s", u->id, u->load_why ? u->load_why : unit_load_state_name(u->load_state));
		return;
	}
	check_commands(v, u);
	check_triggered(v, u);
	if (!check_required(v, u))
		check_start(v, u);
}

int verify_name(struct verify *v, const char *name)
{
	_cleanup_(freep) char *instance = NULL;
	struct unit *u;
	int r;

	if (name_is_template(name)) {
		r = name_replace_instance(name, TEST_INSTANCE, &instance);
		if (r < 0)
			return r;
	}
	r = unit_load(v->set, instance ? instance : name, &u);
	if (r == -ENOTSUP)
		verify_report(v, DIAG_UNSUPPORTED, name, 0, 0, "this image has no unit type .%s", name_suffix(name));
	else if (r == -EINVAL)
		verify_report(v, DIAG_ERROR, name, 0, 0, "not a unit name");
	else if (r < 0)
		return r;
	else if (!strv_has(v->checked, u->id) && (r = strv_add(&v->checked, u->id)) == 0)
		check(v, u);
	return r == -ENOMEM ? r : 0;
}
