/* core.c - see core.h */
#include <stdio.h>
#include "channel.h"
#include "child.h"
#include "core.h"
#include "leave.h"
#include "log.h"
#include "rescue.h"
#include "spawn-process.h"

#define PROTOCOL 1
#define SOON_USEC (10 * USEC_PER_SEC)           /* a death so soon after the start makes the next start trust less */
#define LONG_USEC (60 * USEC_PER_SEC)           /* a life so long makes it trust again */
#define ABORT_GRACE_USEC (2 * USEC_PER_SEC)     /* between SIGABRT and SIGKILL */
#define TRUST_MAX 3
#define KILLS_PER_DEATH 20                      /* SIGKILL from outside says little about core: it counts as so much less */

static struct loop *loop;
static struct timer timer;      /* for what core is to do next: end its recovery, answer a ping, die */
static uint64_t pings, unanswered;
static bool killed_by_us;

static int expect(uint64_t usec, int (*otherwise)(struct timer *t)) { return timer_set(loop, &timer, now_usec(CLOCK_BOOTTIME) + usec, otherwise); }

static void end(int signo)
{
	killed_by_us = true;
	if (table->s.core_pid != 0)
		kill((pid_t)table->s.core_pid, signo);
}

static int kill_fire(struct timer *t)
{
	(void)t;
	end(SIGKILL);
	return 0;
}

static int put_down(const char *id, const char *why)
{
	log_event(LOG_ERR, id, why, F_U64("PID", table->s.core_pid));
	end(SIGABRT);
	return expect(ABORT_GRACE_USEC, kill_fire);
}

static int start_fire(struct timer *t)
{
	(void)t;
	return put_down("CORE_START_TIMEOUT", "core does not end its recovery; killing it");
}

/* a full channel counts as no answer */
static int ping_fire(struct timer *t)
{
	(void)t;
	if (unanswered >= table->set.keepalive_misses)
		return put_down("CORE_HUNG", "core does not answer; killing it");
	unanswered++;
	channel_send(IPC_CHANNEL_TO_CORE_EV_PING, &(struct ipc_ping){ .n = ++pings }, -1);
	return expect(table->set.keepalive_usec, ping_fire);
}

void core_set_keepalive(bool on)
{
	table->s.keepalive = on;
	unanswered = 0;
	if (!table->s.ready || killed_by_us)
		return;
	timer_del(&timer);
	if (on && table->set.keepalive_usec > 0)
		expect(table->set.keepalive_usec, ping_fire);
}

bool core_reachable(void) { return table->s.core_pid != 0 && table->s.channel_fd >= 0; }

/* -- what it asks -- */

static int take_store_fd(struct frame *f)
{
	int r = f->n_fds == 1 ? table_store_fd(((const struct ipc_stored_fd *)f->body)->name, f->fds[0]) : -EBADMSG;

	if (r == 0)
		f->fds[0] = -1;
	return r;
}

static int take_drop_fd(struct frame *f)
{
	table_drop_fd(((const struct ipc_stored_fd *)f->body)->name);   /* asked again after a crash of ours, it is not there */
	return 0;
}

static int take_power(struct frame *f) { return leave_power(f->body); }
static int take_switch_root(struct frame *f) { return leave_switch_root(f->body); }

static int take_pong(struct frame *f)
{
	if (((const struct ipc_ping *)f->body)->n <= pings)
		unanswered = 0;
	return 0;
}

static int take_ready(struct frame *f)
{
	struct table_state *s = &table->s;

	snprintf(s->core_status, sizeof(s->core_status), "%s", ((const struct ipc_ready *)f->body)->status);
	s->ready = 1;
	core_set_keepalive(s->keepalive);
	return 0;
}

static int take_replace(struct frame *f)
{
	(void)f;
	table->s.replacing = 1;
	return 0;
}

static int (*const takes[])(struct frame *f) = {
	[IPC_CHANNEL_TO_INIT_EV_SPAWN] = child_spawn,
	[IPC_CHANNEL_TO_INIT_EV_FORGET] = child_forget,
	[IPC_CHANNEL_TO_INIT_EV_WATCH] = child_watch,
	[IPC_CHANNEL_TO_INIT_EV_STORE_FD] = take_store_fd,
	[IPC_CHANNEL_TO_INIT_EV_DROP_FD] = take_drop_fd,
	[IPC_CHANNEL_TO_INIT_EV_PONG] = take_pong,
	[IPC_CHANNEL_TO_INIT_EV_POWER] = take_power,
	[IPC_CHANNEL_TO_INIT_EV_READY] = take_ready,
	[IPC_CHANNEL_TO_INIT_EV_REPLACE] = take_replace,
	[IPC_CHANNEL_TO_INIT_EV_SWITCH_ROOT] = take_switch_root,
};

static const struct frame_reader reader = { &ipc_channel_to_init_socket, takes, ARRAY_SIZE(takes), "core" };

static void channel_gone(void)
{
	channel_close();
	if (table->s.core_pid == 0)
		return;
	/* it has closed its ears: most likely it is dead and SIGCHLD says so next; if it does not end by itself, it is ended */
	expect(ABORT_GRACE_USEC, kill_fire);
}

static const struct channel_ops channel_ops = {
	.reader = &reader, .writable = core_flush, .closed = channel_gone, .poisoned = child_abandon,
};

/* -- what it is told -- */

static int tell(uint8_t *told, uint32_t event, const void *body, int fd)
{
	int r = *told ? 0 : channel_send(event, body, fd);

	if (r == 0)
		*told = 1;
	return r;
}

static int tell_welcome(void)
{
	struct table_state *s = &table->s;

	return tell(&s->welcomed, IPC_CHANNEL_TO_CORE_EV_WELCOME, &(struct ipc_welcome){
		.protocol = PROTOCOL, .mode = table->set.mode, .core_starts = s->core_starts, .trust = s->trust, .boot_unit = table->set.boot_unit,
		.log_level = s->log_level, .boot_usec = s->boot_usec, .show_status = s->show_status, .container = table->set.container,
		.cgroup_root = table->set.cgroup_root,
	}, -1);
}

static int tell_child(struct table_child *c)
{
	struct ipc_child m;

	child_fill(c, &m);
	return tell(&c->told, IPC_CHANNEL_TO_CORE_EV_CHILD, &m, -1);
}

static int tell_fds(void)
{
	int r = 0;

	for (uint32_t i = 0; i < table->s.n_fds && !table->s.synced && r == 0; i++) {
		struct table_fd *f = &table->fds[i];

		if (f->fd1)
			r = tell(&f->told, IPC_CHANNEL_TO_CORE_EV_STORED_FD, &(struct ipc_stored_fd){ .name = f->name }, f->fd1 - 1);
	}
	return r;
}

static int tell_signals(void)
{
	int r = 0;

	while (table->s.signals && r == 0) {
		uint32_t signo = (uint32_t)__builtin_ctzll(table->s.signals) + 1;

		r = channel_send(IPC_CHANNEL_TO_CORE_EV_SIGNAL, &(struct ipc_signal_seen){ .signo = signo }, -1);
		if (r == 0)
			table->s.signals &= ~(1ULL << (signo - 1));
	}
	return r;
}

/* in the order that channel.ipc promises; a step that cannot send is tried again when there is room */
void core_flush(void)
{
	struct table_state *s = &table->s;
	struct ipc_power m;

	if (!core_reachable() || tell_welcome() < 0 || child_tell(tell_child) < 0 || tell_fds() < 0)
		return;
	if (tell(&s->synced, IPC_CHANNEL_TO_CORE_EV_SYNCED, &(struct ipc_empty){ 0 }, -1) < 0 || tell_signals() < 0 || !s->ask_power)
		return;
	leave_fill(&m);
	tell(&s->power_told, IPC_CHANNEL_TO_CORE_EV_POWER, &m, -1);
}

void core_tell_signal(int signo) { table->s.signals |= 1ULL << (signo - 1); }

/* -- its life -- */

static void start(void)
{
	static const char *const argv[] = { "sysmaster-core", NULL };
	struct table_state *s = &table->s;
	int peer, r = channel_open(&peer);

	if (r < 0) {
		rescue_open("no channel to core can be made", r);
		return;
	}
	for (uint32_t i = 0; i < s->n_fds; i++)
		table->fds[i].told = 0;
	child_tell_all();
	s->welcomed = s->synced = s->ready = s->replacing = s->power_told = 0;
	s->core_starts++;
	s->core_start_usec = now_usec(CLOCK_BOOTTIME);
	killed_by_us = false;
	r = spawn_process(&(struct spawn){ .path = table->set.core, .argv = argv, .envp = environ, .fds = &peer, .n_fds = 1 }, &s->core_pid);
	close(peer);
	if (r < 0) {
		channel_close();
		rescue_open("core cannot be started", r);
		return;
	}
	if (table->set.core_start_usec)
		expect(table->set.core_start_usec, start_fire);
}

/* how the next start shall trust what this one left; true when there were too many deaths */
static bool judge(const siginfo_t *si, uint64_t now)
{
	struct table_state *s = &table->s;
	uint64_t life = now - s->core_start_usec;

	if (s->replacing)
		return false;
	if (si->si_code == CLD_KILLED && si->si_status == SIGKILL && !killed_by_us)     /* somebody's hand, or no memory */
		return !rate_below(&s->kills, now, LONG_USEC, (uint32_t)table->set.core_deaths * KILLS_PER_DEATH);
	if (life >= LONG_USEC)
		s->trust = 0;
	else if (life < SOON_USEC && s->trust < TRUST_MAX)
		s->trust++;
	return !rate_below(&s->deaths, now, LONG_USEC, (uint32_t)table->set.core_deaths);
}

bool core_exited(const siginfo_t *si)
{
	struct table_state *s = &table->s;
	bool planned, too_many;

	if (s->core_pid == 0 || (uint32_t)si->si_pid != s->core_pid)
		return false;
	if (!loop || leave_begun()) {   /* not served now, a shell is open: core_setup() will find it gone; or nobody follows it */
		s->core_pid = 0;
		return true;
	}
	channel_drain();        /* what it asked for is done, also when it did not live to see it */
	planned = s->replacing;
	timer_del(&timer);
	log_event(planned ? LOG_INFO : LOG_ERR, "CORE_EXITED", planned ? "core ended to be replaced" : "core ended",
		  F_U64("PID", s->core_pid), F_I64("CODE", si->si_code), F_I64("STATUS", si->si_status), F_U64("TRUST", s->trust));
	too_many = judge(si, now_usec(CLOCK_BOOTTIME));
	s->core_pid = 0;
	channel_close();
	if (too_many)
		rescue_open("core cannot be kept up", 0);
	else
		start();
	return true;
}

void core_restart(void)
{
	if (table->s.core_pid == 0)
		return;
	table->s.replacing = 1;         /* asked for: no death to be counted */
	end(SIGKILL);
}

void core_stop(void)
{
	timer_del(&timer);
	core_restart();         /* it is made for that (DESIGN D4) and would go on deciding things; nobody starts it again */
	channel_close();
}

void core_try_again(void)
{
	table->s.deaths.n = table->s.kills.n = 0;
	if (table->s.core_pid == 0)
		start();
}

void core_setup(struct loop *l)
{
	struct table_state *s = &table->s;

	loop = l;
	channel_setup(l, &channel_ops);
	if (s->core_pid == 0) {
		channel_drain();        /* what it asked for before it ended, unheard */
		channel_close();
		if (s->rescue_pid == 0 && !leave_begun())
			start();
		return;
	}
	core_set_keepalive(s->keepalive);
	if (s->channel_fd < 0)
		channel_gone();
	else if (!s->ready && table->set.core_start_usec)
		expect(table->set.core_start_usec, start_fire);
}
