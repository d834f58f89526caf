/*
 * shutdown.c - sysmaster-shutdown: the end of a machine or a container, by a child of PID 1
 *
 * Processes, swap, file systems, block devices, reboot(2). Each step has a deadline and a line in the log. Exit status 0: all is done
 * and PID 1 may leave (a container, a subreaper); a machine does not get that far.
 */
#include <linux/reboot.h>
#include <signal.h>
#include <sys/mount.h>
#include "channel.ipc.h"
#include "common/ns.h"
#include "common/sys.h"
#include "leave/mounts.h"
#include "leave/processes.h"
#include "leave/shutdown.h"
#include "log.h"

#define SYNC_USEC (60 * USEC_PER_SEC)

static const struct { const char *what; unsigned cmd; } ends[] = {
	[IPC_POWER_VERB_POWEROFF] = { "powering off", LINUX_REBOOT_CMD_POWER_OFF },
	[IPC_POWER_VERB_REBOOT] = { "rebooting", LINUX_REBOOT_CMD_RESTART },
	[IPC_POWER_VERB_HALT] = { "halting", LINUX_REBOOT_CMD_HALT },
	[IPC_POWER_VERB_KEXEC] = { "starting the new kernel", LINUX_REBOOT_CMD_KEXEC },
	[IPC_POWER_VERB_EXIT] = { "leaving", 0 },
};

static int do_sync(const char *arg)
{
	(void)arg;
	sys->sync();
	return 0;
}

static int do_readonly(const char *where) { return sys->mount(NULL, where, NULL, MS_REMOUNT | MS_RDONLY, NULL); }

/* reboot(2) "Behavior inside PID namespaces": the parent of the container's PID 1 sees it killed by SIGHUP or SIGINT */
static int end_container(uint32_t verb)
{
	bool restart = verb == IPC_POWER_VERB_REBOOT || verb == IPC_POWER_VERB_KEXEC;
	int r = -EPERM;

	if (verb != IPC_POWER_VERB_EXIT && !ns_is_first("pid"))
		r = sys->reboot(restart ? LINUX_REBOOT_CMD_RESTART : ends[verb].cmd, NULL);
	if (r < 0 && verb != IPC_POWER_VERB_EXIT)
		log_event(LOG_DEBUG, "SHUTDOWN_REBOOT", "the container may not call reboot; leaving", F_ERRNO(r));
	return EXIT_SUCCESS;
}

static int end_machine(uint32_t verb, const char *argument)
{
	int r;

	if (verb == IPC_POWER_VERB_REBOOT && *argument) {
		r = sys->reboot(LINUX_REBOOT_CMD_RESTART2, argument);
		log_event(LOG_WARNING, "SHUTDOWN_REBOOT", "reboot with an argument failed; without it", F_STR("ARGUMENT", argument), F_ERRNO(r));
	}
	r = sys->reboot(ends[verb].cmd, NULL);
	log_event(LOG_ERR, "SHUTDOWN_REBOOT", "the kernel refused", F_STR("WHAT", ends[verb].what), F_ERRNO(r));
	sys->reboot(LINUX_REBOOT_CMD_RESTART, NULL);    /* the one that always works */
	return EXIT_FAILURE;
}

static void undo_machine(const struct order *o)
{
	work_step("writing what is cached to disk");
	work_bounded(do_sync, NULL, SYNC_USEC);
	work_step("turning swap off and unmounting file systems");
	mounts_undo(o);
	work_step("mounting the root file system read-only");
	if (work_bounded(do_readonly, "/", o->kill_usec) < 0)
		log_event(LOG_ERR, "SHUTDOWN_ROOT", "the root file system could not be mounted read-only");
	work_bounded(do_sync, NULL, SYNC_USEC);
}

int shutdown_run(const struct order *o)
{
	uint32_t verb = o->verb;

	if (verb == 0 || verb >= ARRAY_SIZE(ends))
		verb = IPC_POWER_VERB_POWEROFF;
	if (verb == IPC_POWER_VERB_EXIT && o->mode == IPC_INIT_MODE_MACHINE)
		verb = IPC_POWER_VERB_POWEROFF;         /* a machine's PID 1 cannot leave */
	processes_end(o);
	if (o->mode == IPC_INIT_MODE_MACHINE)
		undo_machine(o);
	work_step(ends[verb].what);
	if (o->mode == IPC_INIT_MODE_MACHINE)
		return end_machine(verb, o->argument);
	return o->mode == IPC_INIT_MODE_CONTAINER ? end_container(verb) : EXIT_SUCCESS;
}
