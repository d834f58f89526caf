/* test-device.c - device units out of a udev database and out of monitor messages */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <cmocka.h>
#include "types/device/devinfo.h"
#include "types/test-host.h"

extern const struct unit_type unit_type_device, unit_type_target;
static const struct unit_type *const types[] = { &unit_type_device, &unit_type_target, &unit_type_service, NULL };
static char udev[128], sys[128];

#define DISK "/devices/pci0/block/sda1"

static int setup(void **state)
{
	char from[256], to[256];

	fake_new(types);
	snprintf(udev, sizeof(udev), "%s/udev", fake.root);
	snprintf(sys, sizeof(sys), "%s/sys", fake.root);
	devinfo_use(udev, sys);
	setenv("SYSMASTER_FSTAB", "/nonexistent/fstab", 1);
	fake_file("/sys" DISK "/uevent", "MAJOR=8\nMINOR=1\nDEVNAME=sda1\nDEVTYPE=partition\n");
	fake_file("/sys/dev/block/.keep", "");
	snprintf(from, sizeof(from), "%s" DISK, sys);
	snprintf(to, sizeof(to), "%s/dev/block/8:1", sys);
	assert_int_equal(symlink(from, to), 0);
	fake_load("a.target");                          /* enumerate() goes by the first unit */
	return 0;
}

static int teardown(void **state)
{
	device_monitor_close();
	fake_free();
	return 0;
}

static void plug(const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text), "S:disk/by-uuid/12-ab\nI:100\nE:ID_MODEL=Great_Disk\n%sG:systemd\nQ:systemd\nV:1\n", more);
	fake_file("/udev/data/b8:1", text);
	fake_file("/udev/tags/systemd/b8:1", "");
}

static void from_the_database(void **state)
{
	struct unit *u;

	plug("E:SYSTEMD_ALIAS=/dev/other /sys/x\nE:SYSTEMD_WANTS=a.service b@.service\n");
	u = fake_load("dev-sda1.device");
	assert_int_equal(unit_active(u), UNIT_INACTIVE);
	assert_int_equal(u->job_running_timeout_usec, 90 * USEC_PER_SEC);
	assert_int_equal(unit_type_device.enumerate(fake.set), 0);
	assert_int_equal(unit_active(u), UNIT_ACTIVE);
	assert_int_equal(unit_active(fake_load("dev-disk-by\\x2duuid-12\\x2dab.device")), UNIT_ACTIVE);
	assert_int_equal(unit_active(fake_load("dev-other.device")), UNIT_ACTIVE);
	assert_int_equal(unit_active(fake_load("sys-x.device")), UNIT_ACTIVE);
	assert_string_equal(u->description, "Great_Disk");
	u = fake_load("sys-devices-pci0-block-sda1.device");
	assert_int_equal(unit_active(u), UNIT_ACTIVE);
	assert_true(unit_has_dep(u, DEP_WANTS, fake_load("a.service")));
	assert_true(unit_has_dep(u, DEP_WANTS, fake_load("b@sys-devices-pci0-block-sda1.service")));
	assert_int_equal(unit_active(fake_load("dev-sdb.device")), UNIT_INACTIVE);
}

static void not_ready_or_not_tagged(void **state)
{
	plug("E:SYSTEMD_READY=0\n");
	assert_int_equal(unit_type_device.enumerate(fake.set), 0);
	assert_int_equal(unit_active(fake_load("dev-sda1.device")), UNIT_INACTIVE);
	fake_file("/udev/data/b8:1", "G:systemd\nV:1\n");       /* a tag of old */
	assert_int_equal(unit_type_device.enumerate(fake.set), 0);
	assert_int_equal(unit_active(fake_load("dev-sda1.device")), UNIT_INACTIVE);
}

static void gone_while_core_was_away(void **state)
{
	struct unit *u;
	char path[256];

	plug("");
	assert_int_equal(unit_type_device.enumerate(fake.set), 0);
	u = fake_load("dev-sda1.device");
	snprintf(path, sizeof(path), "%s/tags/systemd/b8:1", udev);
	unlink(path);
	device_monitor_close();
	u = fake_crash(u);
	assert_int_equal(unit_type_device.enumerate(fake.set), 0);
	u->type->coldplug(u);
	assert_int_equal(unit_active(u), UNIT_INACTIVE);
}

static size_t message(char *out, size_t size, const char *text, size_t n)
{
	struct { char prefix[8]; uint32_t magic, header, off, len, rest[4]; } h = { "libudev", htobe32(0xfeedcafe), 40, 40, (uint32_t)n, { 0 } };

	assert_true(sizeof(h) + n <= size);
	memcpy(out, &h, sizeof(h));
	memcpy(out + sizeof(h), text, n);
	return sizeof(h) + n;
}

static void messages(void **state)
{
	static const char text[] = "ACTION=add\0DEVPATH=" DISK "\0SUBSYSTEM=block\0DEVNAME=/dev/sda1\0DEVLINKS=/dev/disk/a /dev/disk/b\0"
				   "MAJOR=8\0MINOR=1\0TAGS=:systemd:\0CURRENT_TAGS=:other:\0SYSTEMD_READY=1";
	char mem[1024];
	struct devinfo d;
	size_t n = message(mem, sizeof(mem), text, sizeof(text));

	assert_int_equal(devinfo_parse(mem, n, &d), 0);
	assert_string_equal(d.action, "add");
	assert_string_equal(d.syspath, "/sys" DISK);
	assert_int_equal(strv_len(d.paths), 3);
	assert_string_equal(d.paths[2], "/dev/disk/b");
	assert_int_equal(d.devnum, makedev(8, 1));
	assert_false(d.tagged);
	assert_true(d.ready);
	devinfo_done(&d);
	for (size_t cut = 0; cut < n; cut++)            /* no length makes it read beyond */
		assert_int_equal(devinfo_parse(mem, cut, &d), -EBADMSG);
	mem[8] ^= 1;
	assert_int_equal(devinfo_parse(mem, n, &d), -EBADMSG);
	n = message(mem, sizeof(mem), "ACTION=add", 11);
	assert_int_equal(devinfo_parse(mem, n, &d), -EBADMSG);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = { T(from_the_database), T(not_ready_or_not_tagged), T(gone_while_core_was_away), T(messages) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
