/* view.c - what a unit is and how it stands; systemctl(1) "status" */
#include <stdio.h>
#include "verb.h"
#include "view.h"

const char *view_get(const struct view *v, const char *name) { return query_value(&v->p, name); }
bool view_has(const struct view *v, const char *name) { const char *t = view_get(v, name); return *t && !streq(t, "[not set]"); }

void view_label(const struct view *v, const char *name)
{
	fprintf(v->s->out, "%11s: ", name);
}

/* a field of "{ path=/bin/x ; argv[]=/bin/x -a ; pid=12 }", the form of `show` for what has parts; @end: what ends a field */
char *view_field(const char *entry, const char *name, const char *end)
{
	char key[32];
	const char *at, *stop;

	snprintf(key, sizeof(key), " %s=", name);
	at = strstr(entry, key);
	if (!at)
		return NULL;
	at += strlen(key);
	stop = strstr(at, end);
	if (!stop)
		stop = strstr(at, " }");
	return strndup(at, stop ? (size_t)(stop - at) : strlen(at));
}


static void head(const struct view *v)
{
	struct sctl *s = v->s;
	enum color c = state_color(v->load, v->active);
	const char *description = view_get(v, "Description");

	fprintf(s->out, "%s%s%s %s", color_on(s, c), glyph(s, state_glyph(v->active)), c ? color_off(s) : "", v->unit);
	if (*description && !streq(description, v->unit))
		fprintf(s->out, " - %s", description);
	fputc('\n', s->out);
}

static void line_loaded(const struct view *v)
{
	struct sctl *s = v->s;
	const char *path = *view_get(v, "FragmentPath") ? view_get(v, "FragmentPath") : view_get(v, "SourcePath");
	const char *state = view_get(v, "UnitFileState"), *preset = view_get(v, "UnitFilePreset");
	bool bad = streq(v->load, "error") || streq(v->load, "bad-setting") || streq(v->load, "not-found");

	if (!*state && *path)
		files_state(s, v->unit, &state, &preset);
	view_label(v, "Loaded");
	fprintf(s->out, "%s%s%s", color_on(s, bad ? COLOR_RED : COLOR_NONE), v->load, bad ? color_off(s) : "");
	if (bad || streq(v->load, "masked")) {
		const char *why = view_get(v, "LoadError");

		fprintf(s->out, " (Reason: %s)\n", *why ? why : streq(v->load, "masked") ? "the unit is masked" : v->load);
		return;
	}
	if (*path) {
		fprintf(s->out, " (%s", path);
		if (*state)
			fprintf(s->out, "; %s%s%s", color_on(s, streq(state, "enabled") ? COLOR_GREEN : COLOR_NONE), state,
				streq(state, "enabled") ? color_off(s) : "");
		if (*preset && preset_matters(state))
			fprintf(s->out, "; preset: %s", preset);
		fputc(')', s->out);
	}
	fputc('\n', s->out);
}

/* drop-ins by directory, as a little tree */
static void lines_dropin(const struct view *v)
{
	char *list = (char *)view_get(v, "DropInPaths"), *dir = NULL;
	char *paths[256];
	size_t n = 0;

	for (char *t; n < ARRAY_SIZE(paths) && (t = text_word(&list)); )
		paths[n++] = t;
	for (size_t i = 0; i < n; i++) {
		char *file = strrchr(paths[i], '/'), *next = i + 1 < n ? strrchr(paths[i + 1], '/') : NULL;
		bool same, more;

		if (!file)
			continue;
		*file++ = '\0';
		same = dir && streq(dir, paths[i]);
		more = next && (size_t)(next - paths[i + 1]) == strlen(paths[i]) && strncmp(paths[i], paths[i + 1], strlen(paths[i])) == 0;
		if (!same) {
			if (dir)
				fprintf(v->s->out, VIEW_INDENT "%s\n", paths[i]);
			else
				view_label(v, "Drop-In"), fprintf(v->s->out, "%s\n", paths[i]);
			fprintf(v->s->out, VIEW_INDENT "%s%s", glyph(v->s, GLYPH_LAST), file);
		} else {
			fprintf(v->s->out, ", %s", file);
		}
		if (!more)
			fputc('\n', v->s->out);
		dir = paths[i];
	}
}

static const struct { const char *active, *stamp; } stamps[] = {        /* since when is it so */
	{ "active", "ActiveEnterTimestamp" }, { "reloading", "ActiveEnterTimestamp" },
	{ "inactive", "InactiveEnterTimestamp" }, { "failed", "InactiveEnterTimestamp" },
	{ "activating", "InactiveExitTimestamp" }, { "deactivating", "ActiveExitTimestamp" }, { "maintenance", "StateChangeTimestamp" },
};

/* a time printed by the second, with the fraction that the monotonic one knows; a clock that was set wins over it */
static uint64_t exact(uint64_t realtime, uint64_t monotonic)
{
	uint64_t t = now_usec(CLOCK_REALTIME) - now_usec(CLOCK_MONOTONIC) + monotonic;

	return realtime > 0 && monotonic > 0 && t >= realtime && t < realtime + USEC_PER_SEC ? t : realtime;
}

static uint64_t since(const struct view *v)
{
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(stamps); i++)
		if (streq(stamps[i].active, v->active)) {
			snprintf(name, sizeof(name), "%sMonotonic", stamps[i].stamp);
			return exact(stamp_parse(view_get(v, stamps[i].stamp)), stamp_parse(view_get(v, name)));
		}
	return 0;
}

static void line_active(const struct view *v)
{
	struct sctl *s = v->s;
	enum color c = state_color(NULL, v->active);
	const char *sub = view_get(v, "SubState"), *result = view_get(v, "Result");
	uint64_t usec = since(v);

	view_label(v, "Active");
	fprintf(s->out, "%s%s", color_on(s, c), v->active);
	if (*sub && !streq(sub, v->active))
		fprintf(s->out, " (%s)", sub);
	fputs(c ? color_off(s) : "", s->out);
	if (view_has(v, "FreezerState") && !streq(view_get(v, "FreezerState"), "running"))
		fprintf(s->out, " (%s)", view_get(v, "FreezerState"));
	if (*result && !streq(result, "success"))
		fprintf(s->out, " (Result: %s)", result);
	if (usec > 0) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		buf_adds(&b, " since ");
		stamp_format(usec, (enum stamp_style)s->o.timestamp, &b);
		buf_adds(&b, "; ");
		ago_format(usec, now_usec(CLOCK_REALTIME), &b);
		fputs(buf_str(&b), s->out);
	}
	fputc('\n', s->out);
}

static void line_duration(const struct view *v)
{
	uint64_t from = stamp_parse(view_get(v, "ActiveEnterTimestampMonotonic")), to = stamp_parse(view_get(v, "ActiveExitTimestampMonotonic"));
	_cleanup_(buf_finish) struct buf b = { 0 };

	if (from == 0 || to <= from || !(streq(v->active, "inactive") || streq(v->active, "failed")))
		return;
	span_format(to - from, USEC_PER_MSEC, &b);
	view_label(v, "Duration");
	fprintf(v->s->out, "%s\n", buf_str(&b));
}

/* which of them said no */
static void unmet(const struct view *v, const char *property)
{
	for (size_t i = 0; i < v->p.n_properties; i++) {
		const char *entry = v->p.properties[i].value;
		_cleanup_(freep) char *type = NULL, *negate = NULL, *parameter = NULL;

		if (!streq(v->p.properties[i].name, property) || !strstr(entry, "state=failed"))
			continue;
		type = view_field(entry, "type", ";");
		negate = view_field(entry, "negate", ";");
		parameter = view_field(entry, "parameter", "; state=");
		if (type && negate && parameter)
			fprintf(v->s->out, VIEW_INDENT "%s%s=%s%s was not met\n", glyph(v->s, GLYPH_LAST), type, streq(negate, "yes") ? "!" : "", parameter);
	}
}

static void lines_condition(const struct view *v)
{
	static const struct { const char *result, *stamp, *list, *name; } rows[] = {
		{ "ConditionResult", "ConditionTimestamp", "Conditions", "Condition" },
		{ "AssertResult", "AssertTimestamp", "Asserts", "Assert" },
	};
	_cleanup_(buf_finish) struct buf b = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t usec = stamp_parse(view_get(v, rows[i].stamp));

		if (!streq(view_get(v, rows[i].result), "no") || usec == 0 || streq(v->active, "active"))
			continue;
		buf_reset(&b);
		stamp_format(usec, (enum stamp_style)v->s->o.timestamp, &b);
		buf_adds(&b, "; ");
		ago_format(usec, now_usec(CLOCK_REALTIME), &b);
		view_label(v, rows[i].name);
		fprintf(v->s->out, "start %s%s failed%s at %s\n", color_on(v->s, COLOR_YELLOW), i ? "assertion" : "condition", color_off(v->s), buf_str(&b));
		unmet(v, rows[i].list);
	}
}

/* units that start this one, or that it starts, each with its state */
static void lines_related(const struct view *v, const char *property, const char *name)
{
	static const char *const wanted[] = { "ActiveState" };
	bool first = true;

	for (char *t, *rest = (char *)view_get(v, property); (t = text_word(&rest)); ) {
		struct ipc_properties_reply q;
		const char *error, *active = "inactive";
		enum color c;

		if (query_unit(v->s, t, wanted, 1, &q, &error) >= 0)
			active = query_value(&q, "ActiveState");
		c = state_color(NULL, active);
		if (first)
			view_label(v, name);
		else
			fputs(VIEW_INDENT, v->s->out);
		first = false;
		fprintf(v->s->out, "%s%s%s %s\n", color_on(v->s, c), glyph(v->s, state_glyph(active)), c ? color_off(v->s) : "", t);
	}
}

/* when a timer elapses next */
static void line_trigger(const struct view *v)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	uint64_t next;

	if (!endswith(v->unit, ".timer"))
		return;
	next = timer_next_elapse(&v->p);
	view_label(v, "Trigger");
	if (next == 0 || next == USEC_INFINITY) {
		fputs("n/a\n", v->s->out);
		return;
	}
	stamp_format(next, (enum stamp_style)v->s->o.timestamp, &b);
	buf_adds(&b, "; ");
	ago_format(next, now_usec(CLOCK_REALTIME), &b);
	fprintf(v->s->out, "%s\n", buf_str(&b));
}

static void lines_docs(const struct view *v)
{
	bool first = true;

	for (char *t, *rest = (char *)view_get(v, "Documentation"); (t = text_word(&rest)); ) {
		if (first)
			view_label(v, "Docs");
		else
			fputs(VIEW_INDENT, v->s->out);
		first = false;
		fprintf(v->s->out, "%s\n", t);
	}
}

static void lines_listen(const struct view *v)
{
	bool first = true;

	for (size_t i = 0; i < v->p.n_properties; i++) {
		char *save = NULL;

		if (!streq(v->p.properties[i].name, "Listen"))
			continue;
		for (char *t = strtok_r((char *)v->p.properties[i].value, "\n", &save); t; t = strtok_r(NULL, "\n", &save)) {
			if (first)
				view_label(v, "Listen");
			else
				fputs(VIEW_INDENT, v->s->out);
			first = false;
			fprintf(v->s->out, "%s\n", t);
		}
	}
	if (streq(view_get(v, "Accept"), "yes"))
		fprintf(v->s->out, "%11s: %s; Connected: %s;\n", "Accepted", *view_get(v, "NAccepted") ? view_get(v, "NAccepted") : "0",
			*view_get(v, "NConnections") ? view_get(v, "NConnections") : "0");
}

static void line_value(const struct view *v, const char *property, const char *name)
{
	if (!view_has(v, property))
		return;
	view_label(v, name);
	fprintf(v->s->out, "%s\n", view_get(v, property));
}

void view_state(const struct view *v)
{
	head(v);
	line_loaded(v);
	lines_dropin(v);
	line_active(v);
	line_duration(v);
	lines_condition(v);
	lines_related(v, "TriggeredBy", "TriggeredBy");
	line_trigger(v);
	lines_related(v, "Triggers", "Triggers");
	lines_docs(v);
	lines_listen(v);
	line_value(v, "SysFSPath", "Device");
	line_value(v, "Where", "Where");
	line_value(v, "What", "What");
}
