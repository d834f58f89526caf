/* dump.c - everything the manager knows, as text for people who look for what is wrong with it; not for scripts */
#include <inttypes.h>
#include "query.h"
#include "text.h"
#include "unit/unit.h"
#include "verb.h"

/* a list of units is told one to a line, so that a search for a name finds all that has to do with it */
static void print_property(struct sctl *s, const char *name, const char *value)
{
	enum dep_kind kind;

	if (dep_by_name(name, &kind) < 0) {
		fprintf(s->out, "\t%s: %s\n", name, value);
		return;
	}
	while (*value) {
		size_t n = strcspn(value, " ");

		fprintf(s->out, "\t%s: %.*s\n", name, (int)n, value);
		value += n + (value[n] == ' ');
	}
}

static int dump_unit(struct sctl *s, const char *unit, const char *title)
{
	struct ipc_properties_reply p;
	const char *error;
	int r = query_unit(s, unit, NULL, 0, &p, &error);

	if (r == -ENOENT)
		return SCTL_OK;                 /* gone since the list was made */
	if (r < 0)
		return link_fail(s, r, error, "read the properties of", title);
	fprintf(s->out, "-> %s%s:\n", *unit ? "Unit " : "", title);
	for (size_t i = 0; i < p.n_properties; i++)
		if (*p.properties[i].value)
			print_property(s, p.properties[i].name, p.properties[i].value);
	return SCTL_OK;
}

static int dump_jobs(struct sctl *s)
{
	struct ipc_empty req = { 0 };
	struct ipc_submit_reply rep;
	const char *error;
	int r = link_call(s, IPC_CORE_LIST_JOBS, &req, &rep, &error);

	if (r < 0)
		return link_fail(s, r, error, "list jobs", NULL);
	for (size_t i = 0; i < rep.n_jobs; i++)
		fprintf(s->out, "-> Job %" PRIu64 ":\n\tUnit: %s\n\tType: %s\n\tState: %s\n", rep.jobs[i].id, rep.jobs[i].unit, job_type_text(rep.jobs[i].type),
			msg_enum_name(&ipc_job_state_enum, rep.jobs[i].state));
	return SCTL_OK;
}

int verb_dump(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(strv_freep) char **patterns = NULL;
	struct query_list l;
	int status = SCTL_OK, r = 0;

	for (size_t i = 0; i < n && r == 0; i++)
		r = strv_add(&patterns, words[i]);
	if (r < 0 || query_list(s, patterns, s->o.types, s->o.states, &l) < 0)
		return SCTL_FAILURE;
	if (n == 0)
		status = dump_unit(s, "", "Manager");
	for (size_t i = 0; i < l.n && status == SCTL_OK; i++)
		status = dump_unit(s, l.units[i].id, l.units[i].id);
	free(l.units);
	return status == SCTL_OK && n == 0 ? dump_jobs(s) : status;
}
