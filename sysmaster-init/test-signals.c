/* test-signals.c - what each signal of systemd(1) leads to, with core there and without */
#include "test.h"
#include <fcntl.h>
#include <signal.h>
#include "init.ipc.h"
#include "leave.h"
#include "log.h"
#include "signals.h"
#include "table.h"

struct row { int signo; bool core; uint8_t leaving; uint32_t verb; bool told; };

static void row(void **state)
{
	const struct row *r = *state;

	assert_int_equal(table_new(), 0);
	log_set_level(LOG_EMERG);
	table->set.mode = IPC_INIT_MODE_MACHINE;
	if (r->core) {
		table->s.core_pid = 4000000;    /* nobody has it, and nothing is sent to it */
		table->s.channel_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	}
	signals_take(r->signo);
	assert_int_equal(table->s.leaving, r->leaving);
	assert_int_equal(table->s.power_verb, r->verb);
	assert_int_equal(table->s.signals, r->told ? 1ULL << (r->signo - 1) : 0);
}

static void seven_times(void **state)
{
	(void)state;
	row((void *[]){ &(struct row){ SIGUSR1, true, TABLE_STAY, 0, true } });
	for (int i = 0; i < 6; i++)
		signals_take(SIGINT);
	assert_int_equal(table->s.leaving, TABLE_STAY);
	signals_take(SIGINT);
	assert_int_equal(table->s.leaving, TABLE_SHUT_DOWN);
	assert_int_equal(table->s.power_verb, IPC_POWER_VERB_REBOOT);
}

static void subreaper(void **state)
{
	struct loop *l;

	(void)state;
	row((void *[]){ &(struct row){ SIGUSR1, true, TABLE_STAY, 0, true } });
	assert_int_equal(loop_new(&l, 4, true), 0);
	leave_setup(l);
	table->set.power_usec = USEC_PER_SEC;
	table->set.mode = IPC_INIT_MODE_SUBREAPER;
	signals_take(SIGTERM);
	assert_int_equal(table->s.leaving, TABLE_STAY);
	assert_int_equal(table->s.ask_power, 1);
	signals_take(SIGINT);
	assert_int_equal(table->s.leaving, TABLE_SHUT_DOWN);
	assert_int_equal(table->s.power_verb, IPC_POWER_VERB_EXIT);
	loop_free(l);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(subreaper),
	{ "seven Ctrl-Alt-Del in two seconds", seven_times, NULL, NULL, NULL },
	ROW(row, SIGTERM, true, TABLE_REEXEC, 0, false),
	ROW(row, SIGTERM, false, TABLE_REEXEC, 0, false),
	ROW(row, SIGINT, false, TABLE_SHUT_DOWN, IPC_POWER_VERB_REBOOT, false),
	ROW(row, SIGHUP, true, TABLE_STAY, 0, true),
	ROW(row, SIGHUP, false, TABLE_STAY, 0, false),
	ROW(row, SIGUSR1, true, TABLE_STAY, 0, true),
	ROW(row, SIGUSR2, true, TABLE_STAY, 0, true),
	ROW(row, SIGWINCH, true, TABLE_STAY, 0, true),
	ROW(row, SIGPWR, true, TABLE_STAY, 0, true),
	ROW(row, SIGPWR, false, TABLE_SHUT_DOWN, IPC_POWER_VERB_POWEROFF, false),
	ROW(row, 34 + 0, true, TABLE_STAY, 0, true),
	ROW(row, 34 + 4, true, TABLE_STAY, 0, true),
	ROW(row, 34 + 3, false, TABLE_SHUT_DOWN, IPC_POWER_VERB_HALT, false),
	ROW(row, 34 + 4, false, TABLE_SHUT_DOWN, IPC_POWER_VERB_POWEROFF, false),
	ROW(row, 34 + 5, false, TABLE_SHUT_DOWN, IPC_POWER_VERB_REBOOT, false),
	ROW(row, 34 + 6, false, TABLE_SHUT_DOWN, IPC_POWER_VERB_KEXEC, false),
	ROW(row, 34 + 13, true, TABLE_SHUT_DOWN, IPC_POWER_VERB_HALT, false),
	ROW(row, 34 + 14, true, TABLE_SHUT_DOWN, IPC_POWER_VERB_POWEROFF, false),
	ROW(row, 34 + 15, true, TABLE_SHUT_DOWN, IPC_POWER_VERB_REBOOT, false),
	ROW(row, 34 + 16, true, TABLE_SHUT_DOWN, IPC_POWER_VERB_KEXEC, false),
	ROW(row, 34 + 22, true, TABLE_STAY, 0, true),
	ROW(row, SIGURG, true, TABLE_STAY, 0, false),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
