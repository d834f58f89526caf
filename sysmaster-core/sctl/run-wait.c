/* run-wait.c - how a transient service ended: the words and the exit status of systemd-run(1) */
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include "query.h"
#include "run.h"
#include "text.h"

#define STATUS_EXCEPTION 255            /* ended by a signal */

static const char *const wanted[] = {
	"LoadState", "ActiveState", "Job", "Result", "ExecMainCode", "ExecMainStatus", "InactiveExitTimestampMonotonic", "InactiveEnterTimestampMonotonic",
	"CPUUsageNSec", "IPIngressBytes", "IPEgressBytes", "IOReadBytes", "IOWriteBytes",
};

static void how(struct run *r, const struct ipc_properties_reply *p)
{
	static const char *const codes[] = { [CLD_EXITED] = "exited", [CLD_KILLED] = "killed", [CLD_DUMPED] = "dumped" };
	uint64_t code = query_number(p, "ExecMainCode"), status = query_number(p, "ExecMainStatus");
	const char *name = signal_name((int)status);

	if (code == CLD_EXITED)
		fprintf(r->s->err, "Main processes terminated with: code=exited/status=%" PRIu64 "\n", status);
	else if (code > CLD_EXITED && code < ARRAY_SIZE(codes))
		fprintf(r->s->err, "Main processes terminated with: code=%s/status=%s\n", codes[code], name && startswith(name, "SIG") ? name + 3 : "?");
}

static void say_span(struct run *r, const char *what, uint64_t usec)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	if (usec < USEC_PER_MSEC && usec)
		buf_addf(&b, "%" PRIu64 "us", usec);
	else
		span_format(usec, USEC_PER_MSEC, &b);
	fprintf(r->s->err, "%s: %s\n", what, buf_str(&b));
}

/* where nothing was counted, nothing is said */
static bool counted(const struct ipc_properties_reply *p, const char *name, uint64_t *ret)
{
	return value_unsigned(query_value(p, name), UINT64_MAX - 1, ret) >= 0;
}

static void say_bytes(struct run *r, const struct ipc_properties_reply *p, const char *what, const char *name)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	uint64_t n;

	if (!counted(p, name, &n))
		return;
	bytes_format(n, &b);
	fprintf(r->s->err, "%s: %s\n", what, buf_str(&b));
}

static void summary(struct run *r, const struct ipc_properties_reply *p)
{
	uint64_t up = query_number(p, "InactiveExitTimestampMonotonic"), down = query_number(p, "InactiveEnterTimestampMonotonic"), cpu;

	fprintf(r->s->err, "Finished with result: %s\n", query_value(p, "Result"));
	how(r, p);
	if (up && down > up)
		say_span(r, "Service runtime", down - up);
	if (counted(p, "CPUUsageNSec", &cpu))
		say_span(r, "CPU time consumed", cpu / NSEC_PER_USEC);
	say_bytes(r, p, "IP traffic received", "IPIngressBytes");
	say_bytes(r, p, "IP traffic sent", "IPEgressBytes");
	say_bytes(r, p, "IO bytes read", "IOReadBytes");
	say_bytes(r, p, "IO bytes written", "IOWriteBytes");
}

static int status_of(const struct ipc_properties_reply *p)
{
	const char *result = query_value(p, "Result");
	uint64_t status = query_number(p, "ExecMainStatus");

	if (streq(result, "success"))
		return SCTL_OK;
	if (streq(result, "exit-code") && status > 0)
		return (int)(status & 255);
	return streq(result, "signal") || streq(result, "core-dump") ? STATUS_EXCEPTION : SCTL_FAILURE;
}

static bool is_over(const struct ipc_properties_reply *p)
{
	const char *active = query_value(p, "ActiveState");

	return streq(active, "inactive") || streq(active, "failed");
}

void run_release(struct run *r)
{
	struct ipc_unit_name q = { .unit = r->name };
	const char *error;

	if (r->o.wait || r->stdio)
		link_call(r->s, IPC_CORE_RELEASE_UNIT, &q, NULL, &error);
}

int run_wait(struct run *r, struct waiter *w, int (*tick)(void *arg, bool over), void *arg)
{
	for (;;) {
		struct arena kept = r->s->arena;
		struct ipc_properties_reply p;
		const char *error;
		int status = SCTL_FAILURE, e;
		bool over;

		r->s->arena = (struct arena)ARENA_HEAP(1 << 20);
		e = query_unit(r->s, r->name, wanted, ARRAY_SIZE(wanted), &p, &error);
		over = e < 0 || is_over(&p);
		if (tick && tick(arg, over) < 0)
			over = true;
		if (e < 0)
			link_fail(r->s, e, error, "query unit state", r->name);
		else if (over) {
			if (r->o.wait && !r->o.quiet && is_over(&p))
				summary(r, &p);
			status = is_over(&p) ? status_of(&p) : SCTL_FAILURE;
		}
		arena_reset(&r->s->arena);
		r->s->arena = kept;
		if (over) {
			run_release(r);
			return status;
		}
		if (!tick)
			waiter_event(w, 1000);
	}
}
