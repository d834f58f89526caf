/* test-monitor.c - messages of the kernel, of libudev's monitors and of the control socket; sockets in a network namespace */
#include <endian.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <cmocka.h>
#include "control/wire.h"
#include "monitor.h"

#define MESSAGE(s) s, sizeof(s)
#define NEEDS "ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=block\0SEQNUM=7"

/* ---- uevents ---- */

struct row { const char *text; size_t n; int r; };

static void uevent_row(void **state)
{
	const struct row *row = *state;
	struct uevent u;

	assert_int_equal(uevent_kernel(row->text, row->n, &u), row->r);
}

static const struct row rows[] = {
	{ MESSAGE("add@/devices/x\0" NEEDS), 0 },
	{ MESSAGE("add@/devices/x\0" NEEDS "\0MAJOR=8\0MINOR=1"), 0 },
	{ "add@/devices/x\0" NEEDS, sizeof("add@/devices/x\0" NEEDS) - 1, -EBADMSG },   /* no NUL at its end */
	{ MESSAGE("add@/devices/x"), -EBADMSG },
	{ MESSAGE(""), -EBADMSG },
	{ "", 0, -EBADMSG },
	{ MESSAGE("@/devices/x\0" NEEDS), -EBADMSG },
	{ MESSAGE("add@devices\0" NEEDS), -EBADMSG },
	{ MESSAGE("add@/x\0" NEEDS "\0word"), -EBADMSG },
	{ MESSAGE("add@/x\0" NEEDS "\0=value"), -EBADMSG },
	{ MESSAGE("add@/x\0" NEEDS "\0\0"), -EBADMSG },
	{ MESSAGE("add@/x\0ACTION=add\0DEVPATH=/x\0SUBSYSTEM=b"), -EBADMSG },           /* no number */
	{ MESSAGE("add@/x\0ACTION=add\0DEVPATH=/x\0SEQNUM=1"), -EBADMSG },
	{ MESSAGE("add@/x\0ACTION=add\0SUBSYSTEM=b\0SEQNUM=1"), -EBADMSG },
	{ MESSAGE("add@/x\0DEVPATH=/x\0SUBSYSTEM=b\0SEQNUM=1"), -EBADMSG },
	{ MESSAGE("add@/x\0ACTION=add\0DEVPATH=x\0SUBSYSTEM=b\0SEQNUM=1"), -EBADMSG },
	{ MESSAGE("add@/x\0ACTION=add\0DEVPATH=/x/../../etc\0SUBSYSTEM=b\0SEQNUM=1"), -EBADMSG },
	{ MESSAGE("add@/x\0ACTION=add\0DEVPATH=/x/..\0SUBSYSTEM=b\0SEQNUM=1"), -EBADMSG },
	{ MESSAGE("add@/x\0" NEEDS "\0DEVPATH_OLD=/../y"), -EBADMSG },
	{ MESSAGE("add@/x\0" NEEDS "\0MAJOR=-1"), -EBADMSG },
	{ MESSAGE("add@/x\0" NEEDS "\0MAJOR=8x"), -EBADMSG },
	{ MESSAGE("add@/x\0" NEEDS "\0IFINDEX=4294967296"), -EBADMSG },
	{ MESSAGE("add@/x\0" NEEDS "\0SEQNUM=18446744073709551616"), -EBADMSG },
};

static void uevent_fields(void **state)
{
	static const char text[] = "move@/devices/virtual/net/b\0ACTION=move\0DEVPATH=/devices/virtual/net/b\0SUBSYSTEM=net\0"
				   "DEVPATH_OLD=/devices/virtual/net/a\0DEVTYPE=bridge\0IFINDEX=12\0SEQNUM=99\0A=";
	const char *p = NULL, *line;
	struct uevent u;
	char id[64];
	int n = 0;

	assert_int_equal(uevent_kernel(text, sizeof(text), &u), 0);
	assert_string_equal(u.action, "move");
	assert_string_equal(u.devpath, "/devices/virtual/net/b");
	assert_string_equal(u.devpath_old, "/devices/virtual/net/a");
	assert_string_equal(u.devtype, "bridge");
	assert_int_equal(u.ifindex, 12);
	assert_int_equal(u.seqnum, 99);
	assert_null(u.devname);
	assert_string_equal(uevent_get(&u, "A"), "");
	assert_null(uevent_get(&u, "DEVPAT"));
	while ((line = uevent_next(&u, &p)))
		n++;
	assert_int_equal(n, 8);
	assert_int_equal(uevent_id(&u, id, sizeof(id)), 0);
	assert_string_equal(id, "n12");
	assert_int_equal(uevent_id(&u, id, 3), -ENAMETOOLONG);
}

static void uevent_ids(void **state)
{
	static const struct { const char *text; size_t n; const char *id; } ids[] = {
		{ MESSAGE("a@/\0" NEEDS "\0MAJOR=8\0MINOR=1"), "b8:1" },
		{ MESSAGE("a@/\0" NEEDS "\0SUBSYSTEM=mem\0MAJOR=1\0MINOR=3"), "c1:3" },
		{ MESSAGE("a@/\0" NEEDS "\0SUBSYSTEM=pci\0DEVPATH=/devices/pci0000:00/0000:00:1f.2"), "+pci:0000:00:1f.2" },
		{ MESSAGE("a@/\0" NEEDS "\0SUBSYSTEM=drivers\0DEVPATH=/bus/pci/drivers/ahci"), "+drivers:pci:ahci" },
		{ MESSAGE("a@/\0" NEEDS "\0SUBSYSTEM=module\0DEVPATH=/module/loop"), "+module:loop" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		struct uevent u;
		char id[64];

		assert_int_equal(uevent_kernel(ids[i].text, ids[i].n, &u), 0);
		assert_int_equal(uevent_id(&u, id, sizeof(id)), 0);
		assert_string_equal(id, ids[i].id);
	}
}

/* ---- monitor messages ---- */

static const char properties[] = NEEDS "\0DEVTYPE=disk\0TAGS=:systemd:seat:";

static void hashes(void **state)
{
	/* of the text's bytes by MurmurHash2, worked out apart from this code; libudev's own filter agrees (vm-devmaster) */
	assert_int_equal(monitor_hash(""), 0);
	assert_int_equal(monitor_hash("block"), 0xf0031db7u);
	assert_int_equal(monitor_hash("usb"), 0x0577c5e5u);
	assert_int_equal(monitor_hash("usb_device"), 0x27f8f50cu);
	assert_int_equal(__builtin_popcountll(monitor_bloom("systemd")), 4);
}

static void encode_decode(void **state)
{
	struct monitor_head head;
	struct buf b = { 0 };
	struct uevent u;
	int group = 0;

	assert_int_equal(monitor_encode(&b, properties, sizeof(properties)), 0);
	memcpy(&head, b.data, sizeof(head));
	assert_memory_equal(b.data, "libudev\0\xfe\xed\xca\xfe", 12);
	assert_int_equal(head.head_bytes, 40);
	assert_int_equal(head.properties_at, 40);
	assert_int_equal(head.properties_bytes, sizeof(properties));
	assert_int_equal(be32toh(head.subsystem), monitor_hash("block"));
	assert_int_equal(be32toh(head.devtype), monitor_hash("disk"));
	assert_true(((uint64_t)be32toh(head.tags_high) << 32 | be32toh(head.tags_low)) == (monitor_bloom("systemd") | monitor_bloom("seat")));
	assert_int_equal(monitor_decode(b.data, b.len, &u, &group), 0);
	assert_int_equal(group, MONITOR_UDEV);
	assert_string_equal(u.devtype, "disk");
	for (size_t n = 0; n < b.len; n++)              /* cut anywhere: refused */
		assert_int_equal(monitor_decode(b.data, n, &u, &group), -EBADMSG);
	b.data[8] ^= 1;
	assert_int_equal(monitor_decode(b.data, b.len, &u, &group), -EBADMSG);
	assert_int_equal(monitor_encode(&b, properties, sizeof(properties) - 1), -EBADMSG);
	buf_finish(&b);
}

static bool passes(const char *subsystem, const char *devtype, const char *tag)
{
	const struct monitor_match m = { subsystem, devtype };
	const struct monitor_filter f = { &m, subsystem ? 1 : 0, &tag, tag ? 1 : 0 };
	struct uevent u;

	assert_int_equal(uevent_properties(properties, sizeof(properties), &u), 0);
	return monitor_passes(&f, &u);
}

static void filter_means(void **state)
{
	assert_true(passes(NULL, NULL, NULL));
	assert_true(passes("block", NULL, NULL));
	assert_true(passes("block", "disk", NULL));
	assert_false(passes("block", "partition", NULL));
	assert_false(passes("net", NULL, NULL));
	assert_true(passes(NULL, NULL, "seat"));
	assert_true(passes(NULL, NULL, "systemd"));
	assert_false(passes(NULL, NULL, "eat"));
	assert_false(passes(NULL, NULL, "sea"));
	assert_true(passes("block", NULL, "seat"));
	assert_false(passes("net", NULL, "seat"));
}

static ssize_t arrives(int fd)
{
	static char data[UEVENT_BYTES_MAX];
	struct pollfd p = { fd, POLLIN, 0 };
	int group;

	if (poll(&p, 1, 0) == 0)                        /* netlink delivers within the sender's call */
		return 0;
	return monitor_receive(fd, data, sizeof(data), &group);
}

static void filter_of_socket(void **state)
{
	static const struct { struct monitor_match m[2]; size_t n; const char *tags[3]; size_t n_tags; bool comes; } cases[] = {
		{ { { "block", NULL } }, 1, { 0 }, 0, true },
		{ { { "block", "disk" } }, 1, { 0 }, 0, true },
		{ { { "block", "partition" } }, 1, { 0 }, 0, false },
		{ { { "net", NULL } }, 1, { 0 }, 0, false },
		{ { { "net", NULL }, { "block", NULL } }, 2, { 0 }, 0, true },
		{ { { "net", "x" }, { "block", "disk" } }, 2, { 0 }, 0, true },
		{ { { 0 } }, 0, { "systemd" }, 1, true },
		{ { { 0 } }, 0, { "none", "such", "seat" }, 3, true },
		{ { { 0 } }, 0, { "seat", "none", "such" }, 3, true },
		{ { { 0 } }, 0, { "none", "such" }, 2, false },
		{ { { "block", NULL } }, 1, { "none", "such" }, 2, false },
		{ { { "net", NULL } }, 1, { "seat" }, 1, false },
		{ { { "block", "disk" } }, 1, { "seat", "none" }, 2, true },
		{ { { 0 } }, 0, { 0 }, 0, true },
	};
	int in = monitor_open(MONITOR_UDEV), out = monitor_open(0);
	struct buf b = { 0 };

	assert_true(in >= 0 && out >= 0);
	assert_int_equal(monitor_encode(&b, properties, sizeof(properties)), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct monitor_filter f = { cases[i].m, cases[i].n, cases[i].tags, cases[i].n_tags };

		assert_int_equal(monitor_attach(in, &f), 0);
		assert_int_equal(monitor_send(out, b.data, b.len), 0);
		if (arrives(in) != (cases[i].comes ? (ssize_t)b.len : 0))
			fail_msg("case %zu", i);
	}
	buf_finish(&b);
	close(in);
	assert_int_equal(monitor_send(out, "x", 1), 0);  /* nobody listens: no error */
	close(out);
}

/* what a process sends to the kernel's group is not the kernel's */
static void forged(void **state)
{
	static const char text[] = "add@/devices/x\0" NEEDS;
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = MONITOR_KERNEL };
	int in = monitor_open(MONITOR_KERNEL), out = monitor_open(0);

	assert_true(in >= 0 && out >= 0);
	assert_int_equal(sendto(out, text, sizeof(text), 0, (struct sockaddr *)&sa, sizeof(sa)), sizeof(text));
	assert_int_equal(arrives(in), -EPERM);
	assert_int_equal(arrives(in), 0);
	close(in);
	close(out);
}

static int own_network(void **state)
{
	return unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 ? -1 : 0;
}

/* ---- control ---- */

static void control(void **state)
{
	static const struct control_message good[] = {
		{ CONTROL_END, 0, NULL }, { CONTROL_LOG_LEVEL, 7, NULL }, { CONTROL_STOP_QUEUE, 0, NULL }, { CONTROL_START_QUEUE, 0, NULL },
		{ CONTROL_RELOAD, 0, NULL }, { CONTROL_PROPERTY, 0, "A=b" }, { CONTROL_PROPERTY, 0, "A=" }, { CONTROL_CHILDREN_MAX, 9, NULL },
		{ CONTROL_PING, 0, NULL }, { CONTROL_EXIT, 0, NULL },
	};
	struct control_message m;
	struct control_wire w;
	char long_text[300] = "A=";

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(control_encode(&good[i], &w), 0);
		assert_string_equal(w.version, "udev-252");
		assert_int_equal(control_decode(&w, sizeof(w), &m), 0);
		assert_int_equal(m.verb, good[i].verb);
		assert_int_equal(m.number, good[i].number);
		assert_true(streq0(m.text, good[i].text));
		assert_int_equal(control_decode(&w, sizeof(w) - 1, &m), -EBADMSG);
	}
	memset(long_text + 2, 'x', sizeof(long_text) - 3);
	assert_int_equal(control_encode(&(struct control_message){ CONTROL_PROPERTY, 0, long_text }, &w), -E2BIG);
	control_encode(&good[5], &w);
	memset(w.text, 'x', sizeof(w.text));            /* no end */
	assert_int_equal(control_decode(&w, sizeof(w), &m), -EBADMSG);
	strcpy(w.text, "=x");
	assert_int_equal(control_decode(&w, sizeof(w), &m), -EBADMSG);
	control_encode(&good[1], &w);
	w.number = 8;
	assert_int_equal(control_decode(&w, sizeof(w), &m), -EBADMSG);
	w.number = 1;
	w.verb = 9;
	assert_int_equal(control_decode(&w, sizeof(w), &m), -EBADMSG);
	w.verb = 1;
	w.magic = 0;
	assert_int_equal(control_decode(&w, sizeof(w), &m), -EBADMSG);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 6];
	static const struct CMUnitTest sockets[] = { cmocka_unit_test(filter_of_socket), cmocka_unit_test(forged) };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[n++] = (struct CMUnitTest){ rows[i].text, uevent_row, NULL, NULL, (void *)(uintptr_t)&rows[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(uevent_fields);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(uevent_ids);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(hashes);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(encode_decode);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(filter_means);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(control);
	return _cmocka_run_group_tests("codecs", tests, n, NULL, NULL) + cmocka_run_group_tests_name("sockets", sockets, own_network, NULL);
}
