/* reap.c - see reap.h */
#include <sys/wait.h>
#include "log.h"
#include "reap.h"

void reap_all(bool (*known)(const siginfo_t *si))
{
	for (;;) {
		siginfo_t si = { 0 };

		if (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) < 0 || si.si_pid == 0)
			return;
		if (!known(&si))
			log_event(LOG_DEBUG, "INIT_REAPED_ORPHAN", "reaped an orphan", F_I64("PID", si.si_pid), F_I64("STATUS", si.si_status));
		if (waitid(P_PID, (id_t)si.si_pid, NULL, WEXITED | WNOHANG) < 0)
			return;
	}
}
