/*
 * main.c - sysmaster-man DIRECTORY: the pages of section 5, from the key tables that core parses unit files with
 *
 * Run by the build. A page holds the rows of one group; what several unit types share (execution, killing, resource control) is a
 * page of its own, named in the pages of the types.
 */
#include <dirent.h>
#include <stdio.h>
#include "cgroup/cgroup.h"
#include "exec/exec.h"
#include "troff.h"
#include "unit/keys.h"
#include "unit/types.h"

/* groups that several types share, and the systemd page that says more */
static const struct shared { const char *page, *original, *what; const struct key *rows; const size_t *n_rows; } shared[] = {
	{ "sysmaster.exec", "systemd.exec", "in which environment the processes of services, sockets, mounts and swaps run", exec_keys, &n_exec_keys },
	{ "sysmaster.kill", "systemd.kill", "how the processes of a unit are ended", kill_keys, &n_kill_keys },
	{ "sysmaster.resource-control", "systemd.resource-control", "limits and weights of a unit's control group", cgroup_keys, &n_cgroup_keys },
};

static const struct { const char *type, *what; } types[] = {
	{ "automount", "file systems mounted when somebody looks" }, { "device", "devices that the device manager shows" },
	{ "mount", "mount points" }, { "path", "files that start a unit when they change" },
	{ "scope", "processes that somebody else started" }, { "service", "processes that core starts, watches and stops" },
	{ "slice", "groups of units that share resources" }, { "socket", "sockets and FIFOs that start a service when somebody comes" },
	{ "swap", "swap devices and files" }, { "target", "groups of units, and moments of the boot" }, { "timer", "moments at which a unit is started" },
};

/* "Type", with what may stand behind "=" */
static void head(const struct key *k, struct buf *b)
{
	buf_addf(b, "%s=", k->name);
	if (k->kind != &kind_enum || !k->arg) {
		buf_adds(b, k->kind->syntax);
		return;
	}
	for (const struct key_enum *e = (const struct key_enum *)k->arg; e->name; e++)
		buf_addf(b, "%s%s", e == (const struct key_enum *)k->arg ? "" : " | ", e->name);
}

static int row(FILE *f, const struct key *k)
{
	_cleanup_(buf_finish) struct buf title = { 0 }, doc = { 0 };

	if (!k->doc || !*k->doc)
		return fprintf(stderr, "sysmaster-man: %s= has no documentation\n", k->name), -EINVAL;
	head(k, &title);
	if (k->kind == &kind_unsupported)
		buf_addf(&doc, "Known and not honoured%s%s: a file that has it is told so. ", k->arg ? ", since " : "", k->arg ? (const char *)k->arg : "");
	else if (k->kind == &kind_obsolete)
		buf_adds(&doc, "Known and without effect. ");
	buf_adds(&doc, k->doc);
	if (k->property && *k->property && !streq(k->property, k->name))
		buf_addf(&doc, " Shown as %s.", k->property);
	troff_item(f, buf_str(&title), buf_str(&doc));
	return 0;
}

static int rows(FILE *f, const char *title, const struct key *keys, size_t n)
{
	int r = 0;

	troff_section(f, title);
	for (size_t i = 0; i < n && r >= 0; i++)
		r = row(f, &keys[i]);
	return r;
}

static FILE *page_open(const char *dir, const char *name, const char *what)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.5", dir, name);
	f = fopen(path, "we");
	if (f)
		troff_title(f, name, 5, what);
	else
		fprintf(stderr, "sysmaster-man: %s: %m\n", path);
	return f;
}

static int page_close(FILE *f, const char *original)
{
	troff_section(f, "See also");
	fprintf(f, ".BR %s (5)\nhas the same keys with the same meaning, at length.\n.BR sctl (1)\nshows them (sctl show) and checks files (sctl verify).\n", original);
	return fclose(f) == 0 ? 0 : -EIO;
}

static const struct shared *shared_of(const struct key_group *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
		if (shared[i].rows == g->rows)
			return &shared[i];
	return NULL;
}

static int type_page(const char *dir, const struct unit_type *t, const char *what)
{
	char name[64], original[64], title[64];
	const struct shared *s;
	FILE *f;
	int r = 0;

	snprintf(name, sizeof(name), "sysmaster.%s", t->name);
	snprintf(original, sizeof(original), "systemd.%s", t->name);
	f = page_open(dir, name, what);
	if (!f)
		return -EIO;
	troff_section(f, "Description");
	fprintf(f, "Unit files whose name ends in .%s. The sections [Unit] and [Install] are in\n.BR sysmaster.unit (5).\n", t->name);
	for (size_t i = 0; i < t->n_groups; i++)
		if ((s = shared_of(&t->groups[i])))
			fprintf(f, "The keys of\n.BR %s (5)\nmay stand in the section [%s], too.\n", s->page, t->groups[i].section);
	for (size_t i = 0; i < t->n_groups && r >= 0; i++) {
		const struct key_group *g = &t->groups[i];

		if (shared_of(g))
			continue;
		snprintf(title, sizeof(title), "[%s]%s", g->section, g->rows == unit_moved_keys ? ", as older files have it" : "");
		r = rows(f, title, g->rows, key_group_size(g));
	}
	return page_close(f, original) < 0 ? -EIO : r;
}

static int unit_page(const char *dir)
{
	FILE *f = page_open(dir, "sysmaster.unit", "what every unit file may say");
	char title[64];
	int r = 0;

	if (!f)
		return -EIO;
	for (size_t i = 0; i < n_unit_groups && r >= 0; i++) {
		snprintf(title, sizeof(title), "[%s]", unit_groups[i].section);
		r = rows(f, title, unit_groups[i].rows, key_group_size(&unit_groups[i]));
	}
	return page_close(f, "systemd.unit") < 0 ? -EIO : r;
}

static int shared_page(const char *dir, const struct shared *s)
{
	FILE *f = page_open(dir, s->page, s->what);
	int r;

	if (!f)
		return -EIO;
	r = rows(f, "Keys", s->rows, *s->n_rows);
	return page_close(f, s->original) < 0 ? -EIO : r;
}

int main(int argc, char **argv)
{
	const struct unit_type *t;
	int r;

	if (argc != 2) {
		fputs("sysmaster-man DIRECTORY: write the man pages of the unit file keys there\n", stderr);
		return 2;
	}
	r = unit_page(argv[1]);
	for (size_t i = 0; i < ARRAY_SIZE(shared) && r >= 0; i++)
		r = shared_page(argv[1], &shared[i]);
	for (size_t i = 0; i < ARRAY_SIZE(types) && r >= 0; i++)
		if ((t = types_source(types[i].type)))
			r = type_page(argv[1], t, types[i].what);
	return r < 0;
}
