/*
 * main.c - sysmaster-setup: PID 1 runs it once at its first beginning, and again when it executes itself anew on purpose
 *
 * sysmaster-setup begin|again PID-OF-INIT ARGUMENT-OF-INIT...
 * "begin" mounts the API file systems and sets up console, loopback, host name, machine-id(5) and PID 1's cgroup. Both read init.conf and the kernel
 * command line and send the record of settings.h through descriptor 3. Doing it twice does no harm: PID 1 starts over when it crashes.
 */
#include <linux/reboot.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include "channel.ipc.h"
#include "common/container.h"
#include "common/ns.h"
#include "common/sys.h"
#include "log.h"
#include "version.h"
#include "setup/console.h"
#include "setup/machine-id.h"
#include "setup/mount.h"
#include "setup/settle.h"

static void begin_machine(void)
{
	int r;

	console_prepare();
	console_kernel_log();
	log_open("sysmaster-setup", LOG_TO_KMSG, NULL);
	r = sys->reboot(LINUX_REBOOT_CMD_CAD_OFF, NULL);
	if (r < 0)
		log_event(LOG_WARNING, "INIT_CAD", "Ctrl-Alt-Del stays with the kernel", F_ERRNO(r));
}

static void begin_pid1(void)
{
	char name[64];
	bool container;

	mount_early();
	container_detect(name, sizeof(name), true);
	container = *name != '\0';
	mount_all(container);
	mount_links(container);
	if (!container)
		begin_machine();
	if (!container || !ns_is_first("uts"))   /* a container may share the host's name */
		console_hostname();
	console_loopback();
	machine_id_settle("");
}

static void greet(const struct settings *s)
{
	struct utsname u;

	if (s->show_status && uname(&u) == 0)
		dprintf(STDOUT_FILENO, "sysmaster %s: Linux %s %s%s%s\n", SYSMASTER_VERSION, u.release, u.machine, *s->container ? ", container: " : "", s->container);
}

int main(int argc, char **argv)
{
	static struct settings s;
	bool begin = argc > 2 && streq(argv[1], "begin"), as_pid1 = argc > 2 && streq(argv[2], "1");
	struct options o;
	int r;

	log_open("sysmaster-setup", LOG_TO_STDERR, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* orphaned before we began, we would take somebody else's machine for ours */
	if (argc < 3 || (!begin && !streq(argv[1], "again")) || atoi(argv[2]) != (int)getppid()) {
		fputs("sysmaster-setup: sysmaster-init runs this\n", stderr);
		return 2;
	}
	r = options_parse(&o, argc - 2, argv + 2, as_pid1);
	if (r != 0)
		return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	if (begin && as_pid1)
		begin_pid1();
	settle(&s, &o, as_pid1);
	log_set_level((int)s.log_level);
	if (begin)
		greet(&s);
	mount_cgroup(s.cgroup_root, sizeof(s.cgroup_root), s.mode != IPC_INIT_MODE_MACHINE,
		     begin && (as_pid1 || getenv("SYSMASTER_SCOPE")));  /* a user's: delegated */
	if (mkdir(s.run_dir, 0755) < 0 && errno != EEXIST)      /* where core will want to listen, too */
		log_event(LOG_ERR, "INIT_RUN_DIR", "cannot make the folder of the sockets", F_STR("DIR", s.run_dir), F_ERRNO(-errno));
	s.check = settings_check(&s);
	return write(SETTINGS_FD, &s, sizeof(s)) == sizeof(s) ? EXIT_SUCCESS : EXIT_FAILURE;
}
