/* boot.c - the first transaction, signals, the ways down, reload and re-execution */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include "log.h"
#include "manager/manager.h"
#include "unit/scope.h"

/* ---- up ---- */

static int start_target(struct manager *m, const char *name, enum ipc_job_mode mode, char *why)
{
	struct unit *u;
	int r = unit_load(m->set, name, &u);

	if (r < 0) {
		snprintf(why, TRANSACTION_WHY, "%s cannot be loaded.", name);
		return r;
	}
	return manager_submit(m, u, IPC_JOB_TYPE_START, mode, NULL, why);
}

void boot_first(struct manager *m)
{
	if (!generators_begin(m, GENERATORS_BOOT))
		boot_target(m);
}

int boot_target(struct manager *m)
{
	const char *wanted = *m->init.boot_unit ? m->init.boot_unit : "default.target";
	const char *const tries[] = { wanted, "default.target", "rescue.target", "emergency.target" };
	char why[TRANSACTION_WHY];
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		if (i && streq(tries[i], wanted))
			continue;
		r = start_target(m, tries[i], IPC_JOB_MODE_ISOLATE, why);
		if (r >= 0) {
			log_event(LOG_INFO, "BOOT_TARGET", "booting", F_STR("UNIT", tries[i]));
			return 0;
		}
		if (r == -EPERM)                        /* a unit that may not be isolated is simply started */
			r = start_target(m, tries[i], IPC_JOB_MODE_REPLACE, why);
		if (r >= 0)
			return 0;
		log_event(LOG_ERR, "BOOT_TARGET", why, F_STR("UNIT", tries[i]), F_ERRNO(r));
	}
	return r;
}

/* /run/sysmaster/idle is there while no job is queued: what sysmaster-exec waits for (5 s at most) before a Type=idle command */
static void mark_idle(struct manager *m)
{
	static int told = -1;           /* unknown: an earlier core may have left it */
	int idle = jobs_count(m->jobs) == 0, fd;
	char path[4096];

	if (idle == told)
		return;
	told = idle;
	snprintf(path, sizeof(path), "%s/idle", m->run_dir);
	if (!idle) {
		unlink(path);
		return;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
}

void boot_check_finished(struct manager *m)
{
	mark_idle(m);
	cgroup_tree_set_startup(m->cgroups, m->set, !m->state.finish_usec || m->exiting || m->state.has_power);
	if (m->state.finish_usec || m->state.generators_for || jobs_count(m->jobs) || !m->recovered || m->state.has_power)
		return;
	notify_supervisor("READY=1\nSTATUS=Startup finished.");
	m->state.finish_usec = now_usec(CLOCK_BOOTTIME);
	m->state_dirty = true;
	struct ipc_state_event e = { .state = boot_state(m) };

	server_publish(m->server, IPC_CORE_EV_STATE, &e);
	log_event(LOG_INFO, "BOOT_FINISHED", "startup finished", F_STR("STATE", e.state), F_U64("USEC", m->state.finish_usec - m->init.boot_usec));
}

static bool active_named(struct manager *m, const char *name)
{
	struct unit *u = unit_get(m->set, name);

	return u && unit_is_active_or_activating(u);
}

const char *boot_state(struct manager *m)
{
	struct unit *shutdown = unit_get(m->set, "shutdown.target");

	if (m->exiting || m->state.has_power || (shutdown && shutdown->job && shutdown->job->type == IPC_JOB_TYPE_START))
		return "stopping";
	if (!m->state.finish_usec)
		return m->recovered ? "starting" : "initializing";
	if (active_named(m, "rescue.target") || active_named(m, "emergency.target"))
		return "maintenance";
	for (struct unit *u = unit_set_first(m->set); u; u = u->set_next)
		if (unit_active(u) == UNIT_FAILED)
			return "degraded";
	return "running";
}

/* ---- down ---- */

static const struct { enum ipc_power_verb verb; const char *target; } ways_down[] = {
	{ IPC_POWER_VERB_POWEROFF, "poweroff.target" }, { IPC_POWER_VERB_REBOOT, "reboot.target" }, { IPC_POWER_VERB_HALT, "halt.target" },
	{ IPC_POWER_VERB_KEXEC, "kexec.target" },       { IPC_POWER_VERB_EXIT, "exit.target" },
};

void boot_final(struct manager *m, enum ipc_power_verb verb)
{
	struct ipc_power p = { .verb = verb, .argument = *m->power_argument ? m->power_argument : NULL,
			       .has_exit_status = m->state.has_power_exit_status, .exit_status = m->state.power_exit_status };

	m->exiting = true;
	notify_supervisor("STOPPING=1");
	log_event(LOG_NOTICE, "POWER", "handing over to init", F_STR("VERB", msg_enum_name(&ipc_power_verb_enum, (int32_t)verb)));
	link_send(m->link, IPC_CHANNEL_TO_INIT_EV_POWER, &p, NULL, 0);
}

int boot_power(struct manager *m, enum ipc_power_verb verb, const char *argument, int exit_status, bool force, struct job **ret_job, char *why)
{
	const char *target = NULL;
	struct unit *u;
	int r;

	if (scope_is_user())                            /* neither has a user */
		verb = IPC_POWER_VERB_EXIT;
	/* a container has no power to switch: it leaves */
	if (m->init.mode != IPC_INIT_MODE_MACHINE && verb != IPC_POWER_VERB_REBOOT)
		verb = force ? IPC_POWER_VERB_EXIT : verb;
	for (size_t i = 0; i < ARRAY_SIZE(ways_down); i++)
		if (ways_down[i].verb == verb)
			target = ways_down[i].target;
	if (argument && *argument)
		snprintf(m->power_argument, sizeof(m->power_argument), "%s", argument);
	m->state.power_argument = *m->power_argument ? m->power_argument : NULL;
	if (exit_status > 0) {                          /* exit.target's own service asks again, without one */
		m->state.has_power_exit_status = true;
		m->state.power_exit_status = (uint8_t)exit_status;
	}
	m->state_dirty = true;
	if (force) {
		boot_final(m, verb);
		return 0;
	}
	r = unit_load(m->set, target, &u);
	if (r >= 0 && u->load_state == UNIT_NOT_FOUND) {        /* an image without targets: init does the rest by itself */
		boot_final(m, verb);
		return 0;
	}
	if (r >= 0)
		r = manager_submit(m, u, IPC_JOB_TYPE_START, IPC_JOB_MODE_REPLACE_IRREVERSIBLY, ret_job, why);
	if (r >= 0) {
		m->state.has_power = true;
		m->state.power = verb;
	}
	return r;
}

/* ---- signals: systemd(1) "Signals" ---- */

#define RT(n) (34 + (n))
static const struct { uint32_t signo; const char *unit; enum ipc_job_mode mode; } signal_units[] = {
	{ SIGINT, "ctrl-alt-del.target", IPC_JOB_MODE_REPLACE_IRREVERSIBLY },
	{ SIGWINCH, "kbrequest.target", IPC_JOB_MODE_REPLACE },
	{ SIGPWR, "sigpwr.target", IPC_JOB_MODE_REPLACE },
	{ RT(0), "default.target", IPC_JOB_MODE_ISOLATE },
	{ RT(1), "rescue.target", IPC_JOB_MODE_ISOLATE },
	{ RT(2), "emergency.target", IPC_JOB_MODE_ISOLATE },
	{ RT(3), "halt.target", IPC_JOB_MODE_REPLACE_IRREVERSIBLY },
	{ RT(4), "poweroff.target", IPC_JOB_MODE_REPLACE_IRREVERSIBLY },
	{ RT(5), "reboot.target", IPC_JOB_MODE_REPLACE_IRREVERSIBLY },
	{ RT(6), "kexec.target", IPC_JOB_MODE_REPLACE_IRREVERSIBLY },
};
static const struct { uint32_t signo; enum ipc_power_verb verb; } signal_power[] = {
	{ RT(13), IPC_POWER_VERB_HALT }, { RT(14), IPC_POWER_VERB_POWEROFF }, { RT(15), IPC_POWER_VERB_REBOOT }, { RT(16), IPC_POWER_VERB_KEXEC },
};

static void dump(struct manager *m)
{
	for (struct unit *u = unit_set_first(m->set); u; u = u->set_next)
		if (!unit_is_inactive_or_failed(u) || u->job)
			log_event(LOG_INFO, "DUMP_UNIT", unit_description(u), F_STR("UNIT", u->id), F_STR("ACTIVE", unit_active_state_name(unit_active(u))),
				  F_STR("SUB", unit_sub(u)), F_U64("JOB", u->job ? u->job->id : 0));
}

void boot_signal(struct manager *m, uint32_t signo)
{
	char why[TRANSACTION_WHY] = "";

	for (size_t i = 0; i < ARRAY_SIZE(signal_units); i++)
		if (signal_units[i].signo == signo) {
			int r = start_target(m, signal_units[i].unit, signal_units[i].mode, why);

			log_event(r < 0 ? LOG_ERR : LOG_NOTICE, "SIGNAL", r < 0 ? why : "signal for the manager", F_U64("SIGNO", signo), F_STR("UNIT", signal_units[i].unit));
			return;
		}
	for (size_t i = 0; i < ARRAY_SIZE(signal_power); i++)
		if (signal_power[i].signo == signo) {
			boot_power(m, signal_power[i].verb, NULL, 0, true, NULL, why);
			return;
		}
	if (signo == SIGHUP)
		boot_reload(m);
	else if (signo == SIGUSR2)
		dump(m);
	else if (signo == RT(20) || signo == RT(21))
		m->init.show_status = signo == RT(20);
	else if (signo == RT(22) || signo == RT(23))
		log_set_level(signo == RT(22) ? LOG_DEBUG : LOG_INFO);
	else
		log_event(LOG_INFO, "SIGNAL", "signal without a meaning here", F_U64("SIGNO", signo));
}

/* ---- reload, re-execution ---- */

static void problems_clear(struct manager *m)
{
	while (m->problems) {
		struct problem *p = m->problems;

		m->problems = p->next;
		free(p);
	}
	m->n_problems = 0;
}

int boot_reload(struct manager *m)
{
	return generators_begin(m, GENERATORS_RELOAD) ? 1 : boot_reload_now(m);
}

int boot_reload_now(struct manager *m)
{
	uint64_t begin = now_usec(CLOCK_MONOTONIC);
	struct ipc_reload_event e = { .begins = true };
	int r;

	server_publish(m->server, IPC_CORE_EV_RELOADING, &e);
	problems_clear(m);
	r = lookup_refresh(m->lookup);
	if (r >= 0)
		r = unit_reload_all(m->set);
	collect_soon(m);
	e.begins = false;
	server_publish(m->server, IPC_CORE_EV_RELOADING, &e);
	m->reload_usec = now_usec(CLOCK_MONOTONIC) - begin;
	log_event(r < 0 ? LOG_ERR : LOG_INFO, "RELOADED", "unit files read again", F_U64("UNITS", unit_set_count(m->set)), F_U64("USEC", m->reload_usec), F_ERRNO(r));
	return r;
}

void boot_reexec(struct manager *m)
{
	struct ipc_empty none = { 0 };

	log_event(LOG_NOTICE, "REEXEC", "leaving for the next core; its state stays in the store");
	link_send(m->link, IPC_CHANNEL_TO_INIT_EV_REPLACE, &none, NULL, 0);
	m->exiting = true;
}
