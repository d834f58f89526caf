/* table.c - measure, then print; sctl_new lists keep their cells until then */
#include <ctype.h>
#include "table.h"

struct row { char *cells[TABLE_COLUMNS], *json[TABLE_COLUMNS]; enum color colors[TABLE_COLUMNS]; };
struct table {
	const struct table_column *columns;
	size_t n_columns, n_rows, cap;
	bool hidden[TABLE_COLUMNS];
	struct row *rows;
	int (*cmp)(const char *const *, const char *const *);
};

int table_new(struct table **ret, const struct table_column *columns, size_t n)
{
	struct table *t;

	if (n > TABLE_COLUMNS)
		return -E2BIG;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->columns = columns;
	t->n_columns = n;
	*ret = t;
	return 0;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_rows; i++)
		for (size_t c = 0; c < t->n_columns; c++) {
			free(t->rows[i].cells[c]);
			free(t->rows[i].json[c]);
		}
	free(t->rows);
	free(t);
}

void table_hide(struct table *t, size_t column) { t->hidden[column] = true; }
size_t table_rows(const struct table *t) { return t->n_rows; }
void table_color(struct table *t, size_t column, enum color c) { t->rows[t->n_rows - 1].colors[column] = c; }

int table_json(struct table *t, size_t column, const char *json)
{
	char **cell = &t->rows[t->n_rows - 1].json[column];

	free(*cell);
	*cell = strdup(json);
	return *cell ? 0 : -ENOMEM;
}

int table_row(struct table *t, const char *const *cells)
{
	struct row *row;

	if (t->n_rows == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct row *rows = reallocarray(t->rows, cap, sizeof(*rows));

		if (!rows)
			return -ENOMEM;
		t->rows = rows;
		t->cap = cap;
	}
	row = &t->rows[t->n_rows];
	memset(row, 0, sizeof(*row));
	t->n_rows++;
	for (size_t c = 0; c < t->n_columns; c++)
		if (cells[c]) {
			row->cells[c] = strdup(cells[c]);
			if (!row->cells[c])
				return -ENOMEM;
		}
	return 0;
}

static int cmp_rows(const void *a, const void *b, void *arg)
{
	const struct row *x = a, *y = b;
	const struct table *t = arg;

	return t->cmp((const char *const *)x->cells, (const char *const *)y->cells);
}

void table_sort(struct table *t, int (*cmp)(const char *const *a, const char *const *b))
{
	t->cmp = cmp;
	if (t->n_rows > 1)
		qsort_r(t->rows, t->n_rows, sizeof(*t->rows), cmp_rows, t);
}

static void json_key(FILE *f, const char *header)
{
	fputc('"', f);
	for (; *header; header++)
		fputc(*header == ' ' ? '_' : tolower((unsigned char)*header), f);
	fputs("\":", f);
}

static void json_row(const struct table *t, const struct row *row, FILE *f, bool pretty)
{
	bool first = true;

	fputs(pretty ? "\t{\n" : "{", f);
	for (size_t c = 0; c < t->n_columns; c++) {
		if (t->hidden[c] || !*t->columns[c].header)
			continue;
		if (!first)
			fputs(pretty ? ",\n" : ",", f);
		first = false;
		if (pretty)
			fputs("\t\t", f);
		json_key(f, t->columns[c].header);
		if (pretty)
			fputc(' ', f);
		if (row->json[c])
			fputs(row->json[c], f);
		else if (!row->cells[c])
			fputs("null", f);
		else if (t->columns[c].number)
			fputs(row->cells[c], f);
		else
			json_string(f, row->cells[c]);
	}
	fputs(pretty ? "\n\t}" : "}", f);
}

static void print_json(const struct table *t, FILE *f, bool pretty)
{
	fputs("[", f);
	for (size_t i = 0; i < t->n_rows; i++) {
		fputs(i > 0 ? "," : "", f);
		fputs(pretty ? "\n" : "", f);
		json_row(t, &t->rows[i], f, pretty);
	}
	fputs(pretty && t->n_rows > 0 ? "\n]\n" : "]\n", f);
}

static void spaces(FILE *f, size_t n)
{
	while (n-- > 0)
		fputc(' ', f);
}

static void print_cells(const struct table *t, const struct sctl *s, char *const *cells, const enum color *colors, const size_t *widths, size_t last)
{
	size_t used = 0;

	for (size_t c = 0; c < t->n_columns; c++) {
		_cleanup_(freep) char *cut = NULL;
		const char *text = cells[c] ? cells[c] : "";
		size_t width = text_width(text);

		if (t->hidden[c])
			continue;
		if (c == last && s->columns > 0 && !s->o.full && s->columns > used + 8 && used + width > s->columns) {
			cut = text_cut(s, text, s->columns - used);
			text = cut ? cut : text;
			width = text_width(text);
		}
		if (t->columns[c].right && width < widths[c])
			spaces(s->out, widths[c] - width);
		fprintf(s->out, "%s%s%s", color_on(s, colors[c]), text, colors[c] ? color_off(s) : "");
		if (c == last)
			break;
		if (!t->columns[c].right && width < widths[c])
			spaces(s->out, widths[c] - width);
		fputc(' ', s->out);
		used += widths[c] + 1;
	}
	fputc('\n', s->out);
}

void table_print(struct table *t, const struct sctl *s)
{
	static const enum color plain[TABLE_COLUMNS];
	char *headers[TABLE_COLUMNS];
	size_t widths[TABLE_COLUMNS] = { 0 }, last = 0;

	if (s->o.json != JSON_OFF) {
		print_json(t, s->out, s->o.json == JSON_PRETTY);
		return;
	}
	for (size_t c = 0; c < t->n_columns; c++) {
		headers[c] = (char *)t->columns[c].header;
		widths[c] = s->o.legend ? text_width(headers[c]) : 0;
		for (size_t i = 0; i < t->n_rows; i++)
			if (t->rows[i].cells[c])
				widths[c] = MAX(widths[c], text_width(t->rows[i].cells[c]));
		if (!*headers[c])
			widths[c] = MAX(widths[c], (size_t)1);
		if (!t->hidden[c])
			last = c;
	}
	if (s->o.legend)
		print_cells(t, s, headers, plain, widths, last);
	for (size_t i = 0; i < t->n_rows; i++)
		print_cells(t, s, t->rows[i].cells, t->rows[i].colors, widths, last);
}
