/* end.c - see end.h */
#include <linux/reboot.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include "end.h"
#include "log.h"
#include "table.h"
#include "watchdog.h"

void end_alone(void)
{
	static const unsigned commands[] = {
		[IPC_POWER_VERB_REBOOT] = LINUX_REBOOT_CMD_RESTART, [IPC_POWER_VERB_HALT] = LINUX_REBOOT_CMD_HALT,
		[IPC_POWER_VERB_KEXEC] = LINUX_REBOOT_CMD_KEXEC,
	};
	uint32_t verb = table->s.power_verb;
	unsigned command = verb < ARRAY_SIZE(commands) && commands[verb] ? commands[verb] : LINUX_REBOOT_CMD_POWER_OFF;

	if (table->set.mode == IPC_INIT_MODE_CONTAINER || getpid() != 1) {
		watchdog_disarm();
		exit((int)table->s.power_exit);
	}
	log_event(LOG_CRIT, "LEAVE_ALONE", "init ends the machine by itself");
	kill(-1, SIGKILL);
	if (fork() != 0) {      /* what the child does may hang in the kernel: whoever is first calls reboot(2) */
		sleep(END_USEC / USEC_PER_SEC);
	} else {
		sync();
		while (mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
			usleep(100 * USEC_PER_MSEC);    /* somebody is still dying */
		sync();
	}
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, NULL);
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, NULL);
	for (;;)
		pause();
}
