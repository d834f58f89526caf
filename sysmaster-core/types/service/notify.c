/* notify.c - sd_notify(3): what a service says of itself, as a table of words */
#include <signal.h>
#include "log.h"
#include "types/service/service.h"

struct said {
	struct service *s;
	pid_t sender;
	char *const *lines;
	int *fds; size_t n_fds;         /* taken ones become -1 */
};

static const char *word(const struct said *m, const char *name)
{
	size_t n = strlen(name);

	for (char *const *l = m->lines; *l; l++)
		if (startswith(*l, name) && (*l)[n] == '=')
			return *l + n + 1;
	return NULL;
}

static void say_mainpid(struct said *m, const char *v)
{
	uint64_t pid;
	struct service *s = m->s;

	if (value_unsigned(v, INT32_MAX, &pid) < 0 || pid <= 1) {
		log_event(LOG_WARNING, "NOTIFY_BAD", "MAINPID= is no process id", F_STR("UNIT", s->u.id), F_STR("VALUE", v));
		return;
	}
	if (service_main_good(s) && s->main_pid == (pid_t)pid)
		return;
	int r = service_set_main_pid(s, (pid_t)pid, false);

	if (r < 0)
		log_event(LOG_WARNING, "NOTIFY_BAD", "MAINPID= refused", F_STR("UNIT", s->u.id), F_U64("PID", pid), F_ERRNO(r));
}

static void say_status(struct said *m, const char *v)
{
	struct service *s = m->s;
	char *copy = *v ? strndup(v, 4000) : NULL;

	free(s->status_text);
	s->status_text = copy;
	unit_dirty(&s->u);
}

static void say_errno(struct said *m, const char *v)
{
	uint64_t n;

	if (value_unsigned(v, 4095, &n) >= 0)
		m->s->status_errno = (int)n;
}

static void say_extend(struct said *m, const char *v)
{
	struct service *s = m->s;
	uint64_t usec;

	if (value_unsigned(v, UINT64_MAX / 2, &usec) < 0)
		return;
	s->extend_until_usec = now_usec(CLOCK_BOOTTIME) + usec;
	if (s->due_usec && s->due_usec < s->extend_until_usec && service_state_has_timeout(s->state))
		service_arm(s, s->extend_until_usec);
	unit_dirty(&s->u);
}

static void say_watchdog(struct said *m, const char *v)
{
	struct service *s = m->s;

	if (streq(v, "1")) {
		s->watchdog_last_usec = now_usec(CLOCK_BOOTTIME);
		unit_dirty(&s->u);
		service_arm_watchdog(s);
	} else if (streq(v, "trigger")) {
		service_watchdog_fired(&s->watchdog_timer);
	}
}

static void say_watchdog_usec(struct said *m, const char *v)
{
	uint64_t usec;

	if (value_unsigned(v, UINT64_MAX - 1, &usec) < 0)
		return;
	m->s->watchdog_now_usec = usec;
	m->s->watchdog_last_usec = now_usec(CLOCK_BOOTTIME);
	unit_dirty(&m->s->u);
	service_arm_watchdog(m->s);
}

static void say_fdstore(struct said *m, const char *v)
{
	const char *name = word(m, "FDNAME");

	for (size_t i = 0; i < m->n_fds && streq(v, "1"); i++) {
		if (m->fds[i] < 0)
			continue;
		int r = service_store_fd(m->s, name, TAKE_FD(m->fds[i]));

		if (r < 0)
			log_event(LOG_WARNING, "NOTIFY_FDSTORE", "descriptor not stored", F_STR("UNIT", m->s->u.id), F_U64("MAX", m->s->fdstore_max), F_ERRNO(r));
	}
}

static void say_fdremove(struct said *m, const char *v)
{
	const char *name = word(m, "FDNAME");

	if (streq(v, "1") && name)
		service_drop_fds(m->s, name);
}

static void say_ready(struct said *m, const char *v)
{
	struct service *s = m->s;

	if (!streq(v, "1"))
		return;
	s->said = SAID_READY;
	if (s->state == SVC_START && service_notifies(s))
		service_enter_start_post(s);
	else if (s->state == SVC_RELOAD_NOTIFY || (s->state == SVC_RELOAD && !service_control_good(s)))
		service_enter_running(s, SVC_OK);
}

static void say_reloading(struct said *m, const char *v)
{
	struct service *s = m->s;

	if (streq(v, "1") && (s->type == SVC_NOTIFY_RELOAD || !word(m, "READY")))
		service_reload_said(s, word(m, "MONOTONIC_USEC"));
}

static void say_stopping(struct said *m, const char *v)
{
	struct service *s = m->s;

	if (!streq(v, "1"))
		return;
	s->said = SAID_STOPPING;
	if (s->state == SVC_RUNNING || s->state == SVC_RELOAD_SIGNAL || s->state == SVC_RELOAD_NOTIFY)
		service_enter_stop_by_notify(s);
}

/* in the order in which they take effect: the process first, readiness last */
static const struct { const char *name; void (*fn)(struct said *m, const char *v); } words[] = {
	{ "MAINPID", say_mainpid },             { "STATUS", say_status },
	{ "ERRNO", say_errno },                 { "EXTEND_TIMEOUT_USEC", say_extend },
	{ "WATCHDOG_USEC", say_watchdog_usec }, { "WATCHDOG", say_watchdog },
	{ "FDSTORE", say_fdstore },             { "FDSTOREREMOVE", say_fdremove },
	{ "RELOADING", say_reloading },         { "READY", say_ready },
	{ "STOPPING", say_stopping },
};

static bool may_speak(const struct service *s, pid_t sender)
{
	switch (s->notify_access) {
	case NOTIFY_NONE:
		return false;
	case NOTIFY_MAIN:
		return s->main_pid == 0 ? service_main_good(s) : sender == s->main_pid;
	case NOTIFY_EXEC:
		return (service_main_good(s) && (sender == s->main_pid || !s->main_pid)) || (service_control_good(s) && (sender == s->control_pid || !s->control_pid));
	default:
		return true;
	}
}

void service_notify(struct unit *u, pid_t sender, char *const *lines, int *fds, size_t n_fds)
{
	struct service *s = SERVICE(u);
	struct said m = { s, sender, lines, fds, n_fds };

	if (may_speak(s, sender)) {
		for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
			const char *v = word(&m, words[i].name);

			if (v)
				words[i].fn(&m, v);
		}
		unit_dirty(u);
	} else {
		log_event(LOG_WARNING, "NOTIFY_REFUSED", "message from a process that NotifyAccess= does not name", F_STR("UNIT", u->id), F_I64("PID", sender));
	}
	for (size_t i = 0; i < n_fds; i++)              /* BARRIER=1 is answered by just that */
		closep(&fds[i]);
}
