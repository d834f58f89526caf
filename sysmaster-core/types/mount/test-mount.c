/* test-mount.c - mount units: every cell of the state machine, with and without a crash; the kernel's table; /etc/fstab */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "types/mount/mount.h"
#include "types/test-host.h"

extern const struct unit_type unit_type_mount, unit_type_target, unit_type_slice, unit_type_device;
static const struct unit_type *const types[] = { &unit_type_mount, &unit_type_target, &unit_type_slice, &unit_type_service, &unit_type_device, NULL };

static char table_path[128];
#define ROOT_LINE "1 0 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
#define SRV_LINE "30 1 8:2 / /srv rw,nosuid - ext4 /dev/sda2 rw\n"

static void write_table(const char *lines)
{
	FILE *f = fopen(table_path, "we");

	assert_non_null(f);
	fputs(lines, f);
	fclose(f);
}

static int setup(void **state)
{
	fake_new(types);
	snprintf(table_path, sizeof(table_path), "%s/mountinfo", fake.root);
	write_table(ROOT_LINE);
	mount_table_use(table_path);
	setenv("SYSMASTER_FSTAB", "/nonexistent/fstab", 1);
	return 0;
}

static int teardown(void **state)
{
	mount_table_close(NULL);
	fake_free();
	return 0;
}

static void kernel_says(const char *lines)
{
	write_table(lines);
	mount_table_read(fake.set);
}

static struct mount_unit *load(const char *options)
{
	char text[1024];

	assert_int_equal(unit_type_mount.enumerate(fake.set), 0);
	snprintf(text, sizeof(text), "[Unit]\nDefaultDependencies=no\nStartLimitBurst=0\n[Mount]\nWhat=/dev/sda2\nWhere=/srv\nType=ext4\n%s", options);
	fake_file("srv.mount", text);
	return MOUNT(fake_load("srv.mount"));
}

static struct mount_unit *crash(struct mount_unit *m)
{
	struct unit *u;

	mount_table_close(NULL);
	u = fake_crash(&m->u);                          /* coldplug before the table is read: put right by what follows */
	assert_int_equal(unit_type_mount.enumerate(fake.set), 0);
	u->type->coldplug(u);
	return MOUNT(u);
}

/* ---- the state machine ---- */

enum event { START, STOP, RELOAD, OK, BAD, LATE, APPEARS, VANISHES, N_EVENTS };
static const char *const event_names[] = { "start", "stop", "reload", "ok", "bad", "late", "appears", "vanishes" };
#define NO(r) { -(r), N_MOUNT_STATES }
#define TO(s) { 0, MOUNT_##s }
#define STAY { 0, N_MOUNT_STATES }
static const struct cell { int r; enum mount_state to; } cells[N_MOUNT_STATES][N_EVENTS] = {
	/*                         start         stop                   reload      ok             bad            late                    appears            vanishes */
	[MOUNT_DEAD] =           { TO(MOUNTING), NO(EALREADY),          NO(EAGAIN), STAY,          STAY,          STAY,                   TO(MOUNTED),       STAY },
	[MOUNT_MOUNTING] =       { STAY,         TO(UNMOUNTING_SIGTERM), NO(EAGAIN), TO(FAILED),    TO(FAILED),    TO(UNMOUNTING_SIGTERM), TO(MOUNTING_DONE), STAY },
	[MOUNT_MOUNTING_DONE] =  { STAY,         TO(UNMOUNTING_SIGTERM), NO(EAGAIN), TO(MOUNTED),   TO(MOUNTED),   TO(UNMOUNTING_SIGTERM), STAY,              TO(MOUNTING) },
	[MOUNT_MOUNTED] =        { NO(EALREADY), TO(UNMOUNTING),        TO(REMOUNTING), STAY,      STAY,          STAY,                   STAY,              TO(DEAD) },
	[MOUNT_REMOUNTING] =     { NO(EALREADY), TO(UNMOUNTING),        NO(EAGAIN), TO(MOUNTED),   TO(MOUNTED),   TO(REMOUNTING_SIGTERM), STAY,              STAY },
	[MOUNT_UNMOUNTING] =     { NO(EAGAIN),   STAY,                  NO(EAGAIN), STAY,          TO(MOUNTED),   TO(UNMOUNTING_SIGTERM), STAY,              STAY },
	[MOUNT_REMOUNTING_SIGTERM] = { NO(EALREADY), TO(UNMOUNTING),    NO(EAGAIN), TO(MOUNTED),   TO(MOUNTED),   TO(REMOUNTING_SIGKILL), STAY,              STAY },
	[MOUNT_REMOUNTING_SIGKILL] = { NO(EALREADY), TO(UNMOUNTING),    NO(EAGAIN), TO(MOUNTED),   TO(MOUNTED),   TO(MOUNTED),            STAY,              STAY },
	[MOUNT_UNMOUNTING_SIGTERM] = { NO(EAGAIN), STAY,                NO(EAGAIN), TO(MOUNTED),   TO(MOUNTED),   TO(UNMOUNTING_SIGKILL), STAY,              STAY },
	[MOUNT_UNMOUNTING_SIGKILL] = { NO(EAGAIN), STAY,                NO(EAGAIN), TO(MOUNTED),   TO(MOUNTED),   TO(MOUNTED),            STAY,              STAY },
	[MOUNT_FAILED] =         { TO(MOUNTING), NO(EALREADY),          NO(EAGAIN), STAY,          STAY,          STAY,                   TO(MOUNTED),       STAY },
};

static bool is_in_kernel(enum mount_state s) { return s != MOUNT_DEAD && s != MOUNT_FAILED && s != MOUNT_MOUNTING; }

static void lead_to(struct mount_unit *m, enum mount_state to)
{
	const struct unit_type *t = &unit_type_mount;

	if (to == MOUNT_DEAD)
		return;
	if (to == MOUNT_MOUNTING || to == MOUNT_MOUNTING_DONE || to == MOUNT_FAILED) {
		assert_int_equal(t->start(&m->u), 0);
		if (to == MOUNT_MOUNTING_DONE)
			kernel_says(ROOT_LINE SRV_LINE);
		if (to == MOUNT_FAILED)
			fake_child(&m->u, m->control.token, CLD_EXITED, 32);
		return;
	}
	kernel_says(ROOT_LINE SRV_LINE);
	if (to == MOUNT_REMOUNTING || to == MOUNT_REMOUNTING_SIGTERM || to == MOUNT_REMOUNTING_SIGKILL)
		assert_int_equal(t->reload(&m->u), 0);
	else if (to != MOUNT_MOUNTED)
		assert_int_equal(t->stop(&m->u), 0);
	while (m->state != to)
		m->control.late(&m->u);
	m->result = RESULT_SUCCESS;
}

static void happens(struct mount_unit *m, enum event e, int expected)
{
	const struct unit_type *t = &unit_type_mount;

	switch (e) {
	case START:
		assert_int_equal(t->start(&m->u), expected);
		break;
	case STOP:
		assert_int_equal(t->stop(&m->u), expected);
		break;
	case RELOAD:
		assert_int_equal(t->reload(&m->u), expected);
		break;
	case OK:
	case BAD:
		fake_child(&m->u, m->control.token, CLD_EXITED, e == BAD ? 32 : 0);
		break;
	case LATE:
		m->control.late(&m->u);
		break;
	case APPEARS:
		kernel_says(ROOT_LINE SRV_LINE);
		break;
	case VANISHES:
		kernel_says(ROOT_LINE);
		break;
	case N_EVENTS:
		break;
	}
}

static void walk(bool after_crash)
{
	void *none = NULL;

	for (enum mount_state from = 0; from < N_MOUNT_STATES; from++)
		for (enum event e = 0; e < N_EVENTS; e++) {
			struct cell c = cells[from][e];
			enum mount_state to = c.to == N_MOUNT_STATES ? from : c.to;
			struct mount_unit *m;

			setup(&none);
			m = load("");
			assert_int_equal(m->u.load_state, UNIT_LOADED);
			lead_to(m, from);
			assert_int_equal(m->state, from);
			assert_int_equal(m->in_kernel, is_in_kernel(from));
			if (after_crash)
				m = crash(m);
			assert_int_equal(m->state, from);
			happens(m, e, c.r);
			if (m->state != to)
				fail_msg("state %d, %s: in state %d, expected %d", from, event_names[e], m->state, to);
			assert_int_equal(m->control.token != 0, to != MOUNT_DEAD && to != MOUNT_FAILED && to != MOUNT_MOUNTED);
			teardown(&none);
		}
	setup(&none);
}

static void every_cell(void **state) { teardown(state); walk(false); }
static void every_cell_after_a_crash(void **state) { teardown(state); walk(true); }

static void commands(void **state)
{
	struct mount_unit *m = load("Options=nofail,noatime\nSloppyOptions=yes\nReadWriteOnly=yes\nLazyUnmount=yes\nForceUnmount=yes\n");

	assert_int_equal(m->u.type->start(&m->u), 0);
	assert_string_equal(fake_last_words(), "/bin/mount /dev/sda2 /srv -s -w -t ext4 -o noatime");
	write_table(ROOT_LINE SRV_LINE);                /* seen only when mount(8) has ended */
	fake_child(&m->u, m->control.token, CLD_EXITED, 0);
	assert_int_equal(m->state, MOUNT_MOUNTED);
	assert_int_equal(m->u.type->reload(&m->u), 0);
	assert_string_equal(fake_last_words(), "/bin/mount /dev/sda2 /srv -t ext4 -o remount,noatime");
	fake_child(&m->u, m->control.token, CLD_EXITED, 1);
	assert_int_equal(m->state, MOUNT_MOUNTED);
	assert_int_equal(m->reload_result, RESULT_EXIT_CODE);
	assert_int_equal(m->result, RESULT_SUCCESS);
	assert_int_equal(m->u.type->stop(&m->u), 0);
	assert_string_equal(fake_last_words(), "/bin/umount /srv -c -l -f");
	write_table(ROOT_LINE);
	fake_child(&m->u, m->control.token, CLD_EXITED, 0);
	assert_int_equal(m->state, MOUNT_DEAD);
}

static void mounted_twice(void **state)
{
	struct mount_unit *m = load("");

	kernel_says(ROOT_LINE SRV_LINE SRV_LINE);
	assert_int_equal(m->u.type->stop(&m->u), 0);
	write_table(ROOT_LINE SRV_LINE);
	fake_child(&m->u, m->control.token, CLD_EXITED, 0);
	assert_int_equal(m->state, MOUNT_UNMOUNTING);
	assert_int_equal(fake.n_spawns, 2);
	write_table(ROOT_LINE);
	fake_child(&m->u, m->control.token, CLD_EXITED, 0);
	assert_int_equal(m->state, MOUNT_DEAD);
}

static void nothing_mounted(void **state)
{
	struct mount_unit *m = load("");

	assert_int_equal(m->u.type->start(&m->u), 0);
	fake_child(&m->u, m->control.token, CLD_EXITED, 0);
	assert_int_equal(m->state, MOUNT_FAILED);
	assert_int_equal(m->result, RESULT_PROTOCOL);
}

/* ---- the kernel's table ---- */

static void units_come_and_go(void **state)
{
	struct unit *u;

	assert_int_equal(unit_type_mount.enumerate(fake.set), 0);
	assert_int_equal(unit_active(fake_load("-.mount")), UNIT_ACTIVE);
	assert_int_equal(fake_load("opt-a.mount")->load_state, UNIT_NOT_FOUND);
	kernel_says(ROOT_LINE "40 1 0:9 / /opt/a rw - tmpfs tmpfs rw,size=10k\n41 1 0:9 / /opt/b\\040c rw - tmpfs tmpfs rw\n42 1 0:4 / /proc rw - proc proc rw\n");
	u = fake_load("opt-a.mount");
	assert_int_equal(u->load_state, UNIT_LOADED);
	assert_int_equal(unit_active(u), UNIT_ACTIVE);
	assert_string_equal(MOUNT(u)->kernel.options, "rw,size=10k");
	assert_true(unit_has_dep(u, DEP_BEFORE, fake_load("umount.target")));
	assert_true(unit_has_dep(u, DEP_AFTER, fake_load("-.mount")));
	assert_int_equal(unit_active(fake_load("opt-b\\x20c.mount")), UNIT_ACTIVE);
	assert_null(unit_get(fake.set, "proc.mount"));
	kernel_says(ROOT_LINE);
	assert_int_equal(unit_active(u), UNIT_INACTIVE);
	assert_int_equal(u->type->start(u), -EINVAL);   /* nobody knows how */
	assert_int_equal(unit_type_mount.stop(fake_load("-.mount")), -EPERM);
}

static void lines(void **state)
{
	static const struct { const char *line; int r; const char *where, *what, *options; } rows[] = {
		{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue", 0, "/mnt2", "/dev/root", "rw,noatime,errors=continue" },
		{ "36 35 98:0 / /a\\040b\\134 ro - tmpfs  rw", 0, "/a b\\", "", "ro" },
		{ "36 35 98:0 / /a rw - tmpfs tmpfs", 0, "/a", "tmpfs", "rw" },
		{ "36 35 98:0 / /a rw", -EBADMSG, NULL, NULL, NULL },
		{ "36 35 98:0 / a rw - tmpfs tmpfs rw", -EBADMSG, NULL, NULL, NULL },
		{ "", -EBADMSG, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *line = strdup(rows[i].line);
		struct mountinfo m;

		assert_int_equal(mountinfo_parse(line, &m), rows[i].r);
		if (rows[i].r)
			continue;
		assert_string_equal(m.where, rows[i].where);
		assert_string_equal(m.what, rows[i].what);
		assert_string_equal(m.options, rows[i].options);
		free(m.options);
	}
}

/* ---- loading ---- */

static bool has(const char *a, enum dep_kind k, const char *b) { return unit_has_dep(fake_load(a), k, fake_load(b)); }

static void dependencies(void **state)
{
	fake_file("srv.mount", "[Mount]\nWhat=/dev/sda2\nWhere=/srv\nOptions=usrquota\n");
	fake_file("srv-nfs.mount", "[Mount]\nWhat=server:/x\nWhere=/srv/nfs\nType=nfs\n");
	fake_file("opt.mount", "[Mount]\nWhat=tmpfs\nWhere=/opt\nType=tmpfs\nOptions=nofail\n");
	assert_true(has("srv.mount", DEP_BEFORE, "local-fs.target"));
	assert_true(has("srv.mount", DEP_AFTER, "local-fs-pre.target"));
	assert_true(has("srv.mount", DEP_CONFLICTS, "umount.target"));
	assert_true(has("srv.mount", DEP_WANTS, "quotaon.service"));
	assert_true(has("srv-nfs.mount", DEP_BEFORE, "remote-fs.target"));
	assert_true(has("srv-nfs.mount", DEP_AFTER, "network.target"));
	assert_true(has("srv-nfs.mount", DEP_WANTS, "network-online.target"));
	assert_true(has("srv-nfs.mount", DEP_REQUIRES, "srv.mount"));
	assert_true(has("srv-nfs.mount", DEP_AFTER, "srv.mount"));
	assert_false(has("opt.mount", DEP_BEFORE, "local-fs.target"));
	assert_true(has("opt.mount", DEP_AFTER, "swap.target"));
}

static void bad_files(void **state)
{
	fake_file("a.mount", "[Mount]\nWhat=/dev/sda2\nWhere=/b\n");
	fake_file("b.mount", "[Mount]\nWhere=/b\n");
	fake_file("proc.mount", "[Mount]\nWhat=proc\nWhere=/proc\nType=proc\n");
	assert_int_equal(fake_load("a.mount")->load_state, UNIT_BAD_SETTING);
	assert_int_equal(fake_load("b.mount")->load_state, UNIT_BAD_SETTING);
	assert_int_equal(fake_load("proc.mount")->load_state, UNIT_BAD_SETTING);
	assert_int_equal(fake.n_diags, 3);
}

static void fstab_makes_units(void **state)
{
	static char path[128];
	struct mount_unit *m;

	snprintf(path, sizeof(path), "%s/fstab", fake.root);
	setenv("SYSMASTER_FSTAB", path, 1);
	fake_file("/fstab", "# a comment\nUUID=12-ab / ext4 errors=remount-ro 0 1\n"
			    "LABEL=my\\040disk /data ext4 defaults,noatime,x-systemd.requires=a.service,x-systemd.mount-timeout=7s 0 2\n"
			    "tmpfs /opt tmpfs nofail\n/dev/sdz1 /media/x auto noauto,user 0 0\n/dev/sdb none swap sw 0 0\n"
			    "server:/x /net nfs defaults 0 0\nbroken\n");
	fake_file("/etc/systemd/system/net.mount", "[Mount]\nWhat=other:/y\nWhere=/net\nType=nfs\n");
	assert_int_equal(unit_type_mount.enumerate(fake.set), 0);
	m = MOUNT(fake_load("data.mount"));
	assert_int_equal(m->u.load_state, UNIT_LOADED);
	assert_string_equal(m->file.what, "/dev/disk/by-label/my\\x20disk");
	assert_string_equal(m->file.options, "defaults,noatime,x-systemd.requires=a.service,x-systemd.mount-timeout=7s");
	assert_int_equal(m->timeout_usec, 7 * USEC_PER_SEC);
	assert_true(has("data.mount", DEP_REQUIRES, "a.service"));
	assert_true(has("data.mount", DEP_AFTER, "a.service"));
	assert_true(has("local-fs.target", DEP_REQUIRES, "data.mount"));
	assert_true(has("local-fs.target", DEP_WANTS, "opt.mount"));
	assert_false(has("local-fs.target", DEP_REQUIRES, "opt.mount"));
	assert_false(has("local-fs.target", DEP_WANTS, "media-x.mount"));
	assert_int_equal(fake_load("media-x.mount")->load_state, UNIT_LOADED);
	assert_true(has("local-fs.target", DEP_WANTS, "systemd-remount-fs.service"));
	assert_string_equal(MOUNT(fake_load("net.mount"))->file.what, "other:/y");     /* a file in /etc goes first */
	fake_file("/fstab", "LABEL=my\\040disk /data ext4 defaults 0 2\n/dev/sdy1 /more ext4 defaults 0 0\n");
	assert_int_equal(unit_reload_all(fake.set), 0);
	assert_true(has("local-fs.target", DEP_REQUIRES, "data.mount"));
	assert_non_null(unit_get(fake.set, "more.mount"));
	assert_true(has("local-fs.target", DEP_REQUIRES, "more.mount"));
	assert_string_equal(m->file.what, "/dev/disk/by-label/my\\x20disk");
}

static void rows_are_sorted(void **state) { check_rows(&unit_type_mount); }

/* ---- targets and slices, which have little to test ---- */

static void target_orders_what_it_wants(void **state)
{
	struct unit *t;

	fake_file("x.target", "[Unit]\nWants=a.service b.service\nRequires=c.service d.service\nBefore=d.service\n");
	fake_file("a.service", "[Service]\n");
	fake_file("b.service", "[Unit]\nDefaultDependencies=no\n[Service]\n");
	fake_file("c.service", "[Service]\n");
	fake_file("d.service", "[Service]\n");
	t = fake_load("x.target");
	assert_true(has("x.target", DEP_AFTER, "a.service"));
	assert_false(has("x.target", DEP_AFTER, "b.service"));
	assert_true(has("x.target", DEP_AFTER, "c.service"));
	assert_false(has("x.target", DEP_AFTER, "d.service"));
	assert_true(has("x.target", DEP_CONFLICTS, "shutdown.target"));
	assert_int_equal(t->type->start(t), 0);
	assert_int_equal(t->type->start(t), -EALREADY);
	assert_int_equal(unit_active(fake_crash(t)), UNIT_ACTIVE);
	t = fake_load("x.target");
	assert_int_equal(t->type->stop(t), 0);
	assert_int_equal(unit_active(t), UNIT_INACTIVE);
}

static void slices_nest(void **state)
{
	assert_int_equal(unit_type_slice.enumerate(fake.set), 0);
	assert_int_equal(unit_active(fake_load("-.slice")), UNIT_ACTIVE);
	assert_int_equal(unit_active(fake_load("system.slice")), UNIT_ACTIVE);
	assert_ptr_equal(unit_slice(fake_load("a-b-c.slice")), fake_load("a-b.slice"));
	assert_ptr_equal(unit_slice(fake_load("a.slice")), fake_load("-.slice"));
	assert_true(has("a-b.slice", DEP_REQUIRES, "a.slice"));
	assert_true(has("a-b.slice", DEP_AFTER, "a.slice"));
	assert_int_equal(fake_load("a--b.slice")->load_state, UNIT_BAD_SETTING);
	fake_file("c-d.slice", "[Slice]\nSlice=e.slice\n");
	assert_int_equal(fake_load("c-d.slice")->load_state, UNIT_BAD_SETTING);
	fake_file("srv.mount", "[Mount]\nWhat=/dev/sda2\nWhere=/srv\n");
	assert_ptr_equal(unit_slice(fake_load("srv.mount")), fake_load("system.slice"));
	assert_int_equal(unit_type_slice.stop(fake_load("system.slice")), -EPERM);
	assert_int_equal(unit_type_slice.start(fake_load("a.slice")), 0);
	assert_int_equal(unit_active(fake_crash(fake_load("a.slice"))), UNIT_ACTIVE);
}

static bool depends(struct mount_unit *m, enum dep_kind k, const char *name)
{
	struct unit *other = unit_get(fake.set, name);

	return other && unit_has_dep(&m->u, k, other);
}

/* the file's device until it is mounted, then the kernel's alone */
static void device_deps_follow_the_table(void **state)
{
	struct mount_unit *m = load("");

	for (int i = 0; i < 2; i++) {
		assert_true(depends(m, DEP_REQUIRES, "dev-sda2.device") && depends(m, DEP_AFTER, "dev-sda2.device"));
		assert_true(depends(m, DEP_STOP_PROPAGATED_FROM, "dev-sda2.device") && !depends(m, DEP_BINDS_TO, "dev-sda2.device"));
		assert_int_equal(m->u.type->start(&m->u), 0);
		kernel_says(ROOT_LINE "30 1 7:3 / /srv rw - ext4 /dev/loop3 rw\n");
		fake_child(&m->u, m->control.token, CLD_EXITED, 0);
		assert_int_equal(m->state, MOUNT_MOUNTED);
		for (int again = 0; again < 2; again++) {
			assert_false(depends(m, DEP_REQUIRES, "dev-sda2.device") || depends(m, DEP_AFTER, "dev-sda2.device"));
			assert_true(depends(m, DEP_AFTER, "dev-loop3.device") && depends(m, DEP_REQUIRES, "dev-loop3.device"));
			assert_true(depends(m, DEP_STOP_PROPAGATED_FROM, "dev-loop3.device") && !depends(m, DEP_BINDS_TO, "dev-loop3.device"));
			assert_int_equal(unit_reload_all(fake.set), 0);
		}
		kernel_says(ROOT_LINE);
		assert_int_equal(m->state, MOUNT_DEAD);
		assert_false(depends(m, DEP_REQUIRES, "dev-loop3.device") || depends(m, DEP_AFTER, "dev-loop3.device"));
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(device_deps_follow_the_table), T(every_cell), T(every_cell_after_a_crash), T(commands), T(mounted_twice), T(nothing_mounted), T(units_come_and_go), T(lines),
		T(dependencies), T(bad_files), T(fstab_makes_units), T(rows_are_sorted), T(target_orders_what_it_wants), T(slices_nest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
