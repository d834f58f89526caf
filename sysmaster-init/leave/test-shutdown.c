/* test-shutdown.c - the order of a machine's last steps, with every dangerous call replaced by one that only writes itself down */
#include "test.h"
#include <linux/reboot.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "channel.ipc.h"
#include "common/sys.h"
#include "leave/processes.h"
#include "leave/shutdown.h"
#include "log.h"

struct row { uint32_t mode, verb; const char *argument; int failing, status; const char *want; };

static char *diary;             /* shared with the children that do the work */
static int failing_reboots;

static void write_down(const char *what)
{
	strcat(diary, what);
	strcat(diary, " ");
}

static int fake_reboot(unsigned cmd, const char *argument)
{
	char text[80];

	snprintf(text, sizeof(text), "reboot(%x%s%s)", cmd, argument ? "," : "", argument ? argument : "");
	write_down(text);
	if (failing_reboots-- > 0)
		return -EINVAL;
	_exit(0);
}

static int fake_kill_all(int signo)
{
	(void)signo;
	return 0;
}

static int fake_mount(const char *what, const char *where, const char *type, unsigned long flags, const char *options)
{
	(void)what;
	(void)type;
	(void)flags;
	(void)options;
	if (streq(where, "/"))
		write_down("root-ro");
	return 0;
}

static int fake_umount(const char *where, int flags)
{
	(void)flags;
	assert_string_not_equal(where, "/");
	if (!strstr(diary, "umount"))
		write_down("umount");
	return 0;
}

static int fake_name(const char *name)
{
	(void)name;
	return -ENXIO;
}

static void fake_sync(void) { write_down("sync"); }

static const struct sys fake = { fake_reboot, fake_kill_all, fake_mount, fake_umount, fake_name, fake_name, fake_name, fake_sync };

static void last_steps(const struct row *r)
{
	struct order o = { .verb = r->verb, .mode = r->mode, .of = getppid(), .term_usec = USEC_PER_SEC, .kill_usec = USEC_PER_SEC, .argument = r->argument };
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	failing_reboots = r->failing;
	log_set_level(LOG_EMERG);
	sys = &fake;
	_exit(shutdown_run(&o));
}

static void row(void **state)
{
	const struct row *r = *state;
	pid_t pid;
	int status;

	diary[0] = '\0';
	pid = fork();
	if (pid == 0)
		last_steps(r);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), r->status);
	assert_string_equal(diary, r->want);
}

/* a subreaper as PID 1 is: it makes a mess, lets its child clear up, and reaps; 0: nobody is left */
static int be_subreaper(void)
{
	pid_t helper, pid;
	int status, of_helper = -1;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (fork() == 0) {
		execl("/bin/sh", "sh", "-c", "trap '' TERM HUP; (trap '' TERM HUP; sleep 100 & sleep 100) & sleep 100; sleep 100", NULL);
		_exit(98);
	}
	usleep(200000);
	helper = fork();
	if (helper == 0) {
		sigset_t set;

		sigfillset(&set);
		sigprocmask(SIG_BLOCK, &set, NULL);
		log_set_level(LOG_EMERG);
		processes_end(&(struct order){ .mode = IPC_INIT_MODE_SUBREAPER, .of = getppid(), .term_usec = 300 * USEC_PER_MSEC, .kill_usec = 3 * USEC_PER_SEC });
		_exit(0);
	}
	while (of_helper < 0 && (pid = waitpid(-1, &status, 0)) > 0)
		if (pid == helper)
			of_helper = status;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	return of_helper == 0 && errno == ECHILD ? 0 : 1;
}

/* a subreaper ends its own and only its own: a shell that ignores SIGTERM, and the orphan it made */
static void kills_what_is_its_own(void **state)
{
	pid_t pid = fork(), other = fork();
	int status;

	(void)state;
	if (other == 0) {
		pause();
		_exit(0);
	}
	if (pid == 0)
		_exit(be_subreaper());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(kill(other, 0), 0);
	assert_int_equal(waitpid(other, &status, WNOHANG), 0);
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
}

/* the order as PID 1 writes it; what is none is refused before anything is done */
static int begin(struct order *o, const char *format, pid_t parent)
{
	char order[128];

	snprintf(order, sizeof(order), format, (int)parent);
	return work_begin(o, 3, (char *[]){ (char *)"shutdown", order, (char *)"arg", NULL });
}

/* what a good order says, and that the sign of life arrives */
static int obey(void)
{
	struct order o = { 0 };

	if (begin(&o, "%d 2 3 1000 2000 1 6", getppid()) != 0)
		return 1;
	if (o.verb != IPC_POWER_VERB_REBOOT || o.mode != IPC_INIT_MODE_SUBREAPER || o.term_usec != 1000 || o.kill_usec != 2000 || !o.show)
		return 2;
	work_alive();
	return streq(o.argument, "arg") ? 0 : 3;
}

static volatile sig_atomic_t alives;
static void count_alive(int signo) { alives += signo == SIGALRM; }

static void orders(void **state)
{
	struct order o = { 0 };
	pid_t pid;
	int status;

	(void)state;
	assert_int_equal(work_begin(&o, 1, (char *[]){ (char *)"shutdown", NULL }), -EINVAL);
	if (getppid() == 1)
		skip();
	assert_int_equal(begin(&o, "%d 2 3 1s 2000 1 6", getppid()), -EINVAL);
	assert_int_equal(begin(&o, "%d 2 3 1000 2000 1", getppid()), -EINVAL);
	assert_int_equal(begin(&o, "%d 2 3 1000 2000 1 6 7", getppid()), -EINVAL);
	assert_int_equal(begin(&o, "%d 2 3 1000 2000 1 6", getppid() + 1), -EINVAL);    /* orphaned */
	assert_int_equal(begin(&o, "%d 2 2 1000 2000 1 6", getppid()), -EINVAL);        /* everybody: no PID 1 says so */
	signal(SIGALRM, count_alive);
	pid = fork();
	if (pid == 0)
		_exit(obey());
	while (waitpid(pid, &status, 0) < 0)
		assert_int_equal(errno, EINTR);
	assert_int_equal(status, 0);
	assert_int_equal(alives, 1);
}

static int slow(const char *arg)
{
	(void)arg;
	pause();
	return 0;
}

static void hangs(void **state)
{
	uint64_t begin = now_usec(CLOCK_BOOTTIME);

	(void)state;
	assert_int_equal(work_bounded(slow, NULL, 200 * USEC_PER_MSEC), -ETIMEDOUT);
	assert_in_range(now_usec(CLOCK_BOOTTIME) - begin, 200 * USEC_PER_MSEC, 20 * USEC_PER_SEC);
	assert_int_equal(work_bounded(fake_name, NULL, 20 * USEC_PER_SEC), -ENXIO);
}

#define MACHINE IPC_INIT_MODE_MACHINE
#define TO_THE_END "sync umount root-ro sync "

static const struct CMUnitTest tests[] = {
	ROW(row, MACHINE, IPC_POWER_VERB_POWEROFF, "", 0, 0, TO_THE_END "reboot(4321fedc) "),
	ROW(row, MACHINE, IPC_POWER_VERB_REBOOT, "", 0, 0, TO_THE_END "reboot(1234567) "),
	ROW(row, MACHINE, IPC_POWER_VERB_REBOOT, "bootloader", 0, 0, TO_THE_END "reboot(a1b2c3d4,bootloader) "),
	ROW(row, MACHINE, IPC_POWER_VERB_REBOOT, "bootloader", 1, 0, TO_THE_END "reboot(a1b2c3d4,bootloader) reboot(1234567) "),
	ROW(row, MACHINE, IPC_POWER_VERB_HALT, "", 0, 0, TO_THE_END "reboot(cdef0123) "),
	ROW(row, MACHINE, IPC_POWER_VERB_KEXEC, "", 1, 0, TO_THE_END "reboot(45584543) reboot(1234567) "),
	ROW(row, MACHINE, IPC_POWER_VERB_EXIT, "", 0, 0, TO_THE_END "reboot(4321fedc) "),
	ROW(row, MACHINE, 99, "", 0, 0, TO_THE_END "reboot(4321fedc) "),
	ROW(row, IPC_INIT_MODE_CONTAINER, IPC_POWER_VERB_EXIT, "", 0, 0, ""),
	ROW(row, IPC_INIT_MODE_SUBREAPER, IPC_POWER_VERB_POWEROFF, "", 0, 0, ""),
	cmocka_unit_test(kills_what_is_its_own),
	cmocka_unit_test(orders),
	cmocka_unit_test(hangs),
};

int main(void)
{
	diary = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return diary == MAP_FAILED ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
