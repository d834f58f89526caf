/* status.c - names of stages and ends of processes; systemd.exec(5) "Process Exit Codes" */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include "exec/exec.h"
#include "exec.ipc.h"

const char *exec_stage_name(uint32_t stage)
{
	const char *name = stage <= INT32_MAX ? msg_enum_name(&ipc_exec_stage_enum, (int32_t)stage) : NULL;

	return name ? name : "unknown";
}

/* stages are numbered by their status */
int exec_stage_status(uint32_t stage)
{
	return stage <= INT32_MAX && msg_enum_name(&ipc_exec_stage_enum, (int32_t)stage) ? (int)stage : 255;
}

static const char *status_name(int status, char *mem, size_t n)
{
	static const char *const low[] = { "SUCCESS", "FAILURE", "INVALIDARGUMENT", "NOTIMPLEMENTED", "NOPERMISSION", "NOTINSTALLED", "NOTCONFIGURED", "NOTRUNNING" };
	static const char *const bsd[] = { "USAGE", "DATAERR", "NOINPUT", "NOUSER", "NOHOST", "UNAVAILABLE", "SOFTWARE", "OSERR", "OSFILE", "CANTCREAT",
		"IOERR", "TEMPFAIL", "PROTOCOL", "NOPERM", "CONFIG" };
	const char *name;

	if (status >= 0 && (size_t)status < ARRAY_SIZE(low))
		return low[status];
	if (status >= 64 && (size_t)status < 64 + ARRAY_SIZE(bsd))
		return bsd[status - 64];
	name = msg_enum_name(&ipc_exec_stage_enum, status);
	if (!name)
		return NULL;
	snprintf(mem, n, "%s", name);
	for (char *p = mem; *p; p++)
		if (*p >= 'a' && *p <= 'z')
			*p -= 32;
	return mem;
}

void exec_format_exit(int code, int status, struct buf *out)
{
	char mem[64];
	const char *name;

	switch (code) {
	case CLD_EXITED:
		name = status_name(status, mem, sizeof(mem));
		buf_addf(out, name ? "exited, status=%d/%s" : "exited, status=%d/n/a", status, name);
		break;
	case CLD_KILLED: case CLD_DUMPED:
		name = signal_name(status);
		buf_adds(out, code == CLD_KILLED ? "killed, signal=" : "dumped, signal=");
		if (name)
			buf_adds(out, name + 3);        /* without "SIG" */
		else
			buf_addf(out, "%d", status);
		break;
	default:
		buf_addf(out, "gone, code=%d, status=%d", code, status);
	}
}

bool exec_clean_exit(int code, int status, bool daemon, const struct exit_set *success)
{
	if (code == CLD_EXITED)
		return status == 0 || (success && status > 0 && status < 256 && exit_set_has(success->status, (unsigned)status));
	if (code != CLD_KILLED || status <= 0 || status >= 128)
		return false;
	if (daemon && (status == SIGHUP || status == SIGINT || status == SIGTERM || status == SIGPIPE))
		return true;
	return success && exit_set_has(success->signals, (unsigned)status);
}
