/* show.c - show, is-active, is-failed, is-system-running: answers for scripts */
#include <inttypes.h>
#include "query.h"
#include "text.h"
#include "verb.h"
#include "wait.h"

/*
 * A point in time comes as text or as microseconds since the epoch; both are shown as --timestamp= says. What core leaves to
 * the files is added here.
 */
static bool is_stamp(const struct sctl *s, const char *name, const char *value)
{
	return (endswith(name, "Timestamp") || streq(name, "NextElapseUSecRealtime") || streq(name, "LastTriggerUSec")) && *value &&
	       (s->o.timestamp != STAMP_PRETTY ? stamp_parse(value) > 0 : strspn(value, "0123456789") == strlen(value));
}

static const char *shown(struct sctl *s, const char *name, const char *value, struct buf *b)
{
	if (!is_stamp(s, name, value))
		return value;
	buf_reset(b);
	if (!streq(value, "0"))
		stamp_format(stamp_parse(value), (enum stamp_style)s->o.timestamp, b);
	return buf_str(b);
}

static bool asked(const struct sctl *s, const char *name)
{
	return !s->o.properties || strv_has(s->o.properties, name);
}

struct printer { struct sctl *s; struct buf b; bool first; };

static void put(struct printer *p, const char *name, const char *value)
{
	struct sctl *s = p->s;

	if (!asked(s, name))
		return;
	value = shown(s, name, value, &p->b);
	if (s->o.json != JSON_OFF) {
		fputs(p->first ? "" : s->o.json == JSON_PRETTY ? ",\n\t" : ",", s->out);
		json_string(s->out, name);
		fputc(':', s->out);
		json_string(s->out, value);
	} else if (strchr(value, '\n') && !streq(name, "StatusText") && !s->o.value) {  /* a list of structures: a line for each */
		while (*value) {
			size_t n = strcspn(value, "\n");

			fprintf(s->out, "%s=%.*s\n", name, (int)n, value);
			value += n + (value[n] == '\n');
		}
	} else if (*value || s->o.all || s->o.properties) {
		if (s->o.value)
			fprintf(s->out, "%s\n", value);
		else
			fprintf(s->out, "%s=%s\n", name, value);
	}
	p->first = false;
}

static void put_properties(struct sctl *s, const char *unit, const struct ipc_properties_reply *p)
{
	struct printer printer = { .s = s, .first = true };
	bool state = false;

	if (s->o.json != JSON_OFF)
		fputs(s->o.json == JSON_PRETTY ? "{\n\t" : "{", s->out);
	for (size_t i = 0; i < p->n_properties; i++) {
		put(&printer, p->properties[i].name, p->properties[i].value);
		state |= streq(p->properties[i].name, "UnitFileState");
	}
	if (*unit && !state && (asked(s, "UnitFileState") || asked(s, "UnitFilePreset"))) {
		const char *enabled, *preset;

		if (*query_value(p, "Id"))
			unit = query_value(p, "Id");            /* of the unit, not of the name that it was asked for by */
		files_state(s, unit, &enabled, &preset);
		put(&printer, "UnitFileState", enabled);
		put(&printer, "UnitFilePreset", *enabled ? files_preset(s, unit) : "");
	}
	if (s->o.json != JSON_OFF)
		fputs(s->o.json == JSON_PRETTY ? "\n}\n" : "}\n", s->out);
	buf_finish(&printer.b);
}

/* names of the form that core computes itself go along as they are; the files' ones need none of core */
static int show_one(struct sctl *s, const char *unit)
{
	_cleanup_(strv_freep) char **names = strv_copy(s->o.properties);
	struct ipc_properties_reply p;
	const char *error;
	int r = names && *unit && !strv_has(names, "Id") ? strv_add(&names, "Id") : 0;

	if (r >= 0)
		r = query_unit(s, unit, (const char *const *)names, strv_len(names), &p, &error);
	if (r < 0)
		return link_fail(s, r, error, "read the properties of", *unit ? unit : "the manager");
	put_properties(s, unit, &p);
	return SCTL_OK;
}

static int show_job(struct sctl *s, uint64_t id)
{
	struct ipc_job_request req = { .id = id };
	struct ipc_job_info j;
	const char *error;
	char number[24];
	int r = link_call(s, IPC_CORE_GET_JOB, &req, &j, &error);
	struct ipc_property p[] = {
		{ "Id", number }, { "Unit", r < 0 ? "" : j.unit }, { "JobType", r < 0 ? "" : job_type_text(j.type) },
		{ "State", r < 0 ? "" : msg_enum_name(&ipc_job_state_enum, j.state) },
		{ "Result", r < 0 ? "" : msg_enum_name(&ipc_job_result_enum, j.result) },
	};
	struct ipc_properties_reply rep = { .properties = p, .n_properties = ARRAY_SIZE(p) };

	snprintf(number, sizeof(number), "%" PRIu64, id);
	if (r < 0)
		return link_fail(s, r, error, "read job", number);
	put_properties(s, "", &rep);
	return SCTL_OK;
}

/* all units in memory that --type and --state let through: `show '*'`, `show -t service` */
static int show_matching(struct sctl *s, char **patterns)
{
	struct query_list l;
	int status = SCTL_OK;

	if (query_list(s, patterns, s->o.types, s->o.states, &l) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; i < l.n; i++) {
		if (i > 0 && s->o.json == JSON_OFF)
			fputc('\n', s->out);
		status = MAX(status, show_one(s, l.units[i].id));
	}
	free(l.units);
	return status;
}

int verb_show(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	int status = SCTL_OK;

	if (n == 0)
		return s->o.types || s->o.states ? show_matching(s, NULL) : show_one(s, "");
	for (size_t i = 0; i < n; i++) {
		_cleanup_(strv_freep) char **names = NULL;
		uint64_t id;
		int one = SCTL_OK;

		if (i > 0 && s->o.json == JSON_OFF)
			fputc('\n', s->out);
		if (value_unsigned(words[i], UINT64_MAX, &id) >= 0) {
			one = show_job(s, id);
		} else if (query_is_glob(words[i])) {
			char *patterns[] = { words[i], NULL };

			one = show_matching(s, patterns);
		} else if (query_names(s, &words[i], 1, ".service", &names) < 0) {
			one = SCTL_FAILURE;
		} else {
			one = show_one(s, names[0]);
		}
		status = status == SCTL_OK ? one : status;
	}
	return status;
}

/* one state a line; 0 when at least one is as asked */
int verb_is_active(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	static const char *const props[] = { "ActiveState" };
	bool failed = v->arg == 1, good = false;
	_cleanup_(strv_freep) char **names = NULL;

	if (query_names(s, words, n, ".service", &names) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; names && names[i]; i++) {
		struct ipc_properties_reply p;
		const char *error, *state;
		int r = query_unit(s, names[i], props, ARRAY_SIZE(props), &p, &error);

		if (r < 0 && r != -ENOENT && r != -EOPNOTSUPP)  /* no such unit, or no such type in this image: not active */
			return link_fail(s, r, error, "ask for", names[i]), SCTL_FAILURE;
		state = r < 0 ? "inactive" : query_value(&p, "ActiveState");
		good |= failed ? streq(state, "failed") : streq(state, "active") || streq(state, "reloading");
		if (!s->o.quiet)
			fprintf(s->out, "%s\n", state);
	}
	if (good)
		return SCTL_OK;
	if (failed)
		return SCTL_FAILURE;
	return SCTL_NOT_RUNNING;                        /* of a unit that does not exist, too: so says systemd 252 */
}

int verb_is_system_running(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(waiter_freep) struct waiter *w = NULL;
	struct ipc_empty req = { 0 };
	const char *state = "offline";

	if (s->o.wait && waiter_new(&w, s) < 0)
		w = NULL;
	for (;;) {
		struct ipc_manager_status rep;
		int r = link_call(s, IPC_CORE_STATUS, &req, &rep, NULL);

		if (r < 0) {
			state = r == -EHOSTDOWN ? "offline" : "unknown";
			break;
		}
		state = rep.state;
		if (!w || !(streq(state, "initializing") || streq(state, "starting")))
			break;
		waiter_event(w, 1000);
	}
	if (!s->o.quiet)
		fprintf(s->out, "%s\n", state);
	return streq(state, "running") ? SCTL_OK : SCTL_FAILURE;
}
