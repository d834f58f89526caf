/* test-socket.c - socket units: every cell of the state machine, with and without a crash before it; real sockets; addresses */
#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "core.ipc.h"
#include "types/socket/socket.h"
#include "types/test-host.h"

extern const struct unit_type unit_type_socket, unit_type_target, unit_type_slice;
static const struct unit_type *const types[] = { &unit_type_socket, &unit_type_target, &unit_type_slice, &unit_type_service, NULL };

static int setup(void **state) { fake_new(types); return 0; }
static int teardown(void **state) { fake_free(); return 0; }

static struct socket_unit *load(const char *name, const char *more)
{
	char text[2048];

	fake_file("a.service", "[Service]\nExecStart=/bin/true\n");
	fake_file("a@.service", "[Service]\nExecStart=/bin/true\n");
	snprintf(text, sizeof(text), more, fake.root, fake.root);
	fake_file(name, text);
	return SOCKET(fake_load(name));
}

/* ---- the state machine ---- */

enum event { START, STOP, OK, BAD, LATE, N_EVENTS };
static const char *const event_names[] = { "start", "stop", "ok", "bad", "late" };
#define NO(r) { -(r), N_SOCK_STATES }           /* refused, nothing moves */
#define TO(s) { 0, SOCK_##s }
#define STAY { 0, N_SOCK_STATES }
static const struct cell { int r; enum socket_state to; } cells[N_SOCK_STATES][N_EVENTS] = {
	[SOCK_DEAD] = { TO(START_PRE), NO(EALREADY), STAY, STAY, STAY },
	[SOCK_START_PRE] = { STAY, TO(STOP_PRE_SIGTERM), TO(START_CHOWN), TO(FAILED), TO(FINAL_SIGTERM) },
	[SOCK_START_CHOWN] = { STAY, TO(STOP_PRE_SIGTERM), TO(START_POST), TO(STOP_PRE), TO(STOP_PRE) },
	[SOCK_START_POST] = { STAY, TO(STOP_PRE_SIGTERM), TO(LISTENING), TO(STOP_PRE), TO(STOP_PRE) },
	[SOCK_LISTENING] = { NO(EALREADY), TO(STOP_PRE), STAY, STAY, STAY },
	[SOCK_RUNNING] = { NO(EALREADY), TO(STOP_PRE), STAY, STAY, STAY },
	[SOCK_STOP_PRE] = { NO(EAGAIN), STAY, TO(STOP_POST), TO(STOP_POST), TO(STOP_PRE_SIGTERM) },
	[SOCK_STOP_PRE_SIGTERM] = { NO(EAGAIN), STAY, TO(STOP_POST), TO(STOP_POST), TO(STOP_PRE_SIGKILL) },
	[SOCK_STOP_PRE_SIGKILL] = { NO(EAGAIN), STAY, TO(STOP_POST), TO(STOP_POST), TO(STOP_POST) },
	[SOCK_STOP_POST] = { NO(EAGAIN), STAY, TO(DEAD), TO(FAILED), TO(FINAL_SIGTERM) },
	[SOCK_FINAL_SIGTERM] = { NO(EAGAIN), STAY, TO(DEAD), TO(FAILED), TO(FINAL_SIGKILL) },
	[SOCK_FINAL_SIGKILL] = { NO(EAGAIN), STAY, TO(DEAD), TO(FAILED), TO(FAILED) },
	[SOCK_FAILED] = { TO(START_PRE), NO(EALREADY), STAY, STAY, STAY },
};

static const char all[] = "[Unit]\nDefaultDependencies=no\nStartLimitBurst=0\n[Socket]\nListenStream=%s/run/a.sock\nSocketUser=root\n"
	"ExecStartPre=/bin/start-pre\nExecStartPost=/bin/start-post\nExecStopPre=/bin/stop-pre\nExecStopPost=/bin/stop-post\n";

/* lead the unit there by the way it would go */
static void lead_to(struct socket_unit *s, enum socket_state to)
{
	struct unit *u = &s->u;
	const struct unit_type *t = u->type;

	if (to == SOCK_DEAD)
		return;
	assert_int_equal(t->start(u), 0);
	if (to == SOCK_FINAL_SIGTERM || to == SOCK_FINAL_SIGKILL) {
		s->control.late(u);
		if (to == SOCK_FINAL_SIGKILL)
			s->control.late(u);
		s->result = RESULT_SUCCESS;             /* as if reached in peace */
		return;
	}
	if (to == SOCK_FAILED) {
		fake_child(u, fake_last_token(), CLD_EXITED, 1);
		return;
	}
	while (s->state < to && s->state < SOCK_LISTENING)
		fake_child(u, fake_last_token(), CLD_EXITED, 0);
	if (to == SOCK_RUNNING) {
		fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
		return;
	}
	if (to < SOCK_RUNNING)
		return;
	assert_int_equal(t->stop(u), 0);
	if (to == SOCK_STOP_POST)
		fake_child(u, fake_last_token(), CLD_EXITED, 0);
	for (int i = 0; s->state < to && i < 3; i++)
		s->control.late(u);
	s->result = RESULT_SUCCESS;
}

static void happens(struct socket_unit *s, enum event e, int expected)
{
	uint64_t token = s->control.token;

	switch (e) {
	case START:
		assert_int_equal(s->u.type->start(&s->u), expected);
		break;
	case STOP:
		assert_int_equal(s->u.type->stop(&s->u), expected);
		break;
	case OK:
	case BAD:
		fake_child(&s->u, token, CLD_EXITED, e == BAD);
		break;
	case LATE:
		s->control.late(&s->u);
		break;
	case N_EVENTS:
		break;
	}
}

static void walk(bool crash)
{
	for (enum socket_state from = 0; from < N_SOCK_STATES; from++)
		for (enum event e = 0; e < N_EVENTS; e++) {
			struct cell c = cells[from][e];
			struct socket_unit *s;
			enum socket_state to = c.to == N_SOCK_STATES ? from : c.to;

			fake_new(types);
			s = load("a.socket", all);
			assert_int_equal(s->u.load_state, UNIT_LOADED);
			lead_to(s, from);
			assert_int_equal(s->state, from);
			if (crash) {
				s = SOCKET(fake_crash(&s->u));
				if (from == SOCK_RUNNING)
					fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
			}
			assert_int_equal(s->state, from);
			happens(s, e, c.r);
			if (s->state != to)
				fail_msg("state %d, %s%s: in state %d, expected %d", from, event_names[e], crash ? " after a crash" : "", s->state, to);
			assert_int_equal(s->control.token != 0, to != SOCK_DEAD && to != SOCK_FAILED && to != SOCK_LISTENING && to != SOCK_RUNNING);
			assert_int_equal(s->control.due_usec != 0, s->control.token != 0);
			fake_free();
		}
	fake_new(types);
}

static void every_cell(void **state) { fake_free(); walk(false); }
static void every_cell_after_a_crash(void **state) { fake_free(); walk(true); }

static void commands_in_order(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/a.sock\nExecStartPre=/bin/one 1\nExecStartPre=-/bin/two\n");
	struct unit *u = &s->u;

	assert_int_equal(u->type->start(u), 0);
	assert_string_equal(fake_last_words(), "/bin/one 1");
	fake_child(u, fake_last_token(), CLD_EXITED, 0);
	assert_string_equal(fake_last_words(), "/bin/two");
	s = SOCKET(fake_crash(u));
	fake_child(&s->u, fake_last_token(), CLD_EXITED, 5);    /* '-': a failure that does not count, also after a crash */
	assert_int_equal(s->state, SOCK_LISTENING);
	assert_int_equal(fake.n_spawns, 2);
}

static void spawn_fails(void **state)
{
	struct socket_unit *s = load("a.socket", all);

	fake.spawn_error = -ENOMEM;
	assert_int_equal(s->u.type->start(&s->u), 0);
	assert_int_equal(s->state, SOCK_FAILED);
	assert_int_equal(s->result, RESULT_RESOURCES);
	s->u.type->reset_failed(&s->u);
	assert_int_equal(s->state, SOCK_DEAD);
}

/* ---- traffic ---- */

static int dial(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s%s", fake.root, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void starts_its_service(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/a.sock\nSocketMode=0600\n");
	struct unit *service;
	const int *fds;
	char *const *names;
	struct stat st;
	char path[128];
	int c;

	assert_int_equal(s->u.type->start(&s->u), 0);
	assert_int_equal(s->state, SOCK_LISTENING);
	snprintf(path, sizeof(path), "%s/run/a.sock", fake.root);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	service = fake_load("a.service");
	assert_true(unit_has_dep(&s->u, DEP_TRIGGERS, service));
	assert_true(unit_has_dep(&s->u, DEP_BEFORE, service));
	assert_int_equal(fake.n_fds, 1);

	s = SOCKET(fake_crash(&s->u));                  /* nobody is refused meanwhile */
	service = fake_load("a.service");
	c = dial("/run/a.sock");
	fake_turn(0);
	assert_int_equal(s->state, SOCK_RUNNING);
	assert_int_equal(fake.n_submits, 1);
	assert_ptr_equal(fake.submits[0].unit, service);
	assert_int_equal(fake.submits[0].type, IPC_JOB_TYPE_START);
	fake_turn(0);                                   /* the socket is the service's now: no second job */
	assert_int_equal(fake.n_submits, 1);
	assert_int_equal(s->u.type->collect_fds(&s->u, &fds, &names), 1);
	assert_int_equal(fds[0], s->listeners->source.fd);
	assert_string_equal(names[0], "a.socket");
	assert_false(fcntl(fds[0], F_GETFL) & O_NONBLOCK);      /* programs expect accept(2) to wait */

	fake_service_set(service, UNIT_ACTIVATING);
	fake_service_set(service, UNIT_ACTIVE);
	assert_int_equal(s->state, SOCK_RUNNING);
	s = SOCKET(fake_crash(&s->u));
	service = fake_load("a.service");
	fake_service_set(service, UNIT_ACTIVE);
	assert_int_equal(s->state, SOCK_RUNNING);
	fake_service_set(service, UNIT_INACTIVE);
	assert_int_equal(s->state, SOCK_LISTENING);
	assert_true(fcntl(s->listeners->source.fd, F_GETFL) & O_NONBLOCK);
	fake_turn(0);                                   /* what nobody took starts it again */
	assert_int_equal(s->state, SOCK_RUNNING);
	assert_int_equal(fake.n_submits, 2);
	close(c);
}

static void service_up_already(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/a.sock\n");

	fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
	assert_int_equal(s->u.type->start(&s->u), -EBUSY);
	assert_int_equal(s->state, SOCK_DEAD);
}

static void flushes(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/a.sock\nFlushPending=yes\n");
	struct unit *service = fake_load("a.service");
	int c;

	assert_int_equal(s->u.type->start(&s->u), 0);
	c = dial("/run/a.sock");
	fake_turn(0);
	fake_service_set(service, UNIT_ACTIVE);
	fake_service_set(service, UNIT_FAILED);
	assert_int_equal(s->state, SOCK_LISTENING);
	fake_turn(0);
	assert_int_equal(s->state, SOCK_LISTENING);
	assert_int_equal(fake.n_submits, 1);
	close(c);
}

static void trigger_limit(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenDatagram=%s/run/a.sock\nTriggerLimitBurst=3\nTriggerLimitIntervalSec=1h\n");
	struct unit *service = fake_load("a.service");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_int_equal(s->u.type->start(&s->u), 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/run/a.sock", fake.root);
	assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)), 1);
	for (int i = 0; i < 3; i++) {
		fake_turn(0);
		assert_int_equal(s->state, SOCK_RUNNING);
		fake_service_set(service, UNIT_ACTIVE);
		if (i == 1) {
			s = SOCKET(fake_crash(&s->u));  /* the count is not begun anew */
			service = fake_load("a.service");
			fake_service_set(service, UNIT_ACTIVE);
		}
		fake_service_set(service, UNIT_INACTIVE);
	}
	fake_turn(0);
	assert_int_equal(s->state, SOCK_FAILED);
	assert_int_equal(s->result, SOCK_RES_TRIGGER_LIMIT_HIT);
	assert_int_equal(fake.n_submits, 3);
	assert_int_equal(fake.n_fds, 0);
	close(fd);
}

static void accepts(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/a.sock\nAccept=yes\nMaxConnections=2\n");
	char want[64], c;
	int fds[3];
	const int *none;
	char *const *names;

	assert_int_equal(s->u.type->start(&s->u), 0);
	for (int i = 0; i < 3; i++) {
		fds[i] = dial("/run/a.sock");
		fake_turn(0);
	}
	assert_int_equal(fake.n_submits, 2);
	assert_int_equal(s->n_refused, 1);
	assert_int_equal(recv(fds[2], &c, 1, 0), 0);    /* closed */
	snprintf(want, sizeof(want), "a@0-%d-%u.service", (int)getpid(), (unsigned)getuid());
	assert_string_equal(fake.submits[0].unit->id, want);
	assert_true(((struct fake_service *)fake.submits[0].unit)->connection >= 0);
	assert_ptr_equal(((struct fake_service *)fake.submits[0].unit)->socket, &s->u);
	assert_int_equal(s->u.type->collect_fds(&s->u, &none, &names), 0);
	assert_int_equal(s->state, SOCK_LISTENING);
	for (int i = 0; i < 2; i++)
		fake_service_set(fake.submits[i].unit, UNIT_ACTIVE);
	assert_int_equal(socket_n_connections(s), 2);
	fake_service_set(fake.submits[0].unit, UNIT_INACTIVE);
	assert_int_equal(socket_n_connections(s), 1);
	close(fds[2]);
	fds[2] = dial("/run/a.sock");
	fake_turn(0);
	assert_int_equal(fake.n_submits, 3);
	snprintf(want, sizeof(want), "a@2-%d-%u.service", (int)getpid(), (unsigned)getuid());
	assert_string_equal(fake.submits[2].unit->id, want);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static void accepts_inet(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=127.0.0.1:46123\nAccept=yes\nMaxConnectionsPerSource=1\nNoDelay=yes\nKeepAlive=yes\n");
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(46123), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in me;
	socklen_t n = sizeof(me);
	char want[128];
	int fds[2];

	assert_int_equal(s->u.type->start(&s->u), 0);
	assert_int_equal(s->state, SOCK_LISTENING);
	for (int i = 0; i < 2; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(fds[i], (struct sockaddr *)&a, sizeof(a)), 0);
		fake_turn(100);
		if (i == 0)
			fake_service_set(fake.submits[0].unit, UNIT_ACTIVE);
	}
	assert_int_equal(getsockname(fds[0], (struct sockaddr *)&me, &n), 0);
	snprintf(want, sizeof(want), "a@0-127.0.0.1:46123-127.0.0.1:%u.service", ntohs(me.sin_port));
	assert_string_equal(fake.submits[0].unit->id, want);
	assert_int_equal(fake.n_submits, 1);            /* the second of the same source */
	assert_int_equal(s->n_refused, 1);
	close(fds[0]);
	close(fds[1]);
}

static void fifo_links_and_removal(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenFIFO=%s/run/deep/a.fifo\nRemoveOnStop=yes\nSymlinks=%s/run/link\nFileDescriptorName=pipe\nSocketMode=0620\n");
	char path[128], target[128] = "";
	const int *fds;
	char *const *names;
	struct stat st;

	assert_int_equal(s->u.type->start(&s->u), 0);
	assert_int_equal(s->state, SOCK_LISTENING);
	snprintf(path, sizeof(path), "%s/run/deep/a.fifo", fake.root);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0620);
	assert_int_equal(s->u.type->collect_fds(&s->u, &fds, &names), 1);
	assert_string_equal(names[0], "pipe");
	assert_int_equal(write(fds[0], "x", 1), 1);
	fake_turn(0);
	assert_int_equal(s->state, SOCK_RUNNING);
	snprintf(path, sizeof(path), "%s/run/link", fake.root);
	assert_true(readlink(path, target, sizeof(target) - 1) > 0);
	assert_int_equal(s->u.type->stop(&s->u), 0);
	assert_int_equal(s->state, SOCK_DEAD);
	assert_int_equal(lstat(path, &st), -1);
	assert_int_equal(stat(target, &st), -1);
	assert_int_equal(fake.n_fds, 0);
}

static void several(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/1\nListenDatagram=@test-types-abstract\nListenSequentialPacket=%s/run/3\nListenNetlink=route 1\nListenSpecial=/dev/ptmx\n");
	const int *fds;
	char *const *names;
	int type;
	socklen_t n = sizeof(type);

	assert_int_equal(s->u.type->start(&s->u), 0);
	assert_int_equal(s->state, SOCK_LISTENING);
	s = SOCKET(fake_crash(&s->u));
	assert_int_equal(s->u.type->collect_fds(&s->u, &fds, &names), 5);       /* in the order of the file */
	assert_int_equal(getsockopt(fds[2], SOL_SOCKET, SO_TYPE, &type, &n), 0);
	assert_int_equal(type, SOCK_SEQPACKET);
	assert_int_equal(fake.n_fds, 5);
}

static void lost_fd_is_opened_again(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/a.sock\n");

	assert_int_equal(s->u.type->start(&s->u), 0);
	close(fake.fds[0].fd);
	fake.n_fds = 0;
	s = SOCKET(fake_crash(&s->u));
	assert_int_equal(s->state, SOCK_LISTENING);
	assert_int_equal(fake.n_fds, 1);
	close(dial("/run/a.sock"));
	fake_turn(0);
	assert_int_equal(s->state, SOCK_RUNNING);
}

static void scope(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=[::1]:46124%%%%lo\nBindIPv6Only=ipv6-only\nFreeBind=yes\n");

	if (access("/proc/net/if_inet6", F_OK) < 0)
		skip();
	assert_int_equal(s->u.type->start(&s->u), 0);
	assert_int_equal(s->state, SOCK_LISTENING);
	assert_int_equal(s->u.type->stop(&s->u), 0);
	s = load("b.socket", "[Socket]\nListenStream=[fe80::1]:46124%%%%no-such-dev\nService=a.service\n");
	assert_int_equal(s->u.type->start(&s->u), 0);
	assert_int_equal(s->state, SOCK_FAILED);
}

/* what systemd makes of settings that mean more, or less, than they say */
static void settled(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=/var/run/a\nBindIPv6Only=yes\nPrivateDevices=yes\nProtectClock=yes\n");
	struct unit *log = unit_get(fake.set, "systemd-journald.socket");

	assert_string_equal(s->ports->text, "/run/a");
	assert_int_equal(s->o.bind_ipv6_only, 2);
	assert_int_equal(s->o.backlog, INT32_MAX);
	assert_int_equal(s->exec.s.keyring_mode, IPC_KEYRING_MODE_SHARED);
	assert_int_equal(s->cgroup.device_policy, CGROUP_DEVICE_CLOSED);
	assert_string_equal(s->cgroup.device_allow[0], "char-rtc r");
	assert_true(!log || !unit_has_dep(&s->u, DEP_AFTER, log));      /* nothing is run: nothing is logged */
	s = load("b.socket", "[Socket]\nListenStream=/run/b\nExecStartPre=/bin/true\n");
	assert_true(unit_has_dep(&s->u, DEP_AFTER, unit_get(fake.set, "systemd-journald.socket")));
}

static void cannot_listen(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/1\nListenStream=203.0.113.77:80\n");

	assert_int_equal(s->u.type->start(&s->u), 0);
	assert_int_equal(s->state, SOCK_FAILED);
	assert_int_equal(s->result, RESULT_RESOURCES);
	assert_int_equal(fake.n_fds, 0);
}

/* ---- loading ---- */

static void dependencies(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/a.sock\n");
	struct unit *u = &s->u;

	fake_file("sockets.target", "");
	assert_true(unit_has_dep(u, DEP_BEFORE, fake_load("sockets.target")));
	assert_true(unit_has_dep(u, DEP_AFTER, fake_load("sysinit.target")));
	assert_true(unit_has_dep(u, DEP_REQUIRES, fake_load("sysinit.target")));
	assert_true(unit_has_dep(u, DEP_BEFORE, fake_load("shutdown.target")));
	assert_true(unit_has_dep(u, DEP_CONFLICTS, fake_load("shutdown.target")));
}

static void bad_files(void **state)
{
	static const char *const files[] = {
		"[Socket]\nAccept=no\n", "[Socket]\nListenStream=/run/a\nAccept=yes\nMaxConnections=0\n",
		"[Socket]\nListenStream=/run/a\nAccept=yes\nService=a.service\n", "[Socket]\nListenStream=1\nListenStream=2\nSymlinks=/run/x\n",
		"[Socket]\nListenStream=70000\n", "[Socket]\nListenSequentialPacket=80\n", "[Socket]\nListenStream=/run/a\nListenStream=\n",
		"[Socket]\nListenMessageQueue=/a\nMessageQueueMaxMessages=3\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char name[32];

		snprintf(name, sizeof(name), "bad%zu.socket", i);
		fake_file(name, files[i]);
		if (fake_load(name)->load_state != UNIT_BAD_SETTING)
			fail_msg("accepted: %s", files[i]);
		assert_true(fake.n_diags > i);
	}
}

static void reload_keeps_what_is_open(void **state)
{
	struct socket_unit *s = load("a.socket", "[Socket]\nListenStream=%s/run/a.sock\n");
	const int *fds;
	char *const *names;
	char text[256];
	int fd;

	assert_int_equal(s->u.type->start(&s->u), 0);
	fd = s->listeners->source.fd;
	snprintf(text, sizeof(text), "[Socket]\nListenStream=%s/run/a.sock\nListenStream=%s/run/b.sock\nFileDescriptorName=new\n", fake.root, fake.root);
	fake_file("a.socket", text);
	assert_int_equal(unit_reload_all(fake.set), 0);
	assert_int_equal(s->state, SOCK_LISTENING);
	assert_int_equal(s->u.type->collect_fds(&s->u, &fds, &names), 1);
	assert_int_equal(fds[0], fd);
	assert_string_equal(names[0], "new");
	close(dial("/run/a.sock"));
	fake_turn(0);
	assert_int_equal(s->state, SOCK_RUNNING);
}

/* ---- addresses: systemd.socket(5), ListenStream= ---- */

struct row { enum port_kind kind; const char *text; int r, family; socklen_t len; };
static void address_row(void **state)
{
	const struct row *row = *state;
	struct address a = { .len = 77 };

	assert_int_equal(address_parse(row->kind, row->text, &a), row->r);
	assert_int_equal(a.len, row->r ? 77 : row->len);
	if (!row->r)
		assert_int_equal(a.sa.sa_family, row->family);
}
#define ROW(...) { #__VA_ARGS__, address_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }

static void rows_are_sorted(void **state) { check_rows(&unit_type_socket); }

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_cell, setup, teardown),
		cmocka_unit_test_setup_teardown(every_cell_after_a_crash, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(spawn_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(starts_its_service, setup, teardown),
		cmocka_unit_test_setup_teardown(service_up_already, setup, teardown),
		cmocka_unit_test_setup_teardown(flushes, setup, teardown),
		cmocka_unit_test_setup_teardown(trigger_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(accepts, setup, teardown),
		cmocka_unit_test_setup_teardown(accepts_inet, setup, teardown),
		cmocka_unit_test_setup_teardown(fifo_links_and_removal, setup, teardown),
		cmocka_unit_test_setup_teardown(several, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_fd_is_opened_again, setup, teardown),
		cmocka_unit_test_setup_teardown(scope, setup, teardown),
		cmocka_unit_test_setup_teardown(settled, setup, teardown), cmocka_unit_test_setup_teardown(cannot_listen, setup, teardown),
		cmocka_unit_test_setup_teardown(dependencies, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_files, setup, teardown),
		cmocka_unit_test_setup_teardown(reload_keeps_what_is_open, setup, teardown),
		cmocka_unit_test(rows_are_sorted),
		ROW(PORT_STREAM, "/run/a", 0, AF_UNIX, 2 + 6 + 1),
		ROW(PORT_STREAM, "@a", 0, AF_UNIX, 2 + 2),
		ROW(PORT_STREAM, "@", -EINVAL, 0, 0),
		ROW(PORT_STREAM, "80", 0, AF_INET6, sizeof(struct sockaddr_in6)),
		ROW(PORT_STREAM, "0", -ERANGE, 0, 0),
		ROW(PORT_STREAM, "65536", -ERANGE, 0, 0),
		ROW(PORT_STREAM, "127.0.0.1:80", 0, AF_INET, sizeof(struct sockaddr_in)),
		ROW(PORT_STREAM, "127.0.0.1", -EINVAL, 0, 0),
		ROW(PORT_STREAM, "127.0.0.1.9:80", -EINVAL, 0, 0),
		ROW(PORT_STREAM, "[::1]:80", 0, AF_INET6, sizeof(struct sockaddr_in6)),
		ROW(PORT_DATAGRAM, "[fe80::1]:546%eth0", 0, AF_INET6, sizeof(struct sockaddr_in6)),
		ROW(PORT_STREAM, "[::1]", -EINVAL, 0, 0),
		ROW(PORT_STREAM, "[::1]:", -EINVAL, 0, 0),
		ROW(PORT_STREAM, "[::1]:80%", -EINVAL, 0, 0),
		ROW(PORT_STREAM, "vsock::1234", 0, AF_VSOCK, sizeof(struct sockaddr_vm)),
		ROW(PORT_STREAM, "vsock:2:1234", 0, AF_VSOCK, sizeof(struct sockaddr_vm)),
		ROW(PORT_STREAM, "vsock:2", -EINVAL, 0, 0),
		ROW(PORT_SEQPACKET, "80", -EINVAL, 0, 0),
		ROW(PORT_NETLINK, "kobject-uevent 1", 0, AF_NETLINK, sizeof(struct sockaddr_nl)),
		ROW(PORT_NETLINK, "audit", 0, AF_NETLINK, sizeof(struct sockaddr_nl)),
		ROW(PORT_NETLINK, "no-such", -EAFNOSUPPORT, 0, 0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
