/* table.h - rows of text in columns, or the same as JSON */
#pragma once
#include "text.h"

#define TABLE_COLUMNS 10

struct table;
struct table_column {
	const char *header;             /* "UNIT FILE"; JSON's key is the same in small letters with '_'. "": mark column, not in JSON */
	bool number;                    /* JSON: a number */
	bool right;                     /* aligned to the right */
};
int table_new(struct table **ret, const struct table_column *columns, size_t n);       /* @columns borrowed */
void table_free(struct table *t);
DEFINE_CLEANUP(struct table *, table_free);
void table_hide(struct table *t, size_t column);
/** table_row() - n cells, copied; NULL prints as nothing (JSON null). Return: 0; -ENOMEM */
int table_row(struct table *t, const char *const *cells);
void table_color(struct table *t, size_t column, enum color c); /* of the last row */
int table_json(struct table *t, size_t column, const char *json);       /* of the last row: what --json prints instead, raw. -ENOMEM */
size_t table_rows(const struct table *t);
void table_sort(struct table *t, int (*cmp)(const char *const *a, const char *const *b));
/** table_print() - as --json says; text: the last column is cut to the terminal's width unless --full; header unless --no-legend */
void table_print(struct table *t, const struct sctl *s);
