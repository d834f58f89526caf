/* help.c - the rows of verbs and options, printed three ways: terminal, man page, Markdown */
#include "troff.h"
#include "run.h"
#include "text.h"
#include "verb.h"

#define INTRO "sctl asks the service manager about units and tells it what to do with them; it also works on the unit files " \
	      "themselves. Its verbs, options, output and exit statuses are those of systemctl(1)."

static const struct { const char *title; const struct option_set *set; } option_sets[] = { { "Options", &sctl_options }, { "Options of escape", &escape_options }, { "Options of run", &run_options_set } };
static const struct { const char *status, *meaning; } exits[] = {
	{ "0", "done; for status, is-active, is-failed, is-enabled: yes" },
	{ "1", "failed; for is-failed, is-enabled: no; for status: dead, and its PID file is there" },
	{ "3", "status, is-active: not active; start and its kin: not possible for this unit" },
	{ "4", "status: no such unit; start and its kin: not permitted" },
	{ "5", "start and its kin: no such unit" },
	{ "6", "start and its kin: its unit file is bad" },
};

static void option_title(const struct option_row *row, struct buf *b)
{
	bool optional = row->arg && row->arg[0] == '[';

	if (row->letter)
		buf_addf(b, "-%c", row->letter);
	if (row->letter && row->name)
		buf_adds(b, " ");
	if (row->name)
		buf_addf(b, "--%s", row->name);
	if (row->arg && optional)
		buf_addf(b, "[=%s", row->arg + 1);
	else if (row->arg)
		buf_addf(b, "%s%s", row->name ? "=" : " ", row->arg);
}

/* words from column @indent on, at most up to @width; the cursor stands there already */
static void wrap(FILE *f, const char *text, size_t indent, size_t width)
{
	size_t at = indent;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (at > indent && at + 1 + n > width) {
			fprintf(f, "\n%*s", (int)indent, "");
			at = indent;
		}
		at += (size_t)fprintf(f, "%s%.*s", at > indent ? " " : "", (int)n, text);
		text += n;
		text += *text == ' ';
	}
	fputc('\n', f);
}

static void row_print(struct sctl *s, const char *title, const char *doc, size_t column)
{
	size_t width = s->columns > 60 ? s->columns : 80, used = strlen(title) + 2;

	fprintf(s->out, "  %s", title);
	if (used + 1 >= column) {
		fputc('\n', s->out);
		used = 0;
	}
	fprintf(s->out, "%*s", (int)(column - used), "");
	wrap(s->out, doc, column, width);
}

static void options_print(struct sctl *s, const char *title, const struct option_set *set)
{
	fprintf(s->out, "\n%s%s:%s\n", color_on(s, COLOR_UNDERLINE), title, color_off(s));
	for (size_t i = 0; i < set->n; i++) {
		const struct option_row *row = &set->rows[i];
		_cleanup_(buf_finish) struct buf b = { 0 };

		if (!row->doc || row->kind == OPTION_REFUSED)
			continue;
		option_title(row, &b);
		row_print(s, buf_str(&b), row->doc, 28);
	}
}

void help_print(struct sctl *s)
{
	fprintf(s->out, "%s [OPTIONS...] COMMAND ...\n\n", s->program);
	wrap(s->out, INTRO, 0, s->columns > 60 ? s->columns : 80);
	for (int g = 0; g < N_VERB_GROUPS; g++) {
		fprintf(s->out, "\n%s%s:%s\n", color_on(s, COLOR_UNDERLINE), verb_group_titles[g], color_off(s));
		for (size_t i = 0; i < n_verbs; i++) {
			char title[96];

			if ((int)verbs[i].group != g || !verbs[i].doc)
				continue;
			snprintf(title, sizeof(title), "%s%s%s", verbs[i].name, verbs[i].args ? " " : "", verbs[i].args ? verbs[i].args : "");
			row_print(s, title, verbs[i].doc, 38);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(option_sets); i++)
		options_print(s, option_sets[i].title, option_sets[i].set);
	fprintf(s->out, "\n%sExit status:%s\n", color_on(s, COLOR_UNDERLINE), color_off(s));
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		row_print(s, exits[i].status, exits[i].meaning, 5);
}

int help_run(struct sctl *s)
{
	fprintf(s->out, "%s run [OPTIONS...] COMMAND [ARGUMENTS...]\n\nRun a command in a transient scope or service: now, or when a timer, path or socket says so.\n", s->program);
	options_print(s, "Options", &run_options_set);
	return SCTL_OK;
}

static void options_man(FILE *f, const char *title, const struct option_set *set)
{
	troff_section(f, title);
	for (size_t i = 0; i < set->n; i++) {
		const struct option_row *row = &set->rows[i];
		_cleanup_(buf_finish) struct buf b = { 0 }, doc = { 0 };

		if (!row->doc)
			continue;
		option_title(row, &b);
		buf_addf(&doc, "%s%s", row->kind == OPTION_REFUSED ? "refused: " : "", row->doc);
		troff_item(f, buf_str(&b), buf_str(&doc));
	}
}

void help_man(struct sctl *s)
{
	FILE *f = s->out;

	troff_title(f, "sctl", 1, "control the sysmaster service manager");
	fputs(".SH SYNOPSIS\n.B sctl\n[OPTIONS...] COMMAND ...\n.SH DESCRIPTION\n", f);
	troff_text(f, INTRO);
	fputs("\n.SH COMMANDS\n", f);
	for (int g = 0; g < N_VERB_GROUPS; g++) {
		fputs(".SS ", f);
		troff_text(f, verb_group_titles[g]);
		fputc('\n', f);
		for (size_t i = 0; i < n_verbs; i++) {
			char title[96];

			if ((int)verbs[i].group != g || !verbs[i].doc)
				continue;
			snprintf(title, sizeof(title), "%s%s%s", verbs[i].name, verbs[i].args ? " " : "", verbs[i].args ? verbs[i].args : "");
			troff_item(f, title, verbs[i].doc);
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(option_sets); i++)
		options_man(f, option_sets[i].title, option_sets[i].set);
	fputs(".SH NOT AVAILABLE\n", f);
	troff_text(f, "These verbs of systemctl are refused:");
	fputc('\n', f);
	for (size_t i = 0; i < n_verbs_refused; i++)
		troff_item(f, verbs_refused[i].name, verbs_refused[i].why);
	fputs(".SH EXIT STATUS\n", f);
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		troff_item(f, exits[i].status, exits[i].meaning);
	fputs(".SH ENVIRONMENT\n", f);
	troff_item(f, "SYSMASTER_RUN_DIR", "stands for /run/sysmaster, where the sockets are");
	troff_item(f, "SYSMASTER_UNIT_PATH", "replaces the search path of unit files");
	troff_item(f, "SYSTEMD_COLORS, NO_COLOR", "colours or none, whatever the terminal");
	fputs(".SH SEE ALSO\n.BR systemctl (1),\n.BR systemd.unit (5),\n.BR shutdown (8)\n", f);
}

static void options_markdown(struct sctl *s, const char *title, const struct option_set *set)
{
	fprintf(s->out, "\n## %s\n\n| option | meaning |\n|---|---|\n", title);
	for (size_t i = 0; i < set->n; i++) {
		const struct option_row *row = &set->rows[i];
		_cleanup_(buf_finish) struct buf b = { 0 };

		if (!row->doc)
			continue;
		option_title(row, &b);
		fprintf(s->out, "| `%s` | %s%s |\n", buf_str(&b), row->kind == OPTION_REFUSED ? "refused: " : "", row->doc);
	}
}

void help_markdown(struct sctl *s)
{
	fprintf(s->out, "# sctl\n\n%s\n", INTRO);
	for (int g = 0; g < N_VERB_GROUPS; g++) {
		fprintf(s->out, "\n## %s\n\n| command | what it does |\n|---|---|\n", verb_group_titles[g]);
		for (size_t i = 0; i < n_verbs; i++)
			if ((int)verbs[i].group == g && verbs[i].doc)
				fprintf(s->out, "| `%s%s%s` | %s |\n", verbs[i].name, verbs[i].args ? " " : "", verbs[i].args ? verbs[i].args : "", verbs[i].doc);
	}
	for (size_t i = 0; i < ARRAY_SIZE(option_sets); i++)
		options_markdown(s, option_sets[i].title, option_sets[i].set);
	fputs("\n## Not available\n\n| verb of systemctl | why |\n|---|---|\n", s->out);
	for (size_t i = 0; i < n_verbs_refused; i++)
		fprintf(s->out, "| `%s` | %s |\n", verbs_refused[i].name, verbs_refused[i].why);
	fputs("\n## Exit status\n\n| status | meaning |\n|---|---|\n", s->out);
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
		fprintf(s->out, "| %s | %s |\n", exits[i].status, exits[i].meaning);
}
