/* query.c - reads only; every answer is a snapshot */
#include <fnmatch.h>
#include <stdio.h>
#include "query.h"
#include "unit/name.h"

static int add_page(struct query_list *l, size_t *cap, const struct ipc_list_units_reply *rep)
{
	if (l->n + rep->n_units > *cap) {
		size_t want = MAX(*cap * 2, l->n + rep->n_units);
		struct ipc_unit_info *units = reallocarray(l->units, want, sizeof(*units));

		if (!units)
			return -ENOMEM;
		l->units = units;
		*cap = want;
	}
	for (size_t i = 0; i < rep->n_units; i++)
		l->units[l->n++] = rep->units[i];
	return 0;
}

int query_list(struct sctl *s, char **patterns, char **types, char **states, struct query_list *ret)
{
	struct ipc_list_units_request req = {
		.patterns = (const char **)patterns, .n_patterns = strv_len(patterns),
		.types = (const char **)types, .n_types = strv_len(types),
		.states = (const char **)states, .n_states = strv_len(states),
	};
	struct query_list l = { 0 };
	const char *error = NULL;
	size_t cap = 0;
	int r = 0;

	for (bool more = true; more && r >= 0;) {
		struct ipc_list_units_reply rep;

		r = link_call(s, IPC_CORE_LIST_UNITS, &req, &rep, &error);
		if (r >= 0)
			r = add_page(&l, &cap, &rep);
		if (r < 0)
			break;
		more = rep.more && rep.n_units > 0;
		if (more)
			req.after = rep.units[rep.n_units - 1].id;
	}
	if (r < 0) {
		free(l.units);
		link_fail(s, r, error, "list units", NULL);
		return r;
	}
	*ret = l;
	return 0;
}

bool query_is_glob(const char *word) { return strpbrk(word, "*?[") != NULL; }

/* what is down and has no job is only meant with --all, as in list-units */
static int expand_globs(struct sctl *s, char **globs, char ***names)
{
	struct query_list l;
	int r = query_list(s, globs, NULL, NULL, &l);

	for (size_t i = 0; r >= 0 && i < l.n; i++)
		if ((s->o.all || l.units[i].job_id || !streq(l.units[i].active, "inactive")) && !strv_has(*names, l.units[i].id))
			r = strv_add(names, l.units[i].id);
	if (r >= 0)
		free(l.units);
	return r;
}

int query_names(struct sctl *s, char **words, size_t n, const char *suffix, char ***ret)
{
	_cleanup_(strv_freep) char **names = NULL, **globs = NULL;
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		char *name = NULL;

		if (query_is_glob(words[i])) {
			bool suffixed = strrchr(words[i], '.') || strchr(words[i], '*');
			char *glob = NULL;

			r = asprintf(&glob, suffixed ? "%s" : "%s%s", words[i], suffix) < 0 ? -ENOMEM : strv_consume(&globs, glob);
			continue;
		}
		r = name_mangle(words[i], suffix, &name);
		if (r < 0) {
			fprintf(s->err, "'%s' is not a unit name.\n", words[i]);
			return r;
		}
		r = strv_consume(&names, name);
	}
	if (r >= 0 && globs)
		r = expand_globs(s, globs, &names);
	if (r >= 0)
		*ret = TAKE_PTR(names);
	return r;
}

int query_patterns(struct sctl *s, char **words, size_t n, const char *suffix, char ***ret)
{
	_cleanup_(strv_freep) char **patterns = NULL;
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		char *name = NULL;

		if (query_is_glob(words[i])) {
			r = strv_add(&patterns, words[i]);
			continue;
		}
		r = name_mangle(words[i], suffix, &name);
		if (r < 0)
			fprintf(s->err, "'%s' is not a unit name.\n", words[i]);
		else
			r = strv_consume(&patterns, name);
	}
	if (r >= 0)
		*ret = TAKE_PTR(patterns);
	return r;
}

int query_unit(struct sctl *s, const char *unit, const char *const *names, size_t n, struct ipc_properties_reply *ret, const char **error)
{
	struct ipc_unit_request req = { .unit = unit, .has_load = true, .load = true, .properties = (const char **)names, .n_properties = n };

	memset(ret, 0, sizeof(*ret));
	return link_call(s, IPC_CORE_GET_UNIT, &req, ret, error);
}

const char *query_value(const struct ipc_properties_reply *p, const char *name)
{
	for (size_t i = 0; i < p->n_properties; i++)
		if (streq(p->properties[i].name, name))
			return p->properties[i].value;
	return "";
}

uint64_t query_number(const struct ipc_properties_reply *p, const char *name)
{
	uint64_t n;

	return value_unsigned(query_value(p, name), UINT64_MAX, &n) >= 0 && n != UINT64_MAX ? n : 0;
}

/* "/system.slice/ssh.service/sub" -> "ssh.service": the last component that names a unit which may hold processes */
static char *unit_of_cgroup(char *path)
{
	char *save = NULL, *found = NULL;

	for (char *c = strtok_r(path, "/", &save); c; c = strtok_r(NULL, "/", &save))
		if (name_valid(c, NAME_PLAIN | NAME_INSTANCE)) {
			found = c;
			if (!endswith(c, ".slice"))
				break;
		}
	return found;
}

int query_by_pid(struct sctl *s, pid_t pid, const char **ret)
{
	char path[64], line[4096];
	FILE *f;
	int r = -ESRCH;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	f = fopen(path, "re");
	if (!f)
		return -ESRCH;
	while (fgets(line, sizeof(line), f)) {
		char *unit;

		if (!startswith(line, "0::/"))
			continue;
		line[strcspn(line, "\n")] = '\0';
		unit = unit_of_cgroup(line + 3);
		*ret = unit ? arena_strndup(&s->arena, unit, strlen(unit)) : NULL;
		r = *ret ? 0 : -ESRCH;
		break;
	}
	fclose(f);
	return r;
}

const char *job_type_text(enum ipc_job_type t)
{
	switch (t) {
	case IPC_JOB_TYPE_TRY_RESTART:
		return "try-restart";
	case IPC_JOB_TYPE_RELOAD_OR_RESTART:
		return "reload-or-restart";
	case IPC_JOB_TYPE_TRY_RELOAD_OR_RESTART:
		return "try-reload-or-restart";
	case IPC_JOB_TYPE_VERIFY_ACTIVE:
		return "verify-active";
	case IPC_JOB_TYPE_START:
	case IPC_JOB_TYPE_STOP:
	case IPC_JOB_TYPE_RELOAD:
	case IPC_JOB_TYPE_RESTART:
	case IPC_JOB_TYPE_NOP:
		return msg_enum_name(&ipc_job_type_enum, (int32_t)t);
	}
	return "?";
}
