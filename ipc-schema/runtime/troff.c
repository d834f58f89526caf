/* troff.c - see troff.h; source: man(7), groff(7) */
#include <ctype.h>
#include <string.h>
#include "troff.h"

void troff_text(FILE *f, const char *t)
{
	if (*t == '.' || *t == '\'')
		fputs("\\&", f);
	for (; *t; t++) {
		if (*t == '-')
			fputs("\\-", f);
		else if (*t == '\\')
			fputs("\\e", f);
		else
			fputc(*t, f);
	}
}

void troff_title(FILE *f, const char *name, int section, const char *what)
{
	fputs(".TH ", f);
	for (const char *t = name; *t; t++)
		fputc(toupper((unsigned char)*t), f);
	fprintf(f, " %d \"\" sysmaster\n.SH NAME\n", section);
	troff_text(f, name);
	fputs(" \\- ", f);
	troff_text(f, what);
	fputc('\n', f);
}

void troff_section(FILE *f, const char *title)
{
	fputs(".SH ", f);
	for (const char *t = title; *t; t++)
		fputc(toupper((unsigned char)*t), f);
	fputc('\n', f);
}

void troff_item(FILE *f, const char *head, const char *doc)
{
	size_t n = strlen(doc);

	fputs(".TP\n.B ", f);
	troff_text(f, head);
	fputc('\n', f);
	troff_text(f, doc);
	fputs(n > 0 && doc[n - 1] == '.' ? "\n" : ".\n", f);
}
