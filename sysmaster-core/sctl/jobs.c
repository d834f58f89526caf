/* jobs.c - start, stop and their kin: ask for jobs, wait for their end, say how it went */
#include <fnmatch.h>
#include <inttypes.h>
#include "query.h"
#include "table.h"
#include "verb.h"
#include "wait.h"

#define SUBMIT_MAX 1024                                 /* units in one request, core.ipc */

static const struct { enum ipc_job_result result; const char *text; bool fine; } outcomes[] = {
	{ IPC_JOB_RESULT_NONE, "Job for %s is over; core no longer knows how it ended.", true },
	{ IPC_JOB_RESULT_DONE, NULL, true },
	{ IPC_JOB_RESULT_SKIPPED, NULL, true },
	{ IPC_JOB_RESULT_CANCELED, "Job for %s canceled.", false },
	{ IPC_JOB_RESULT_TIMEOUT, "Job for %s timed out.", false },
	{ IPC_JOB_RESULT_DEPENDENCY, "A dependency job for %s failed. See \"sctl list-units --failed\" for details.", false },
	{ IPC_JOB_RESULT_INVALID, "%s is not active, cannot reload.", false },
	{ IPC_JOB_RESULT_ASSERT, "Assertion failed on job for %s.", false },
	{ IPC_JOB_RESULT_UNSUPPORTED, "%s: this operation is not supported on this system.", false },
	{ IPC_JOB_RESULT_COLLECTED, "Queued job for %s was dropped together with its unit.", false },
	{ IPC_JOB_RESULT_ONCE, "%s ran once already and cannot be started again.", false },
};

static const struct { const char *result, *text; } reasons[] = {        /* Result= of a service; systemd.exec(5) $SERVICE_RESULT */
	{ "resources", "a resource could not be had or a system call failed" },
	{ "protocol", "the service did not follow its Type=" },
	{ "timeout", "a timeout was exceeded" },
	{ "exit-code", "the control process exited with error code" },
	{ "signal", "a fatal signal was delivered to the control process" },
	{ "core-dump", "a fatal signal was delivered causing the control process to dump core" },
	{ "watchdog", "the service failed to send watchdog ping" },
	{ "start-limit-hit", "start of the service was attempted too often" },
	{ "exec-condition", "its ExecCondition= said no" },
	{ "oom-kill", "of an out-of-memory kill" },
	{ "unmount-failed", "the file system could not be unmounted" },
};

static void explain_failure(struct sctl *s, const char *unit)
{
	static const char *const names[] = { "Result" };
	struct ipc_properties_reply p;
	const char *error, *result = "", *why = NULL;

	if (query_unit(s, unit, names, ARRAY_SIZE(names), &p, &error) >= 0)
		result = query_value(&p, "Result");
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (streq(reasons[i].result, result))
			why = reasons[i].text;
	fprintf(s->err, "Job for %s failed%s%s.\n", unit, why ? " because " : "", why ? why : "");
	fprintf(s->err, "See \"sctl status %s\" for details.\n", unit);
	if (streq(result, "start-limit-hit"))
		fprintf(s->err, "To allow another try, use \"sctl reset-failed %s\", then \"sctl start %s\".\n", unit, unit);
}

int jobs_done(void *arg, const struct ipc_job_info *job)
{
	struct sctl *s = arg;

	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
		if (outcomes[i].result != job->result)
			continue;
		if (outcomes[i].text && !(s->o.quiet && outcomes[i].fine)) {
			fprintf(s->err, outcomes[i].text, job->unit);
			fputc('\n', s->err);
		}
		return outcomes[i].fine ? 0 : -EIO;
	}
	if (!s->o.quiet)
		explain_failure(s, job->unit);
	return -EIO;
}

/* a stopped unit that something else may start again, a changed file: said after the fact, never in the way */
static void remark(struct sctl *s, const char *unit, int type)
{
	static const char *const names[] = { "NeedDaemonReload", "TriggeredBy" };
	struct ipc_properties_reply p;
	const char *error;
	bool said = false;

	if (s->o.quiet || query_unit(s, unit, names, ARRAY_SIZE(names), &p, &error) < 0)
		return;
	if (streq(query_value(&p, "NeedDaemonReload"), "yes"))
		fprintf(s->err, "Warning: the files of %s changed on disk. Run \"sctl daemon-reload\" to read them again.\n", unit);
	if (type != IPC_JOB_TYPE_STOP)
		return;
	for (char *t, *rest = (char *)query_value(&p, "TriggeredBy"); (t = text_word(&rest)); ) {
		static const char *const active[] = { "ActiveState" };
		struct ipc_properties_reply q;

		if (query_unit(s, t, active, 1, &q, &error) < 0 || !streq(query_value(&q, "ActiveState"), "active"))
			continue;
		if (!said)
			fprintf(s->err, "Warning: stopped %s, but it can still be started by:\n", unit);
		said = true;
		fprintf(s->err, "  %s\n", t);
	}
}

static int submit_some(struct sctl *s, char **names, size_t n, int type, int mode, const char *verb, struct waiter *w)
{
	struct ipc_submit_request req = {
		.units = (const char **)names, .n_units = n, .type = (enum ipc_job_type)type, .mode = (enum ipc_job_mode)mode,
	};
	struct ipc_submit_reply rep;
	const char *error;
	int r = link_call(s, IPC_CORE_SUBMIT, &req, &rep, &error), status = SCTL_OK;

	if (r < 0 && n > 1 && r != -EHOSTDOWN && r != -EACCES && r != -EPERM && r != -ETIMEDOUT) {
		/* one bad name must not hold back the others */
		for (size_t i = 0; i < n; i++) {
			int one = submit_some(s, names + i, 1, type, mode, verb, w);

			status = status == SCTL_OK ? one : status;
		}
		return status;
	}
	if (r == -ERFKILL && (type == IPC_JOB_TYPE_TRY_RESTART || type == IPC_JOB_TYPE_TRY_RELOAD_OR_RESTART))
		return SCTL_OK;                         /* nothing to try with a masked unit */
	if (r < 0) {
		status = link_exit_status(r);
		link_fail(s, r, error, verb, n == 1 ? names[0] : NULL);
		if (n == 1 && r != -EHOSTDOWN && r != -ENOENT && r != -EACCES && r != -EPERM)
			fprintf(s->err, "See \"sctl status %s\" for details.\n", names[0]);
		return status;
	}
	for (size_t i = 0; i < rep.n_jobs && r >= 0; i++) {
		if (s->o.show_transaction && !s->o.quiet)
			fprintf(s->err, "Enqueued job %" PRIu64 " %s/%s.\n", rep.jobs[i].id, rep.jobs[i].unit,
				job_type_text(rep.jobs[i].type));
		r = w ? waiter_add(w, &rep.jobs[i]) : 0;
	}
	return r < 0 ? link_fail(s, r, NULL, verb, NULL) : SCTL_OK;
}

/* --wait: until none of the units runs any more. The exit status is a failure when one of them failed */
static int wait_for_end(struct sctl *s, struct waiter *w, char **names)
{
	static const char *const wanted[] = { "ActiveState", "Job" };
	bool failed = false;

	for (size_t i = 0; names[i];) {
		struct arena kept = s->arena;
		struct ipc_properties_reply p;
		const char *error, *active;
		bool over;
		int r;

		s->arena = (struct arena)ARENA_HEAP(1 << 20);
		r = query_unit(s, names[i], wanted, ARRAY_SIZE(wanted), &p, &error);
		active = r < 0 ? "" : query_value(&p, "ActiveState");
		over = streq(active, "inactive") || streq(active, "failed");
		failed |= streq(active, "failed");
		if (r < 0)
			link_fail(s, r, error, "watch", names[i]);
		arena_reset(&s->arena);
		s->arena = kept;
		if (r < 0)
			return SCTL_FAILURE;
		if (over)
			i++;
		else
			waiter_event(w, 1000);
	}
	return failed ? SCTL_FAILURE : SCTL_OK;
}

int jobs_submit(struct sctl *s, char **names, int type, int mode, const char *verb)
{
	_cleanup_(waiter_freep) struct waiter *w = NULL;
	size_t n = strv_len(names);
	int status = SCTL_OK, r;

	r = s->o.no_block ? 0 : waiter_new(&w, s);
	if (r < 0)
		return link_fail(s, r, NULL, verb, n == 1 ? names[0] : NULL);
	for (size_t i = 0; i < n; i += SUBMIT_MAX) {
		int one = submit_some(s, names + i, MIN(n - i, (size_t)SUBMIT_MAX), type, mode, verb, w);

		status = status == SCTL_OK ? one : status;
	}
	if (!w)
		return status;
	r = waiter_run(w, jobs_done, s);
	if (r < 0 && r != -EIO)
		return link_fail(s, r, NULL, "wait for jobs", NULL);
	for (size_t i = 0; i < n && status == SCTL_OK; i++)
		remark(s, names[i], type);
	if (r < 0 && status == SCTL_OK)
		status = SCTL_FAILURE;
	if (s->o.wait && status == SCTL_OK && type != IPC_JOB_TYPE_STOP)
		status = wait_for_end(s, w, names);
	return status;
}

int verb_submit(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	bool isolate = streq(v->name, "isolate");
	int mode = isolate ? IPC_JOB_MODE_ISOLATE : s->o.job_mode ? s->o.job_mode : IPC_JOB_MODE_REPLACE;
	_cleanup_(strv_freep) char **names = NULL;

	if (s->o.wait && s->o.no_block) {
		fprintf(s->err, "--wait may not be combined with --no-block.\n");
		return SCTL_FAILURE;
	}
	if (s->o.fail)
		mode = IPC_JOB_MODE_FAIL;
	if (mode == IPC_JOB_MODE_ISOLATE && (n != 1 || v->arg != IPC_JOB_TYPE_START)) {
		fprintf(s->err, "Job mode isolate takes exactly one unit to start.\n");
		return SCTL_FAILURE;
	}
	if (query_names(s, words, n, isolate ? ".target" : ".service", &names) < 0)
		return SCTL_FAILURE;
	if (!names)
		return SCTL_OK;                         /* globs that match nothing are no error; systemctl(1) "Parameter Syntax" */
	return jobs_submit(s, names, v->arg, mode, v->name);
}

int verb_isolate_to(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	char target[64], *names[] = { target, NULL };

	snprintf(target, sizeof(target), "%s.target", v->name);
	if (s->o.dry_run) {
		fprintf(s->out, "Would start %s%s.\n", target, v->arg == IPC_JOB_MODE_ISOLATE ? " and stop everything else" : "");
		return SCTL_OK;
	}
	return jobs_submit(s, names, IPC_JOB_TYPE_START, v->arg, "start");
}

static int list_jobs(struct sctl *s, struct ipc_submit_reply *rep)
{
	struct ipc_empty req = { 0 };
	const char *error;
	int r = link_call(s, IPC_CORE_LIST_JOBS, &req, rep, &error);

	if (r < 0)
		link_fail(s, r, error, "list jobs", NULL);
	return r;
}

int verb_cancel(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_submit_reply rep = { 0 };
	int status = SCTL_OK;

	if (n == 0 && list_jobs(s, &rep) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; i < (n ? n : rep.n_jobs); i++) {
		struct ipc_job_request req;
		const char *error;
		int r;

		if (n == 0)
			req.id = rep.jobs[i].id;
		else if (value_unsigned(words[i], UINT64_MAX, &req.id) < 0) {
			fprintf(s->err, "'%s' is not a job number.\n", words[i]);
			status = SCTL_FAILURE;
			continue;
		}
		r = link_call(s, IPC_CORE_CANCEL_JOB, &req, NULL, &error);
		if (r < 0 && !(n == 0 && r == -ENOENT)) {       /* of all jobs, one may have ended meanwhile */
			link_fail(s, r, error, "cancel job", n ? words[i] : NULL);
			status = SCTL_FAILURE;
		}
	}
	return status;
}

static bool matches(const char *unit, char **patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(patterns[i], unit, FNM_NOESCAPE) == 0)
			return true;
	return n == 0;
}

int verb_list_jobs(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	static const struct table_column columns[] = {
		{ .header = "JOB", .number = true, .right = true }, { .header = "UNIT" }, { .header = "TYPE" }, { .header = "STATE" },
	};
	_cleanup_(table_freep) struct table *t = NULL;
	struct ipc_submit_reply rep;
	int r = list_jobs(s, &rep);

	if (r < 0 || (r = table_new(&t, columns, ARRAY_SIZE(columns))) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; i < rep.n_jobs && r >= 0; i++) {
		const struct ipc_job_info *j = &rep.jobs[i];
		char id[24];

		if (!matches(j->unit, words, n))
			continue;
		snprintf(id, sizeof(id), "%" PRIu64, j->id);
		r = table_row(t, (const char *const[]){ id, j->unit, job_type_text(j->type),
							msg_enum_name(&ipc_job_state_enum, j->state) });
	}
	if (r < 0)
		return link_fail(s, r, NULL, "list jobs", NULL);
	if (table_rows(t) == 0 && s->o.json == JSON_OFF) {
		if (s->o.legend)
			fprintf(s->out, n ? "No jobs listed.\n" : "No jobs running.\n");
		return SCTL_OK;
	}
	table_print(t, s);
	if (s->o.legend && s->o.json == JSON_OFF)
		fprintf(s->out, "\n%zu jobs listed.\n", table_rows(t));
	return SCTL_OK;
}
