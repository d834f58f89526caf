/* list.c - list-units, and what the lists of one type share: rows of what core has in memory */
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>
#include "query.h"
#include "table.h"
#include "verb.h"

enum { UNIT_MARK, UNIT_ID, UNIT_LOAD, UNIT_ACTIVE_COLUMN, UNIT_SUB, UNIT_JOB, UNIT_DESCRIPTION, N_UNIT_COLUMNS };
static const struct table_column unit_columns[N_UNIT_COLUMNS] = {
	{ .header = "" }, { .header = "UNIT" }, { .header = "LOAD" }, { .header = "ACTIVE" }, { .header = "SUB" }, { .header = "JOB" },
	{ .header = "DESCRIPTION" },
};

/* by type, then by name: what systemctl's readers are used to */
static int cmp_unit_ids(const char *a, const char *b)
{
	const char *x = strrchr(a, '.'), *y = strrchr(b, '.');
	int r = x && y ? strcasecmp(x, y) : 0;

	return r ? r : strcasecmp(a, b);
}

static int cmp_unit_rows(const char *const *a, const char *const *b) { return cmp_unit_ids(a[UNIT_ID], b[UNIT_ID]); }

static bool wanted(const struct sctl *s, const struct ipc_unit_info *u)
{
	if (s->o.all)
		return true;
	if (u->following && *u->following)
		return false;
	return s->o.states || u->job_id > 0 || !streq(u->active, "inactive");
}

/* yellow: its file is at fault; red: it failed */
static enum color mark_color(const struct ipc_unit_info *u)
{
	if (streq(u->active, "failed"))
		return COLOR_RED;
	return !streq(u->load, "loaded") && !streq(u->load, "stub") && !streq(u->load, "merged") ? COLOR_YELLOW : COLOR_NONE;
}

static int add_unit(struct sctl *s, struct table *t, const struct ipc_unit_info *u)
{
	enum color mark = mark_color(u);
	const char *job = u->job_id && u->has_job_type ? job_type_text(u->job_type) : "";
	int r = table_row(t, (const char *const[]){ mark ? glyph(s, GLYPH_DOT) : "", u->id, u->load, u->active, u->sub, job, u->description });

	if (r >= 0 && mark) {
		table_color(t, UNIT_MARK, mark);
		table_color(t, streq(u->active, "failed") ? UNIT_ACTIVE_COLUMN : UNIT_LOAD, mark);
	}
	return r;
}

static void unit_legend(const struct sctl *s, size_t n, bool jobs)
{
	if (n > 0)
		fprintf(s->out, "\nLOAD   = was its file read without trouble\n"
				"ACTIVE = its state in one of seven words, the same for all types\n"
				"SUB    = its state in the words of its type\n%s",
			jobs ? "JOB    = what is about to happen to it\n" : "");
	fprintf(s->out, "%s%zu loaded units listed.%s", color_on(s, n ? COLOR_WHITE : COLOR_RED), n, color_off(s));
	if (!s->o.all && !s->o.states)
		fputs(" Pass --all to see loaded but inactive units, too.", s->out);
	if (!s->o.states || s->o.all)
		fputs("\nTo see every unit file there is, use 'sctl list-unit-files'.", s->out);
	fputc('\n', s->out);
}

int verb_list_units(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(table_freep) struct table *t = NULL;
	_cleanup_(strv_freep) char **patterns = NULL;
	struct query_list l;
	bool jobs = false;
	int r = 0;

	r = query_patterns(s, words, n, ".service", &patterns);         /* "ssh" means ssh.service here too */
	if (r < 0 || query_list(s, patterns, s->o.types, s->o.states, &l) < 0)
		return SCTL_FAILURE;
	r = table_new(&t, unit_columns, N_UNIT_COLUMNS);
	for (size_t i = 0; r >= 0 && i < l.n; i++) {
		if (!wanted(s, &l.units[i]))
			continue;
		jobs |= l.units[i].job_id > 0;
		r = add_unit(s, t, &l.units[i]);
	}
	free(l.units);
	if (r < 0)
		return link_fail(s, r, NULL, "list units", NULL);
	if (!jobs)
		table_hide(t, UNIT_JOB);
	if (s->o.plain)
		table_hide(t, UNIT_MARK);
	table_sort(t, cmp_unit_rows);
	table_print(t, s);
	if (s->o.legend && s->o.json == JSON_OFF)
		unit_legend(s, table_rows(t), jobs);
	return SCTL_OK;
}

/* ---- units of one type ---- */

int list_of_type(struct sctl *s, char **words, size_t n, const char *type, struct query_list *ret)
{
	char *types[] = { (char *)type, NULL }, suffix[16];
	_cleanup_(strv_freep) char **patterns = NULL;
	size_t kept = 0;
	int r = 0;

	snprintf(suffix, sizeof(suffix), ".%s", type);
	r = query_patterns(s, words, n, suffix, &patterns);
	if (r >= 0)
		r = query_list(s, patterns, types, s->o.states, ret);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ret->n; i++)
		if (wanted(s, &ret->units[i]))
			ret->units[kept++] = ret->units[i];
	ret->n = kept;
	return 0;
}

void list_footer(struct sctl *s, size_t n, const char *what)
{
	if (s->o.legend && s->o.json == JSON_OFF)
		fprintf(s->out, "\n%zu %s listed.\n%s%s%s", n, what, s->o.all ? "" : "Pass --all to see loaded but inactive ", s->o.all ? "" : what, s->o.all ? "" : ", too.\n");
}
