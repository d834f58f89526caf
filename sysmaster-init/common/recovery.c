/* recovery.c - see recovery.h */
#include <fcntl.h>
#include "common/recovery.h"
#include "log.h"
#include "table.h"

static bool child_sane(const struct table_child *c)
{
	return c->phase >= IPC_CHILD_PHASE_SPAWNED && c->phase <= IPC_CHILD_PHASE_EXITED && c->check == table_child_check(c) &&
	       c->name[sizeof(c->name) - 1] == '\0' && c->report_fd >= -1;
}

static bool fd_open(int fd) { return fd >= 0 && fcntl(fd, F_GETFD) >= 0; }

static void check_state(struct table_state *s)
{
	char *texts[] = { s->power_argument, s->core_status, s->new_root, s->new_init };
	size_t sizes[] = { sizeof(s->power_argument), sizeof(s->core_status), sizeof(s->new_root), sizeof(s->new_init) };
	int32_t *fds[] = { &s->channel_fd, &s->listen_fd, &s->watchdog_fd };

	for (size_t i = 0; i < (s->leaving == TABLE_SWITCH_ROOT ? ARRAY_SIZE(texts) : 2); i++)       /* the others' pages stay untouched */
		texts[i][sizes[i] - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (!fd_open(*fds[i]))
			*fds[i] = -1;
	s->n_children = MIN(s->n_children, (uint32_t)TABLE_CHILDREN);
	s->n_fds = MIN(s->n_fds, (uint32_t)TABLE_FDS);
}

unsigned recovery_check(void)
{
	unsigned dropped = 0;

	check_state(&table->s);
	for (uint32_t i = 0; i < table->s.n_children; i++) {
		struct table_child *c = &table->children[i];

		if (c->phase == 0)
			continue;
		if (!child_sane(c)) {
			c->phase = 0;
			dropped++;
		} else if (!fd_open(c->report_fd)) {
			c->report_fd = -1;
		}
	}
	for (uint32_t i = 0; i < table->s.n_fds; i++) {
		struct table_fd *f = &table->fds[i];

		if (f->fd1 && (!fd_open(f->fd1 - 1) || f->name[sizeof(f->name) - 1] != '\0')) {
			f->fd1 = 0;
			dropped++;
		}
	}
	if (dropped > 0)
		log_event(LOG_ERR, "INIT_TABLE_RECORDS", "records of the table that contradict themselves were dropped", F_U64("COUNT", dropped));
	return dropped;
}

bool recovery_report(uint64_t limit)
{
	struct table_state *s = &table->s;

	if (s->crash_signo == 0)
		return false;
	log_event(LOG_CRIT, "INIT_CRASHED", "init crashed and has executed itself again", F_I64("SIGNAL", s->crash_signo), F_I64("CODE", s->crash_code),
		  F_U64(s->crash_code > 0 ? "ADDRESS" : "SENDER", s->crash_addr));
	s->crash_signo = 0;
	return !rate_below(&s->crashes, now_usec(CLOCK_BOOTTIME), 60 * USEC_PER_SEC, (uint32_t)limit);
}
