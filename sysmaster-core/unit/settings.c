/* settings.c - settings that come with a request instead of a file */
#include <stdio.h>
#include "unit/keys.h"
#include "unit/name.h"
#include "unit/set.h"
#include "unit/settings.h"

/* ---- which key is meant ---- */

static const struct key *row_of(const struct key_group *g, size_t n_groups, const char *section, const char *name, size_t n, const struct key *live, struct setting *ret)
{
	char key[128];

	if (n >= sizeof(key))
		return NULL;
	memcpy(key, name, n);
	key[n] = 0;
	for (size_t i = 0; i < n_groups; i++) {
		const struct key *k;

		if (g[i].rows == unit_moved_keys || (section && !streq(section, g[i].section)))
			continue;
		k = key_find(&g[i], 1, g[i].section, key, NULL);
		if (!k)
			continue;
		ret->key = k;
		ret->section = g[i].section;
		ret->resource = g[i].rows == live;
		return k;
	}
	return NULL;
}

int setting_find(const struct unit_type *t, const char *text, const struct key *live, struct setting *ret)
{
	const char *eq = strchr(text, '='), *dot = eq ? memchr(text, '.', (size_t)(eq - text)) : NULL;
	const char *name = dot ? dot + 1 : text;
	char section[64];

	if (!eq || eq == name || (dot && (size_t)(dot - text) >= sizeof(section)))
		return -EINVAL;
	if (dot)
		snprintf(section, sizeof(section), "%.*s", (int)(dot - text), text);
	ret->value = eq + 1;
	if (row_of(unit_groups, n_unit_groups, dot ? section : NULL, name, (size_t)(eq - name), live, ret) ||
	    row_of(t->groups, t->n_groups, dot ? section : NULL, name, (size_t)(eq - name), live, ret))
		return 0;
	return -ENOENT;
}

/* ---- as text ---- */

/* a value that a unit file could not hold as it is: another line would begin in it */
static bool fits_line(const char *value)
{
	size_t n = strlen(value);

	return !strpbrk(value, "\n\r") && (n == 0 || value[n - 1] != '\\');
}

static void add_line(struct buf *out, const struct setting *s)
{
	buf_addf(out, "%s=", s->key->name);
	for (const char *p = s->value; *p; p++) {
		if (*p == '%' && !s->resource)
			buf_addc(out, '%');
		buf_addc(out, *p);
	}
	buf_addc(out, '\n');
}

static int add_section(const struct unit_type *t, const char *const *settings, size_t n, const struct key *plain, const char *section, struct buf *out)
{
	bool begun = false;

	for (size_t i = 0; i < n; i++) {
		struct setting s;
		int r = setting_find(t, settings[i], plain, &s);

		if (r < 0)
			return r;
		if (!streq(s.section, section))
			continue;
		if (!begun)
			buf_addf(out, "\n[%s]\n", section);
		begun = true;
		add_line(out, &s);
	}
	return 0;
}

int settings_text(const struct unit_type *t, const char *const *settings, size_t n, const struct key *plain, struct buf *out, char *why, size_t n_why)
{
	for (size_t i = 0; i < n; i++) {
		struct setting s;
		int r = setting_find(t, settings[i], plain, &s);

		if (r < 0)
			snprintf(why, n_why, r == -ENOENT ? "Unknown assignment: %.200s" : "Not an assignment: %.200s", settings[i]);
		else if (!fits_line(s.value))
			snprintf(why, n_why, "A value must be one line: %.200s", settings[i]), r = -EINVAL;
		if (r < 0)
			return r;
	}
	int r = add_section(t, settings, n, plain, "Unit", out);

	if (r >= 0 && t->section)
		r = add_section(t, settings, n, plain, t->section, out);
	return r < 0 ? r : buf_error(out);
}

/* ---- tried and applied ---- */

int settings_try(const struct unit_set *set, const char *name, const char *text, size_t n, struct diag_sink *sink)
{
	_cleanup_(unit_set_freep) struct unit_set *alone = NULL;
	struct unit *u;
	int r = unit_set_new(&alone, NULL, set->host, sink);

	if (r >= 0)
		r = unit_stub(alone, name, &u);
	if (r < 0)
		return r;
	u->transient = true;
	load_text(u, name, text, n);
	return (int)u->load_state;
}

int settings_apply_try(const struct unit *u, const char *file, const char *text, size_t n, struct diag_sink *sink)
{
	_cleanup_(unit_set_freep) struct unit_set *alone = NULL;
	struct unit *other;
	int r = unit_set_new(&alone, NULL, u->set->host, sink);

	if (r >= 0)
		r = unit_stub(alone, u->id, &other);
	return r < 0 ? r : settings_apply(other, file, text, n, sink);
}
