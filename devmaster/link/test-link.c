/* test-link.c - .link files: keys and faults, what matches, names, hardware addresses */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "apply.h"
#include "devctl/test-tree.h"
#include "set.h"

static struct arena arena = ARENA_HEAP(4u << 20);
static char complaints[4096];

static void note(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	size_t n = strlen(complaints);

	snprintf(complaints + n, sizeof(complaints) - n, "%c%u:%u %.*s\n", "EWU"[level], line, column, (int)strcspn(text, ":"), text);
}
static struct diag_sink sink = { note };

static struct link_file *parse(const char *text)
{
	struct link_file *f = NULL;

	complaints[0] = '\0';
	link_file_parse(&f, "t.link", text, strlen(text), &sink);
	return f;
}

static const struct fault { const char *text, *says; } faults[] = {
	{ "[Match]\nOriginalName=*\n[Link]\nName=a/b\nMTUBytes=0\nMTUBytes=9K\nWakeOnLan=magic no\n", "E4:6 Name=a/b\nE5:10 MTUBytes=0\nE7:11 WakeOnLan=magic no\n" },
	{ "[Match]\nOriginalName=*\nFoo=1\nX-Foo=1\n[Nope]\nA=1\n[X-Own]\nB=1\n", "W3:5 Foo= is no key of [Match]\nW5:1 [Nope] is no section of a .link file, expected Match, Link or SR-IOV\n" },
	{ "[Match]\nOriginalName=*\n[SR-IOV]\nTrust=yes\n", "U4:7 Trust= is known, but not honoured\n" },
	{ "[Link]\nName=x\n", "W0:0 nothing valid in [Match], so the file is not used\n" },
	{ "[Match]\nMACAddress=12:34:56:78:90:ab AABB.CCDD.EEFF 1-2-3-4-5-6 ::1 10.0.0.1\nMACAddress=1:2:3\n", "E3:12 MACAddress=1\n" },
	{ "[Match]\nType=!ether loopback\nProperty=A=1 B\n", "E3:10 Property=A=1 B\n" },
	{ "[Match]\nOriginalName=*\n[Link]\nNamePolicy=kernel nope\nAlternativeNamesPolicy=keep\nMACAddressPolicy=\nDuplex=full\nRxChannels=max\nTxChannels=0\nRxCoalesceSec=50us\n",
	  "E4:12 NamePolicy=kernel nope\nE5:24 AlternativeNamesPolicy=keep\nE9:12 TxChannels=0\n" },
	{ "[Match]\nOriginalName=*\n[Link]\nMACAddressPolicy=random\nMACAddress=1:2:3:4:5:6\n", "W0:0 MACAddress= does nothing beside MACAddressPolicy=persistent or random\n" },
};
static void fault_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		link_file_free(parse(faults[i].text));
		assert_string_equal(complaints, faults[i].says);
	}
}

static void values(void **state)
{
	struct link_file *f = parse("[Match]\nMACAddress=12:34:56:78:90:ab AABB.CCDD.EEFF\n[Link]\nMTUBytes=9K\nBitsPerSecond=1G\nWakeOnLan=phy magic\nRxChannels=max\nTransmitQueueLength=0\n"
				    "Advertise=1000baset-full 10000baser-fec\nRxCoalesceSec=50us\nCoalescePacketRateSampleIntervalSec=1500ms\nGenericReceiveOffload=off\nMDI=mdi-x\nPort=fibre\n"
				    "AlternativeName=a b\nAlternativeName=c a\nAutoNegotiation=yes\n");

	assert_string_equal(complaints, "");
	assert_int_equal(f->mac.n, 2);
	assert_memory_equal(f->mac.v[1].b, "\xaa\xbb\xcc\xdd\xee\xff", 6);
	assert_true(f->mtu.v == 9216 && f->speed.v == 1000000000 && f->wol.v == 0x21 && f->rx_queues.set == false);
	assert_true(f->channels[CHANNEL_RX].max && f->queue_length.set && f->queue_length.v == 0 && f->advertise.v == (1ULL << 5 | 1ULL << 20));
	assert_true(f->coalesce[0].v == 50 && f->coalesce[18].v == 2 && f->features[FEATURE_GRO] == 0 && f->features[FEATURE_TSO] == -1);
	assert_true(f->mdi == MDI_CROSSOVER && f->port == 3 && f->autonegotiation == 1 && f->duplex == -1 && f->mac_policy == MAC_NONE);
	assert_int_equal(strv_len(f->alternative_names), 3);
	link_file_free(f);
}

static struct event event;
static struct link_state state_of(const char *name)
{
	struct link_state s = { .e = &event, .ifindex = 1, .type = 1, .mac = { 6, { 2, 0, 0, 0, 0, 1 } }, .permanent = { 6, { 2, 0, 0, 0, 0, 2 } }, .kind = "veth", .driver = "e1000e" };
	struct device *d;

	assert_int_equal(device_open(&d, &arena, tree_path("sys"), "/devices/virtual/net/lo"), 0);
	event_init(&event, &arena, d, "add");
	event.proc = tree_path("proc");
	snprintf(s.name, sizeof(s.name), "%s", name);
	return s;
}

static const struct match_row { const char *text; bool yes; } matches[] = {
	{ "OriginalName=eth*", true }, { "OriginalName=!eth*", false }, { "OriginalName=wl* eth0", true }, { "OriginalName=!wl*", true }, { "MACAddress=02:00:00:00:00:01", true },
	{ "MACAddress=02:00:00:00:00:02", false }, { "PermanentMACAddress=02:00:00:00:00:02", true }, { "Path=pci-*", true }, { "Path=usb-*", false }, { "Driver=e1000*", true }, { "Driver=!e1000e", false },
	{ "Type=ether", true }, { "Type=loopback", false }, { "Kind=veth", true }, { "Kind=!veth", false }, { "Property=A=1 B=x*", true }, { "Property=A=1 C=1", false }, { "Property=!C=1", true }, { "Property=!A=1", false },
	{ "OriginalName=eth0\nKind=bond", false }, { "KernelCommandLine=quiet", true }, { "KernelCommandLine=BOOT", true }, { "KernelCommandLine=BOOT=x", true }, { "KernelCommandLine=!quiet", false },
	{ "Architecture=native", true }, { "Architecture=!native", false }, { "Host=!no-such-host-here", true }, { "KernelVersion=>=3.0", true }, { "KernelVersion=< 3.0", false }, { "KernelVersion=[0-9]*", true },
	{ "Virtualization=!no-such-thing", true }, { "Credential=nope", false }, { "Firmware=device-tree", false }, { "Firmware=!nope", true },
};
static void match_rows(void **state)
{
	struct link_state s = state_of("eth0");

	device_set(event.dev, "ID_PATH", "pci-0000:00:02.0", true);
	device_set(event.dev, "A", "1", true);
	device_set(event.dev, "B", "xyz", true);
	for (size_t i = 0; i < ARRAY_SIZE(matches); i++) {
		char text[256];
		struct link_file *f;

		snprintf(text, sizeof(text), "[Match]\n%s\n", matches[i].text);
		f = parse(text);
		assert_non_null(f);
		if ((link_matches(f, &s) && link_conditions(f, &event)) != matches[i].yes)
			fail_msg("%s", matches[i].text);
		link_file_free(f);
	}
}

static const struct name_row { const char *link, *assign, *action; bool policies; const char *want; } names[] = {
	{ "NamePolicy=kernel database onboard slot path\n", "1", "add", true, "ens3" },
	{ "NamePolicy=path mac\nName=z\n", "1", "add", true, "enp0s3" },
	{ "NamePolicy=path mac\nName=z\n", "1", "add", false, "z" },
	{ "NamePolicy=kernel path\n", "2", "add", true, "eth0" },
	{ "NamePolicy=keep path\n", "3", "add", true, "eth0" },
	{ "NamePolicy=path\n", "3", "add", true, "enp0s3" },
	{ "NamePolicy=path\n", "1", "move", true, "eth0" },
	{ "NamePolicy=database\n", "1", "add", true, "eth0" },
	{ "Name=z\n", "4", "add", true, "z" },
};
static void name_rows(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct link_state s;
		struct link_file *f;
		char text[256];

		tree_write("sys/devices/virtual/net/lo/name_assign_type", names[i].assign);
		s = state_of("eth0");
		device_set(event.dev, "ID_NET_NAME_SLOT", "ens3", true);
		device_set(event.dev, "ID_NET_NAME_PATH", "enp0s3", true);
		event.action = names[i].action;
		snprintf(text, sizeof(text), "[Match]\nOriginalName=*\n[Link]\n%s", names[i].link);
		f = parse(text);
		assert_string_equal(link_new_name(f, &s, 252, names[i].policies), names[i].want);
		link_file_free(f);
	}
}

static void alternative(void **state)
{
	struct link_file *f = parse("[Match]\nOriginalName=*\n[Link]\nAlternativeName=z eth0 had\nAlternativeNamesPolicy=slot path\n");
	struct link_state s = state_of("eth0");
	char *had[] = { (char *)"had", NULL }, **list = NULL;

	s.alternative_names = had;
	device_set(event.dev, "ID_NET_NAME_SLOT", "ens3", true);
	device_set(event.dev, "ID_NET_NAME_PATH", "enp0s3", true);
	assert_int_equal(link_alternative_names(f, &s, "ens3", &list), 0);
	assert_int_equal(strv_len(list), 2);
	assert_string_equal(list[0], "enp0s3");
	assert_string_equal(list[1], "z");
	strv_free(list);
	link_file_free(f);
}

static const struct mac_row { const char *link, *assign; int r; const char *want; } macs[] = {
	{ "MACAddressPolicy=persistent\n", "1", 1, NULL }, { "MACAddressPolicy=persistent\n", "0", 0, NULL }, { "MACAddressPolicy=persistent\n", "3", 0, NULL }, { "MACAddressPolicy=random\n", "1", 0, NULL },
	{ "MACAddressPolicy=random\n", "0", 1, NULL }, { "MACAddress=2:0:0:0:0:9\n", "0", 1, "\x02\x00\x00\x00\x00\x09" }, { "MACAddress=2:0:0:0:0:1\n", "0", 0, NULL }, { "MACAddress=1.2.3.4\n", "0", -EINVAL, NULL }, { "", "1", 0, NULL },
};
static void mac_rows(void **state)
{
	static const uint8_t machine[16] = { 0x01, 0x02, 0x03 };
	uint8_t before[6] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(macs); i++) {
		struct link_state s;
		struct link_file *f;
		struct hwaddr a = { 0 };
		char text[256];

		tree_write("sys/devices/virtual/net/lo/addr_assign_type", macs[i].assign);
		s = state_of("eth0");
		snprintf(text, sizeof(text), "[Match]\nOriginalName=*\n[Link]\n%s", macs[i].link);
		f = parse(text);
		assert_int_equal(link_new_mac(f, &s, 252, machine, &a), macs[i].r);
		if (macs[i].want)
			assert_memory_equal(a.b, macs[i].want, 6);
		if (macs[i].r > 0 && !macs[i].want)
			assert_int_equal(a.b[0] & 3, 2);
		if (i == 0) {                           /* the same each time; of another name another one */
			memcpy(before, a.b, 6);
			assert_int_equal(link_new_mac(f, &s, 252, machine, &a), 1);
			assert_memory_equal(a.b, before, 6);
			assert_int_equal(link_new_mac(f, &s, 240, machine, &a), -ENOENT);
			device_set(event.dev, "ID_NET_NAME_PATH", "enp0s3", true);
			assert_int_equal(link_new_mac(f, &s, 240, machine, &a), 1);
			assert_memory_not_equal(a.b, before, 6);
		}
		link_file_free(f);
	}
}

/* order, masks, drop-ins */
static void search_path(void **state)
{
	struct link_state s = state_of("eth0");
	struct link_set set;
	const struct link_file *f;

	tree_write("root/usr/lib/systemd/network/50-a.link", "[Match]\nOriginalName=*\n[Link]\nName=low\n");
	tree_write("root/usr/lib/systemd/network/10-b.link", "[Match]\nOriginalName=*\n[Link]\nName=masked\n");
	tree_write("root/etc/systemd/network/10-b.link", "");
	tree_write("root/etc/systemd/network/20-c.link", "[Match]\nOriginalName=*\nKernelCommandLine=nope\n[Link]\nName=condition\n");
	tree_write("root/run/systemd/network/50-a.link.d/x.conf", "[Link]\nName=dropped\nAlias=x\n");
	tree_write("root/usr/lib/systemd/network/50-a.link.d/x.conf", "[Link]\nName=never\n");
	assert_int_equal(link_set_read(&set, tree_path("root"), &event, &sink), 0);
	f = link_set_find(&set, &s);
	assert_non_null(f);
	assert_string_equal(f->new_name, "dropped");
	assert_string_equal(f->alias, "x");
	s.flags = 8;                                    /* loopback */
	assert_null(link_set_find(&set, &s));
	assert_false(link_set_changed(&set, tree_path("root")));
	tree_write("root/etc/systemd/network/30-d.link", "[Match]\nOriginalName=*\n");
	assert_true(link_set_changed(&set, tree_path("root")));
	link_set_finish(&set);
}

static int teardown(void **state)
{
	arena_reset(&arena);
	return tree_remove(state);
}

int main(void)
{
	static const struct CMUnitTest all[] = {
		cmocka_unit_test(fault_rows), cmocka_unit_test(values), cmocka_unit_test(match_rows), cmocka_unit_test(name_rows), cmocka_unit_test(alternative), cmocka_unit_test(mac_rows), cmocka_unit_test(search_path),
	};

	return cmocka_run_group_tests(all, tree_make, teardown);
}
