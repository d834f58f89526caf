/* status.c - a line on the console for each unit that comes up or goes down, as one expects of an init */
#include <fcntl.h>
#include <stdio.h>
#include "manager/manager.h"

enum { MARK_OK, MARK_FAILED, MARK_DEPEND, MARK_SKIP, MARK_TIME };
static const char *const marks[] = { "\033[0;32m  OK  \033[0m", "\033[0;1;31mFAILED\033[0m", "\033[0;1;33mDEPEND\033[0m", "\033[0;1;39mINFO  \033[0m", "\033[0;1;31m TIME \033[0m" };

static const struct { enum ipc_job_type type; enum ipc_job_result result; int mark; const char *text, *target_text; } lines[] = {
	{ IPC_JOB_TYPE_START, IPC_JOB_RESULT_DONE, MARK_OK, "Started", "Reached target" },
	{ IPC_JOB_TYPE_START, IPC_JOB_RESULT_TIMEOUT, MARK_TIME, "Timed out starting", "Timed out waiting for" },
	{ IPC_JOB_TYPE_START, IPC_JOB_RESULT_FAILED, MARK_FAILED, "Failed to start", "Failed to reach target" },
	{ IPC_JOB_TYPE_START, IPC_JOB_RESULT_DEPENDENCY, MARK_DEPEND, "Dependency failed for", "Dependency failed for" },
	{ IPC_JOB_TYPE_START, IPC_JOB_RESULT_ASSERT, MARK_FAILED, "Assertion failed for", "Assertion failed for" },
	{ IPC_JOB_TYPE_START, IPC_JOB_RESULT_UNSUPPORTED, MARK_FAILED, "Not supported here:", "Not supported here:" },
	{ IPC_JOB_TYPE_STOP, IPC_JOB_RESULT_DONE, MARK_OK, "Stopped", "Stopped target" },
	{ IPC_JOB_TYPE_STOP, IPC_JOB_RESULT_TIMEOUT, MARK_TIME, "Timed out stopping", "Timed out stopping" },
	{ IPC_JOB_TYPE_STOP, IPC_JOB_RESULT_FAILED, MARK_FAILED, "Failed to stop", "Failed to stop target" },
	{ IPC_JOB_TYPE_RELOAD, IPC_JOB_RESULT_FAILED, MARK_FAILED, "Failed to reload", "Failed to reload" },
};

/* opened for each line: holding it open would keep a console from being hung up; never waits for a slow terminal */
static void write_console(const char *text, size_t n)
{
	_cleanup_(closep) int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && write(fd, text, n) < 0)
		return;                                 /* nobody listens: the log has it */
}

void status_job(struct manager *m, const struct job *j, enum ipc_job_result result)
{
	const struct unit *u = j->unit;
	char text[512];

	if (!m->init.show_status)
		return;
	if (result == IPC_JOB_RESULT_DONE && j->type == IPC_JOB_TYPE_START && !u->condition_result)
		return;                                 /* a condition kept it down */
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (lines[i].type != j->type || lines[i].result != result)
			continue;
		bool target = streq(u->type->name, "target");
		int n = snprintf(text, sizeof(text), "[%s] %s %.400s.\r\n", marks[lines[i].mark], target ? lines[i].target_text : lines[i].text, unit_description(u));

		write_console(text, n < 0 ? 0 : MIN((size_t)n, sizeof(text) - 1));
		return;
	}
}
