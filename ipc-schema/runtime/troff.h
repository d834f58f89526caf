/* troff.h - man pages from the tables that the programs themselves read: text and items in the man(7) macros */
#pragma once
#include <stdio.h>

/** troff_text() - words that troff takes as they are: no request, no hyphen, no escape */
void troff_text(FILE *f, const char *text);
void troff_title(FILE *f, const char *name, int section, const char *what);     /* .TH and NAME */
void troff_section(FILE *f, const char *title);                                 /* in capitals */
/** troff_item() - one row: a bold head, what it means; a full stop is added where @doc has none */
void troff_item(FILE *f, const char *head, const char *doc);
