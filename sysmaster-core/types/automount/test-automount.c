/* test-automount.c - automount units: the way up and down, requests with a crash between any two steps, idle mounts, /etc/fstab */
#include <fcntl.h>
#include <linux/auto_fs.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "core.ipc.h"
#include "types/automount/automount.h"
#include "types/mount/mount.h"
#include "types/test-host.h"

extern const struct unit_type unit_type_automount, unit_type_mount, unit_type_target, unit_type_slice;
static const struct unit_type *const types[] = { &unit_type_automount, &unit_type_mount, &unit_type_target, &unit_type_slice, &unit_type_service, NULL };

/* ---- the kernel's part ---- */

static struct { uint32_t token; int error; } answers[16];
static unsigned n_answers;
static int there;                       /* what find() says */
static int kernel_end;                  /* the writing end of the pipe */

static int fake_find(const char *where, uint32_t *ret)
{
	*ret = 77;
	return there;
}

static int fake_answer(const char *where, uint32_t dev, uint32_t token, int error)
{
	assert_string_equal(where, "/srv");
	assert_int_equal(dev, 77);
	assert_true(n_answers < ARRAY_SIZE(answers));
	answers[n_answers].token = token;
	answers[n_answers++].error = error;
	return 0;
}
static const struct autofs_kernel fake_kernel = { fake_find, fake_answer };

static void packet(int type, uint32_t token)
{
	struct autofs_v5_packet p = { .hdr = { 5, type }, .wait_queue_token = token, .pid = 1234 };
	char whole[sizeof(union autofs_v5_packet_union)] = { 0 };

	memcpy(whole, &p, sizeof(p));
	assert_int_equal(write(kernel_end, whole, sizeof(whole)), sizeof(whole));
}

static char table_path[128];
static void write_table(const char *lines)
{
	FILE *f = fopen(table_path, "we");

	assert_non_null(f);
	fputs("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n", f);
	fputs(lines, f);
	fclose(f);
}

static int setup(void **state)
{
	fake_new(types);
	snprintf(table_path, sizeof(table_path), "%s/mountinfo", fake.root);
	write_table("");
	mount_table_use(table_path);
	setenv("SYSMASTER_FSTAB", "/nonexistent/fstab", 1);
	autofs_kernel = &fake_kernel;
	n_answers = 0;
	there = 0;
	kernel_end = -1;
	fake_file("srv.mount", "[Unit]\nDefaultDependencies=no\n[Mount]\nWhat=tmpfs\nWhere=/srv\nType=tmpfs\n");
	return 0;
}

static int teardown(void **state)
{
	closep(&kernel_end);
	mount_table_close(NULL);
	fake_free();
	return 0;
}

static struct unit *load(const char *lines)
{
	char text[512];

	snprintf(text, sizeof(text), "[Unit]\nDefaultDependencies=no\n[Automount]\n%s", lines);
	fake_file("srv.automount", text);
	return fake_load("srv.automount");
}

static const char *sub(const struct unit *u) { return u->type->sub(u); }

/* the fake host closes the other end with the spawn: a new pipe takes the place of the old one, as if the kernel held it */
static void give_pipe(struct unit *u)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK | O_DIRECT), 0);
	assert_int_equal(dup3(fds[0], AUTOMOUNT(u)->pipe.fd, O_CLOEXEC), AUTOMOUNT(u)->pipe.fd);
	assert_int_equal(fake.host.store_fd(u, "autofs", fds[0]), 0);
	close(fds[0]);
	kernel_end = fds[1];
}

static struct unit *up(const char *lines)
{
	struct unit *u = load(lines);

	assert_int_equal(u->type->start(u), 0);
	assert_string_equal(sub(u), "mounting");
	assert_string_equal(fake_last_words(), "autofs /srv");
	give_pipe(u);
	fake_child(u, fake_last_token(), CLD_EXITED, 0);
	assert_string_equal(sub(u), "waiting");
	return u;
}

static void mount_comes(void)
{
	struct unit *m = fake_load("srv.mount");

	MOUNT(m)->in_kernel = true;
	mount_appeared(MOUNT(m));
}

static void mount_goes(void)
{
	struct unit *m = fake_load("srv.mount");

	MOUNT(m)->in_kernel = false;
	mount_vanished(MOUNT(m));
}

/* ---- tests ---- */

static void rows(void **state) { check_rows(&unit_type_automount); }

static void request(void **state)
{
	struct unit *u = up("");

	packet(autofs_ptype_missing_direct, 5);
	fake_turn(0);
	assert_string_equal(sub(u), "running");
	assert_int_equal(fake.n_submits, 1);
	assert_string_equal(fake.submits[0].unit->id, "srv.mount");
	assert_int_equal(fake.submits[0].type, IPC_JOB_TYPE_START);
	mount_comes();
	assert_int_equal(n_answers, 1);
	assert_int_equal(answers[0].token, 5);
	assert_int_equal(answers[0].error, 0);
	fake_turn(0);                                   /* the note was stored: out of the pipe with it */
	fake_turn(0);
	assert_int_equal(n_answers, 1);
	mount_goes();
	assert_string_equal(sub(u), "waiting");
	packet(autofs_ptype_missing_direct, 6);
	fake_turn(0);
	assert_int_equal(fake.n_submits, 2);
}

/* a crash before the note is stored: the packet is still in the pipe; after it: packet and note are one request */
static void request_and_crash(void **state)
{
	struct unit *u = up("");

	packet(autofs_ptype_missing_direct, 5);
	u = fake_crash(u);
	assert_string_equal(sub(u), "waiting");
	fake_turn(0);
	assert_string_equal(sub(u), "running");
	assert_int_equal(fake.n_submits, 1);
	u = fake_crash(u);
	for (int i = 0; i < 3; i++)
		fake_turn(10);
	assert_int_equal(AUTOMOUNT(u)->tokens.n, 0);    /* the double's mount has no job: the request has failed */
	assert_int_equal(n_answers, 1);
	assert_int_equal(answers[0].error, -ENODEV);
	packet(autofs_ptype_missing_direct, 6);
	fake_turn(0);
	mount_comes();
	u = fake_crash(u);                              /* answered, and the record says so */
	assert_int_equal(n_answers, 2);
	assert_int_equal(answers[1].token, 6);
	assert_int_equal(answers[1].error, 0);
}

static void failed_mount(void **state)
{
	struct unit *u = up(""), *m = fake_load("srv.mount");

	packet(autofs_ptype_missing_direct, 9);
	fake_turn(0);
	m->type->start(m);
	fake_child(m, fake_last_token(), CLD_EXITED, 32);
	assert_int_equal(unit_active(m), UNIT_FAILED);
	assert_int_equal(n_answers, 1);
	assert_int_equal(answers[0].error, -ENODEV);
	assert_string_equal(sub(u), "waiting");
}

static void stop_answers(void **state)
{
	struct unit *u = up(""), *m = fake_load("srv.mount");

	packet(autofs_ptype_missing_direct, 3);
	fake_turn(0);
	m->type->start(m);                              /* and hangs */
	assert_int_equal(u->type->stop(u), 0);
	assert_int_equal(n_answers, 1);
	assert_int_equal(answers[0].error, -EHOSTDOWN);
	assert_string_equal(sub(u), "unmounting");
	assert_string_equal(fake_last_words(), "detach /srv");
	u = fake_crash(u);
	assert_string_equal(sub(u), "unmounting");
	u->type->respawn(u, AUTOMOUNT_ROLE_CONTROL);
	fake_child(u, fake_last_token(), CLD_EXITED, 0);
	assert_string_equal(sub(u), "dead");
	assert_int_equal(fake.n_fds, 0);
}

static void idle(void **state)
{
	struct unit *u = up("TimeoutIdleSec=1s\n");

	mount_comes();
	packet(autofs_ptype_missing_direct, 1);
	fake_turn(0);
	fake_turn(0);
	assert_int_equal(n_answers, 1);
	fake_turn(3000);                                /* the timer */
	assert_string_equal(fake_last_words(), "autofs-expire /srv");
	u = fake_crash(u);
	mount_comes();
	packet(autofs_ptype_expire_direct, 2);
	for (int i = 0; i < 3; i++)
		fake_turn(0);
	assert_int_equal(fake.submits[fake.n_submits - 1].type, IPC_JOB_TYPE_STOP);
	n_answers = 0;
	mount_goes();
	assert_int_equal(n_answers, 1);
	assert_int_equal(answers[0].token, 2);
	assert_int_equal(answers[0].error, 0);
	assert_string_equal(sub(u), "waiting");
}

static void taken_away(void **state)
{
	struct unit *u = up("");

	closep(&kernel_end);
	fake_turn(0);
	assert_string_equal(sub(u), "failed");
	assert_int_equal(AUTOMOUNT(u)->result, AUTOMOUNT_RES_UNMOUNTED);
	u->type->reset_failed(u);
	assert_string_equal(sub(u), "dead");
}

static void helper_fails(void **state)
{
	struct unit *u = load("");

	assert_int_equal(u->type->start(u), 0);
	u = fake_crash(u);
	u->type->respawn(u, AUTOMOUNT_ROLE_CONTROL);    /* it had never been asked for */
	assert_string_equal(sub(u), "mounting");
	assert_int_equal(fake.n_fds, 1);
	fake_child(u, fake_last_token(), CLD_EXITED, 203);
	assert_string_equal(sub(u), "failed");
	there = -ENOENT;
	assert_int_equal(u->type->start(u), 0);
	fake_child(u, fake_last_token(), CLD_EXITED, 0);
	assert_string_equal(sub(u), "failed");          /* it says that all is well, and nothing is there */
}

static void refused(void **state)
{
	struct unit *u = load("Where=/other\n");

	assert_int_equal(u->load_state, UNIT_BAD_SETTING);
	fake_file("-.automount", "[Automount]\nWhere=/\n");
	assert_int_equal(fake_load("-.automount")->load_state, UNIT_BAD_SETTING);
	fake_file("none.automount", "[Unit]\nDefaultDependencies=no\n[Automount]\nWhere=/none\n");
	u = fake_load("none.automount");
	assert_int_equal(u->type->start(u), -ENOENT);   /* no mount for it */
}

static void fstab(void **state)
{
	char path[128];
	struct unit *u, *m;

	fake_file("/etc/fstab", "/dev/sda2 /data ext4 x-systemd.automount,x-systemd.idle-timeout=2min,noauto 0 0\nsrv:/x /net nfs x-systemd.automount,nofail 0 0\n");
	snprintf(path, sizeof(path), "%s/etc/fstab", fake.root);
	setenv("SYSMASTER_FSTAB", path, 1);
	fake_file("local-fs.target", "[Unit]\n");
	fake_file("remote-fs.target", "[Unit]\n");
	assert_int_equal(mount_stub_fstab(fake.set), 0);
	u = fake_load("data.automount");
	m = fake_load("data.mount");
	assert_int_equal(AUTOMOUNT(u)->idle_usec, 120 * USEC_PER_SEC);
	assert_true(unit_has_dep(fake_load("local-fs.target"), DEP_REQUIRES, u));
	assert_false(unit_has_dep(fake_load("local-fs.target"), DEP_REQUIRES, m));
	assert_true(unit_has_dep(u, DEP_TRIGGERS, m));
	assert_true(unit_has_dep(u, DEP_BEFORE, m));
	u = fake_load("net.automount");
	assert_true(unit_has_dep(fake_load("remote-fs.target"), DEP_WANTS, u));
}

static void packets(void **state)
{
	struct autofs_v5_packet p = { .hdr = { 5, autofs_ptype_expire_direct }, .wait_queue_token = 7, .uid = 3 };
	struct autofs_request q;

	assert_int_equal(autofs_decode(&p, sizeof(p), &q), 0);
	assert_true(q.expire);
	assert_int_equal(q.token, 7);
	assert_int_equal(autofs_decode(&p, 20, &q), -EBADMSG);
	p.hdr.type = autofs_ptype_missing;
	assert_int_equal(autofs_decode(&p, sizeof(p), &q), -EBADMSG);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows), TEST(request), TEST(request_and_crash), TEST(failed_mount), TEST(stop_answers), TEST(idle), TEST(taken_away),
		TEST(helper_fails), TEST(refused), TEST(fstab), TEST(packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
