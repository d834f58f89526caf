/* manage.c - kill, reset-failed and what concerns the manager itself */
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include "generic.h"
#include "log.h"
#include "query.h"
#include "text.h"
#include "verb.h"

int verb_kill(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_kill_request req = { .who = s->o.kill_whom ? s->o.kill_whom : "all", .signo = (uint32_t)s->o.signal };
	_cleanup_(strv_freep) char **names = NULL;
	int status = SCTL_OK;

	if (!streq(req.who, "all") && !streq(req.who, "main") && !streq(req.who, "control")) {
		fprintf(s->err, "--kill-whom=%s: expected main, control or all.\n", req.who);
		return SCTL_FAILURE;
	}
	if (query_names(s, words, n, ".service", &names) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; names && names[i]; i++) {
		const char *error;
		int r;

		req.unit = names[i];
		r = link_call(s, IPC_CORE_KILL_UNIT, &req, NULL, &error);
		if (r < 0) {
			status = link_fail(s, r, error, "kill unit", names[i]);
		}
	}
	return status;
}

int verb_set_property(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_set_properties_request req = { .settings = (const char **)words + 1, .n_settings = n - 1, .has_runtime = true, .runtime = s->o.runtime };
	_cleanup_(strv_freep) char **names = NULL;
	int status = SCTL_OK;

	if (query_names(s, words, 1, ".service", &names) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; names && names[i]; i++) {
		const char *error;
		int r;

		req.unit = names[i];
		r = link_call(s, IPC_CORE_SET_PROPERTIES, &req, NULL, &error);
		if (r >= 0)
			continue;
		status = SCTL_FAILURE;
		if (startswith(error, "Unknown assignment: ") || startswith(error, "Not an assignment: "))
			fprintf(s->err, "%s\n", error);        /* of the command line, not of the unit */
		else
			link_fail(s, r, error, "set unit properties on", names[i]);
	}
	return status;
}

int verb_reset_failed(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_reset_failed_request req = { 0 };
	_cleanup_(strv_freep) char **names = NULL;
	int status = SCTL_OK, r;
	const char *error;

	if (n == 0) {
		r = link_call(s, IPC_CORE_RESET_FAILED, &req, NULL, &error);
		return r < 0 ? link_fail(s, r, error, "reset failed units", NULL) : SCTL_OK;
	}
	if (query_names(s, words, n, ".service", &names) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; names && names[i]; i++) {
		req.unit = names[i];
		r = link_call(s, IPC_CORE_RESET_FAILED, &req, NULL, &error);
		if (r < 0) {
			status = link_fail(s, r, error, "reset failed state of unit", names[i]);
		}
	}
	return status;
}

/* the problems are in core's log anyway: here only when a person asks for the long form */
int verb_daemon_reload(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_reload_reply rep;
	const char *error;
	int r = link_reload(s, &rep, &error);

	if (r < 0)
		return link_fail(s, r, error, "reload", NULL);
	if (s->o.json != JSON_OFF) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		msg_json(&ipc_reload_reply_desc, &rep, &b);
		fprintf(s->out, "%s\n", buf_str(&b));
	} else if (!s->o.quiet) {
		for (size_t i = 0; i < rep.n_problems; i++)
			fprintf(s->err, "%s\n", rep.problems[i]);
		if (s->o.full)
			fprintf(s->err, "%u units read in %llu ms, %zu problems.\n", rep.units, rep.usec / USEC_PER_MSEC, rep.n_problems);
	}
	return SCTL_OK;
}

int verb_daemon_reexec(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_empty req = { 0 };
	struct ipc_manager_status rep;
	const char *error;
	int r = link_call(s, IPC_CORE_REEXEC, &req, NULL, &error);

	if (r < 0)
		return link_fail(s, r, error, "reexecute", NULL);
	/* done when the new one answers */
	client_free(s->core);
	s->core = NULL;
	r = link_call(s, IPC_CORE_STATUS, &req, &rep, &error);
	return r < 0 ? link_fail(s, r, error, "reach the new service manager", NULL) : SCTL_OK;
}

static int manager_status(struct sctl *s, struct ipc_manager_status *rep)
{
	struct ipc_empty req = { 0 };
	const char *error;
	int r = link_call(s, IPC_CORE_STATUS, &req, rep, &error);

	if (r < 0)
		link_fail(s, r, error, "ask the service manager", NULL);
	return r;
}

/* NAME=value, or NAME=$'...' when a shell would take value apart; systemctl(1) "show-environment" */
static void print_variable(FILE *f, const char *assignment)
{
	const char *value = strchr(assignment, '=');
	bool plain = true;

	if (!value) {
		fprintf(f, "%s\n", assignment);
		return;
	}
	for (const char *c = ++value; *c; c++)
		plain &= isalnum((unsigned char)*c) || strchr("_-+=./:,@%^", *c) || (unsigned char)*c >= 0x80;
	fprintf(f, "%.*s", (int)(value - assignment), assignment);
	if (plain) {
		fprintf(f, "%s\n", value);
		return;
	}
	fputs("$'", f);
	for (const char *c = value; *c; c++) {
		if (*c == '\n')
			fputs("\\n", f);
		else if (*c == '\t')
			fputs("\\t", f);
		else if (*c == '\'' || *c == '\\')
			fprintf(f, "\\%c", *c);
		else if ((unsigned char)*c < ' ')
			fprintf(f, "\\%03o", (unsigned char)*c);
		else
			fputc(*c, f);
	}
	fputs("'\n", f);
}

int verb_show_environment(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_manager_status rep;

	if (manager_status(s, &rep) < 0)
		return SCTL_FAILURE;
	if (s->o.json != JSON_OFF)
		fputc('{', s->out);
	for (size_t i = 0; i < rep.n_environment; i++) {
		const char *value = strchr(rep.environment[i], '=');

		if (s->o.json == JSON_OFF) {
			print_variable(s->out, rep.environment[i]);
		} else if (value) {
			_cleanup_(freep) char *name = strndup(rep.environment[i], (size_t)(value - rep.environment[i]));

			fputs(i > 0 ? "," : "", s->out);
			json_string(s->out, name ? name : "");
			fputc(':', s->out);
			json_string(s->out, value + 1);
		}
	}
	if (s->o.json != JSON_OFF)
		fputs("}\n", s->out);
	return SCTL_OK;
}

static bool variable_ok(const char *word, size_t n)
{
	if (n == 0 || isdigit((unsigned char)word[0]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)word[i]) && word[i] != '_')
			return false;
	return true;
}

enum { ENV_SET, ENV_UNSET, ENV_IMPORT };

/* import: the value of NAME is taken from here; no word: everything that is a valid variable */
static int import_words(struct sctl *s, char **words, size_t n, char ***ret)
{
	int r = 0;

	if (n == 0 && !s->o.quiet)
		fprintf(s->err, "Everything in this environment is imported; better name what is to be.\n");

	for (size_t i = 0; r >= 0 && i < n; i++) {
		const char *value = getenv(words[i]);
		char *assignment;

		if (!value) {
			fprintf(s->err, "$%s is not set, and left out.\n", words[i]);
			continue;
		}
		r = asprintf(&assignment, "%s=%s", words[i], value) < 0 ? -ENOMEM : strv_consume(ret, assignment);
	}
	for (char **e = environ; r >= 0 && n == 0 && *e; e++)
		if (variable_ok(*e, strcspn(*e, "=")))
			r = strv_add(ret, *e);
	return r;
}

int verb_set_environment(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(strv_freep) char **imported = NULL;
	struct ipc_environment_request req = { 0 };
	const char *error;
	int r;

	for (size_t i = 0; i < n; i++) {
		bool assigns = strchr(words[i], '=') != NULL;

		if (!variable_ok(words[i], strcspn(words[i], "=")) || (v->arg == ENV_SET && !assigns) || (v->arg == ENV_IMPORT && assigns)) {
			fprintf(s->err, "'%s' is not %s.\n", words[i], v->arg == ENV_SET ? "of the form VARIABLE=VALUE" : "the name of a variable");
			return SCTL_FAILURE;
		}
	}
	if (v->arg == ENV_IMPORT) {
		r = import_words(s, words, n, &imported);
		if (r < 0)
			return link_fail(s, r, NULL, v->name, NULL);
		req.set = (const char **)imported;
		req.n_set = strv_len(imported);
	} else if (v->arg == ENV_UNSET) {
		req.unset = (const char **)words;
		req.n_unset = n;
	} else {
		req.set = (const char **)words;
		req.n_set = n;
	}
	r = link_call(s, IPC_CORE_SET_ENVIRONMENT, &req, NULL, &error);
	return r < 0 ? link_fail(s, r, error, v->name, NULL) : SCTL_OK;
}

int verb_log_level(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	static const char *const levels[] = { "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" };
	struct ipc_log_level_request req;
	struct ipc_manager_status rep;
	const char *error;
	int level, r;

	if (n == 0) {
		if (manager_status(s, &rep) < 0)
			return SCTL_FAILURE;
		fprintf(s->out, "%s\n", rep.log_level < ARRAY_SIZE(levels) ? levels[rep.log_level] : "?");
		return SCTL_OK;
	}
	if (log_level_parse(words[0], &level) < 0) {
		fprintf(s->err, "'%s' is not a log level (emerg, alert, crit, err, warning, notice, info, debug or 0..7).\n", words[0]);
		return SCTL_FAILURE;
	}
	req.level = (uint32_t)level;
	r = link_call(s, IPC_CORE_SET_LOG_LEVEL, &req, NULL, &error);
	return r < 0 ? link_fail(s, r, error, "set log level", NULL) : SCTL_OK;
}

/* what systemd's manager can be told, and ours has one answer to */
static const struct { const char *value, *also[6], *why; } fixed[] = {
	{ "kmsg", { "kmsg", "auto", "journal-or-kmsg", "syslog-or-kmsg", NULL }, "the service manager logs to the kernel log, and nowhere else" },
	{ "yes", { "yes", "true", "on", "1", "y", NULL }, "watchdogs of services cannot be switched off as a whole" },
};

int verb_fixed(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	if (n == 0) {
		fprintf(s->out, "%s\n", fixed[v->arg].value);
		return SCTL_OK;
	}
	for (const char *const *t = fixed[v->arg].also; *t; t++)
		if (streq(*t, words[0]))
			return SCTL_OK;
	fprintf(s->err, "%s %s: %s.\n", v->name, words[0], fixed[v->arg].why);
	return SCTL_FAILURE;
}

int verb_ipc(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	char path[PATH_MAX], word[PATH_MAX + 64];

	/* the generic client knows the schema's paths only: say where the socket is when it is elsewhere */
	for (size_t i = 0; n > 0 && msg_sockets[i]; i++)
		if (streq(msg_sockets[i]->name, words[0]) && msg_sockets[i]->path && link_path(msg_sockets[i]->path, path) >= 0 &&
		    !streq(path, msg_sockets[i]->path)) {
			snprintf(word, sizeof(word), "%s@%s", words[0], path);
			words[0] = word;
			break;
		}
	return generic_call((int)n, words, s->o.json != JSON_OFF, s->out);
}
