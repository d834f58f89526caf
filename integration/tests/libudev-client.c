/*
 * libudev-client.c - asks every function of libudev and prints the answers, to be run with Debian's library and with ours
 *
 *   libudev-client              devices, enumerations, queue, hwdb, lists, encoding, on the tree of ctl-tree.py
 *   libudev-client monitor N    hears N events, each of a udev and a kernel monitor with and without filters
 */
#include <errno.h>
#include <libudev.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct udev *udev;

static const char *error_name(void)
{
	const char *name = errno ? strerrorname_np(errno) : NULL;

	return name ? name : "no error";
}

#define TEXT(call) do { errno = 0; const char *s_ = call; if (s_) printf("%s: '%s'\n", #call, s_); else printf("%s: NULL, %s\n", #call, error_name()); } while (0)
#define REFS(type, o) do { printf("ref: %d\n", type##_ref(o) == (o)); printf("unref: %d\n", type##_unref(o) == NULL); } while (0)
#define NUMBER(call) printf("%s: %lld\n", #call, (long long)(call))

static void show_list(const char *what, struct udev_list_entry *first)
{
	struct udev_list_entry *e;

	printf("%s:", what);
	udev_list_entry_foreach(e, first)
		printf(" %s%s%s", udev_list_entry_get_name(e), udev_list_entry_get_value(e) ? "=" : "", udev_list_entry_get_value(e) ? udev_list_entry_get_value(e) : "");
	printf("\n");
}

static void show_names(struct udev_device *d)
{
	TEXT(udev_device_get_devpath(d));
	TEXT(udev_device_get_syspath(d));
	TEXT(udev_device_get_sysname(d));
	TEXT(udev_device_get_sysnum(d));
	TEXT(udev_device_get_subsystem(d));
	TEXT(udev_device_get_devtype(d));
	TEXT(udev_device_get_devnode(d));
	TEXT(udev_device_get_action(d));
	NUMBER(udev_device_get_devnum(d));
	NUMBER(udev_device_get_seqnum(d));
	NUMBER(udev_device_get_is_initialized(d));
	printf("since initialized: %s\n", udev_device_get_usec_since_initialized(d) > 0 ? "some time" : "0");
	printf("udev: %d\n", udev_device_get_udev(d) == udev);
}

static void show_device(struct udev_device *d)
{
	if (!d) {
		printf("no device, %s\n", error_name());
		return;
	}
	show_names(d);
	TEXT(udev_device_get_driver(d));
	show_list("devlinks", udev_device_get_devlinks_list_entry(d));
	show_list("properties", udev_device_get_properties_list_entry(d));
	show_list("tags", udev_device_get_tags_list_entry(d));
	show_list("current tags", udev_device_get_current_tags_list_entry(d));
	TEXT(udev_device_get_property_value(d, "SUBSYSTEM"));
	TEXT(udev_device_get_property_value(d, "ID_SERIAL"));
	TEXT(udev_device_get_property_value(d, "DRIVER"));
	TEXT(udev_device_get_property_value(d, "ID_EMPTY"));
	TEXT(udev_device_get_property_value(d, "NOPE"));
	NUMBER(udev_device_has_tag(d, "systemd"));
	NUMBER(udev_device_has_tag(d, "seat"));
	NUMBER(udev_device_has_current_tag(d, "systemd"));
	NUMBER(udev_device_has_current_tag(d, "seat"));
}

static void show_attrs(struct udev_device *d)
{
	static const char *const names[] = { "size", "vendor", "nope", "subsystem", "driver", "module", "secret", "empty", "lines", "binary", "label", "power/control", "power", "uevent", "msi_bus_link", "dev" };

	if (!d)
		return;
	show_list("attributes", udev_device_get_sysattr_list_entry(d));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		printf("%s ", names[i]);
		TEXT(udev_device_get_sysattr_value(d, names[i]));
	}
}

static void show_parents(struct udev_device *d)
{
	struct udev_device *p = d;

	while (p && (errno = 0, p = udev_device_get_parent(p)))
		printf("parent %s subsystem %s\n", udev_device_get_syspath(p), udev_device_get_subsystem(p) ? udev_device_get_subsystem(p) : "none");
	printf("last: %s\n", error_name());
	if (d) {
		TEXT(udev_device_get_sysname(udev_device_get_parent_with_subsystem_devtype(d, "pci", NULL)));
		TEXT(udev_device_get_sysname(udev_device_get_parent_with_subsystem_devtype(d, "usb", "usb_device")));
		TEXT(udev_device_get_sysname(udev_device_get_parent_with_subsystem_devtype(d, "scsi", "scsi_host")));
		errno = 0;
		printf("%d %s\n", udev_device_get_parent_with_subsystem_devtype(d, "nope", NULL) == NULL, error_name());
		printf("same parent twice: %d\n", udev_device_get_parent(d) == udev_device_get_parent(d));
	}
}

static void devices(void)
{
	static const char *const paths[] = {
		"/sys/class/block/sda", "/sys/class/block/sda1", "/sys/class/block/sda10", "/sys/class/net/enp0s3", "/sys/class/net/wlan0", "/sys/bus/pci/devices/0000:00:1f.2", "/sys/class/mem/zero",
		"/sys/devices/virtual/block/cciss!c0d0", "/sys/bus/pci", "/sys/bus/pci/drivers/ahci", "/sys/module/loop", "/sys/class/input/event3", "/sys/devices/pci0000:00", "/sys/devices/virtual/block/dm-0",
		"/sys/devices/system/cpu/cpu1", "/sys/class/misc/hpet", "/sys/devices/no-device", "/sys/nope", "/nope", "sda", "/sys", "/sys/devices/virtual/../virtual/mem/null",
	};
	static const char *const ids[] = { "b8:0", "c1:3", "b1:3", "n9999", "+pci:0000:00:1f.2", "+usb:1-1", "+module:loop", "+drivers:pci:ahci", "+subsystem:pci", "+sound:card0", "x1", "", "b8", "b8:x", "+pci", "+pci:nope" };
	static const char *const names[][2] = { { "block", "sda" }, { "net", "lo" }, { "block", "cciss/c0d0" }, { "module", "loop" }, { "drivers", "pci:ahci" }, { "subsystem", "pci" }, { "subsystem", "block" }, { "pci", "nope" }, { "nope", "sda" } };
	struct udev_device *d;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		printf("-- %s\n", paths[i]);
		errno = 0;
		d = udev_device_new_from_syspath(udev, paths[i]);
		show_device(d);
		show_parents(d);
		show_attrs(d);
		udev_device_unref(d);
	}
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		errno = 0;
		d = udev_device_new_from_device_id(udev, ids[i]);
		printf("-- id '%s': %s %s\n", ids[i], d ? udev_device_get_syspath(d) : "NULL", d ? "" : error_name());
		udev_device_unref(d);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		errno = 0;
		d = udev_device_new_from_subsystem_sysname(udev, names[i][0], names[i][1]);
		printf("-- %s %s: %s %s\n", names[i][0], names[i][1], d ? udev_device_get_syspath(d) : "NULL", d ? "" : error_name());
		udev_device_unref(d);
	}
	d = udev_device_new_from_devnum(udev, 'b', makedev(8, 1));
	show_device(d);
	udev_device_unref(d);
	errno = 0;
	printf("type x: %d %s\n", udev_device_new_from_devnum(udev, 'x', makedev(8, 1)) == NULL, error_name());
	errno = 0;
	printf("no such number: %d %s\n", udev_device_new_from_devnum(udev, 'c', makedev(99, 99)) == NULL, error_name());
}

static void references(void)
{
	struct udev_device *d = udev_device_new_from_syspath(udev, "/sys/class/block/sda");

	REFS(udev_device, d);
	NUMBER(udev_device_set_sysattr_value(d, "size", "4096\n"));
	TEXT(udev_device_get_sysattr_value(d, "size"));
	NUMBER(udev_device_set_sysattr_value(d, "nope", "1"));
	NUMBER(udev_device_set_sysattr_value(d, "ro", "1"));
	NUMBER(udev_device_set_sysattr_value(d, "ro", NULL));
	TEXT(udev_device_get_sysattr_value(d, "ro"));
	NUMBER(udev_device_set_sysattr_value(d, "size", "2048"));
	udev_device_unref(d);
	TEXT(udev_device_get_syspath(NULL));
	TEXT(udev_device_get_property_value(NULL, "A"));
	NUMBER(udev_device_get_is_initialized(NULL));
	NUMBER(udev_device_has_tag(NULL, "x"));
	NUMBER(udev_device_get_devnum(NULL));
	printf("unref of NULL: %d\n", udev_device_unref(NULL) == NULL);
}

/* once in a process: Debian's library cuts the strings of environ to pieces */
static void environment(void)
{
	struct udev_device *d;
	static const char *const vars[][2] = {
		{ "ACTION", "change" }, { "DEVPATH", "/devices/virtual/mem/zero" }, { "SUBSYSTEM", "mem" }, { "SEQNUM", "55" }, { "MAJOR", "1" }, { "MINOR", "5" }, { "DEVNAME", "/dev/zero" },
		{ "TAGS", ":a:b:" }, { "DEVLINKS", "/dev/x /dev/y" }, { "ID_SERIAL", "from environment" },
	};

	clearenv();
	for (size_t i = 0; i < sizeof(vars) / sizeof(*vars); i++)
		setenv(vars[i][0], vars[i][1], 1);
	setenv("SYSTEMD_DEVICE_VERIFY_SYSFS", "0", 1);
	d = udev_device_new_from_environment(udev);
	show_device(d);
	show_parents(d);
	udev_device_unref(d);
}

enum kind { SUBSYSTEM, NO_SUBSYSTEM, ATTR, NO_ATTR, PROPERTY, NAME, TAG, PARENT, INITIALIZED, SYSPATH };
static const struct enumeration { struct { enum kind kind; const char *key, *value; } match[4]; int n, subsystems; } enumerations[] = {
	{ { { 0 } }, 0, 0 }, { { { 0 } }, 0, 1 },
	{ { { SUBSYSTEM, "block", NULL } }, 1, 0 }, { { { SUBSYSTEM, "b*", NULL }, { SUBSYSTEM, "net", NULL } }, 2, 0 }, { { { NO_SUBSYSTEM, "[!n]*", NULL } }, 1, 0 },
	{ { { SUBSYSTEM, "block", NULL }, { NO_SUBSYSTEM, "block", NULL } }, 2, 0 }, { { { ATTR, "vendor", NULL } }, 1, 0 }, { { { ATTR, "vendor", "0x*" }, { ATTR, "device", "0x2922" } }, 2, 0 },
	{ { { ATTR, "vendor", NULL }, { NO_ATTR, "device", NULL } }, 2, 0 }, { { { PROPERTY, "ID_BUS", "ata" }, { PROPERTY, "ID_BUS", "pci" } }, 2, 0 }, { { { PROPERTY, "ID_BUS", NULL } }, 1, 0 },
	{ { { PROPERTY, "ID_*", "1" } }, 1, 0 }, { { { NAME, "sda*", NULL }, { NAME, "lo", NULL } }, 2, 0 }, { { { NAME, "cciss!c0d0", NULL } }, 1, 0 }, { { { TAG, "seat", NULL } }, 1, 0 },
	{ { { TAG, "seat", NULL }, { TAG, "power-switch", NULL } }, 2, 0 }, { { { TAG, "seat", NULL }, { SUBSYSTEM, "input", NULL } }, 2, 0 }, { { { PARENT, "/sys/devices/pci0000:00/0000:00:04.0", NULL } }, 1, 0 },
	{ { { PARENT, "/sys/devices/pci0000:00/0000:00:04.0", NULL }, { SUBSYSTEM, "usb", NULL } }, 2, 0 }, { { { INITIALIZED, NULL, NULL } }, 1, 0 }, { { { INITIALIZED, NULL, NULL }, { SUBSYSTEM, "block", NULL } }, 2, 0 },
	{ { { SUBSYSTEM, NULL, NULL } }, 1, 0 }, { { { SUBSYSTEM, "module", NULL } }, 1, 1 }, { { { SUBSYSTEM, "drivers", NULL } }, 1, 1 }, { { { NAME, "s*", NULL } }, 1, 1 },
};

static int add_match(struct udev_enumerate *e, enum kind kind, const char *key, const char *value)
{
	struct udev_device *d;
	int r;

	switch (kind) {
	case SUBSYSTEM: return udev_enumerate_add_match_subsystem(e, key);
	case NO_SUBSYSTEM: return udev_enumerate_add_nomatch_subsystem(e, key);
	case ATTR: return udev_enumerate_add_match_sysattr(e, key, value);
	case NO_ATTR: return udev_enumerate_add_nomatch_sysattr(e, key, value);
	case PROPERTY: return udev_enumerate_add_match_property(e, key, value);
	case NAME: return udev_enumerate_add_match_sysname(e, key);
	case TAG: return udev_enumerate_add_match_tag(e, key);
	case INITIALIZED: return udev_enumerate_add_match_is_initialized(e);
	case SYSPATH: return udev_enumerate_add_syspath(e, key);
	case PARENT:
		d = udev_device_new_from_syspath(udev, key);
		r = udev_enumerate_add_match_parent(e, d);
		udev_device_unref(d);
		return r;
	}
	return -1;
}

static void enumerates(void)
{
	struct udev_enumerate *e;
	struct udev_list_entry *first;

	for (size_t i = 0; i < sizeof(enumerations) / sizeof(*enumerations); i++) {
		const struct enumeration *x = &enumerations[i];

		e = udev_enumerate_new(udev);
		for (int j = 0; j < x->n; j++)
			printf("match: %d\n", add_match(e, x->match[j].kind, x->match[j].key, x->match[j].value));
		printf("scan: %d\n", x->subsystems ? udev_enumerate_scan_subsystems(e) : udev_enumerate_scan_devices(e));
		show_list("found", udev_enumerate_get_list_entry(e));
		udev_enumerate_unref(e);
	}
	e = udev_enumerate_new(udev);
	show_list("before a scan", udev_enumerate_get_list_entry(e));
	NUMBER(udev_enumerate_scan_subsystems(e));
	show_list("after it", udev_enumerate_get_list_entry(e));
	udev_enumerate_unref(e);
	e = udev_enumerate_new(udev);
	errno = 0;
	printf("nothing: %d %s\n", udev_enumerate_get_list_entry(e) == NULL, error_name());
	NUMBER(udev_enumerate_add_syspath(e, "/sys/class/net/lo"));
	NUMBER(udev_enumerate_add_syspath(e, "/sys/class/block/sda"));
	NUMBER(udev_enumerate_add_syspath(e, "/sys/class/net/lo"));
	NUMBER(udev_enumerate_add_syspath(e, "/sys/nope"));
	NUMBER(udev_enumerate_add_syspath(e, "/nope"));
	NUMBER(udev_enumerate_add_syspath(e, NULL));
	first = udev_enumerate_get_list_entry(e);
	show_list("added", first);
	NUMBER(udev_enumerate_add_match_subsystem(e, "mem"));
	NUMBER(udev_enumerate_scan_devices(e));
	show_list("scanned", udev_enumerate_get_list_entry(e));
	NUMBER(udev_enumerate_add_syspath(e, "/sys/class/net/lo"));
	NUMBER(udev_enumerate_add_syspath(e, "/sys/class/block/sda"));
	first = udev_enumerate_get_list_entry(e);
	show_list("added to it", first);
	NUMBER(udev_enumerate_scan_devices(e));
	show_list("scanned again", udev_enumerate_get_list_entry(e));
	NUMBER(udev_enumerate_scan_subsystems(e));
	show_list("and subsystems", udev_enumerate_get_list_entry(e));
	first = udev_enumerate_get_list_entry(e);
	printf("by name: %d\n", udev_list_entry_get_by_name(first, "/sys/devices/virtual/net/lo") == NULL);
	REFS(udev_enumerate, e);
	printf("udev: %d\n", udev_enumerate_get_udev(e) == udev);
	NUMBER(udev_enumerate_scan_devices(NULL));
	NUMBER(udev_enumerate_add_match_tag(NULL, "x"));
	udev_enumerate_unref(e);
}

static void lists(void)
{
	struct udev_device *d = udev_device_new_from_syspath(udev, "/sys/class/block/sda");
	struct udev_list_entry *first = udev_device_get_properties_list_entry(d), *e = udev_list_entry_get_by_name(first, "ID_SERIAL");

	TEXT(udev_list_entry_get_name(e));
	TEXT(udev_list_entry_get_value(e));
	TEXT(udev_list_entry_get_name(udev_list_entry_get_next(e)));
	printf("no such name: %d\n", udev_list_entry_get_by_name(first, "NOPE") == NULL);
	printf("of nothing: %d %d %d %d\n", udev_list_entry_get_next(NULL) == NULL, udev_list_entry_get_by_name(NULL, "x") == NULL, udev_list_entry_get_name(NULL) == NULL, udev_list_entry_get_value(NULL) == NULL);
	udev_device_unref(d);
}

static void queue(void)
{
	struct udev_queue *q = udev_queue_new(udev);
	FILE *f;

	NUMBER(udev_queue_get_kernel_seqnum(q));
	NUMBER(udev_queue_get_udev_seqnum(q));
	NUMBER(udev_queue_get_udev_is_active(q));
	NUMBER(udev_queue_get_queue_is_empty(q));
	f = fopen("/run/udev/queue", "w");
	printf("made: %d\n", f && fclose(f) == 0);
	NUMBER(udev_queue_get_queue_is_empty(q));
	NUMBER(udev_queue_get_seqnum_is_finished(q, 1));
	NUMBER(udev_queue_get_seqnum_sequence_is_finished(q, 1, 2));
	printf("fd: %d\n", udev_queue_get_fd(q) >= 0);
	printf("readable: %d\n", poll(&(struct pollfd){ udev_queue_get_fd(q), POLLIN, 0 }, 1, 0));
	unlink("/run/udev/queue");
	printf("readable: %d\n", poll(&(struct pollfd){ udev_queue_get_fd(q), POLLIN, 0 }, 1, 0));
	NUMBER(udev_queue_flush(q));
	printf("readable: %d\n", poll(&(struct pollfd){ udev_queue_get_fd(q), POLLIN, 0 }, 1, 0));
	NUMBER(udev_queue_get_queue_is_empty(q));
	NUMBER(udev_queue_get_seqnum_is_finished(q, 1));
	errno = 0;
	printf("list: %d %s\n", udev_queue_get_queued_list_entry(q) == NULL, error_name());
	REFS(udev_queue, q);
	printf("udev: %d\n", udev_queue_get_udev(q) == udev);
	udev_queue_unref(q);
}

static void hwdb(void)
{
	static const char *const modaliases[] = { "usb:v1D6Bp0002", "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01", "nope", "acpi:PNP0A03:" };
	struct udev_hwdb *h;

	errno = 0;
	h = udev_hwdb_new(udev);
	printf("hwdb: %d %s\n", h != NULL, h ? "" : error_name());
	for (size_t i = 0; h && i < sizeof(modaliases) / sizeof(*modaliases); i++)
		show_list(modaliases[i], udev_hwdb_get_properties_list_entry(h, modaliases[i], 0));
	if (h)
		REFS(udev_hwdb, h);
	udev_hwdb_unref(h);
}

static void encode(void)
{
	static const char *const texts[] = { "plain", "with space", "a/b\\c", "\xc3\xbc\xe2\x82\xac", "bad\377bytes", "tab\tand\"quote'", "", "#+-.:=@_%$" };
	char out[32];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		int r = udev_util_encode_string(texts[i], out, sizeof(out));

		printf("'%s': %d '%s'\n", texts[i], r, out);
	}
	NUMBER(udev_util_encode_string("too long for this", out, 5));
	NUMBER(udev_util_encode_string("    ", out, 12));
	NUMBER(udev_util_encode_string(NULL, out, 12));
	NUMBER(udev_util_encode_string("x", out, 0));
	NUMBER(udev_util_encode_string("abcd", out, 5));
	NUMBER(udev_util_encode_string("abcd", out, 4));
}

static void library(void)
{
	int data;

	udev_set_userdata(udev, &data);
	printf("userdata: %d\n", udev_get_userdata(udev) == &data);
	udev_set_log_fn(udev, NULL);
	NUMBER(udev_get_log_priority(udev));
	udev_set_log_priority(udev, 4);
	NUMBER(udev_get_log_priority(udev));
	REFS(udev, udev);
	printf("unref of NULL: %d\n", udev_unref(NULL) == NULL);
}

static struct udev_monitor *monitor(const char *name, const char *subsystem, const char *devtype, const char *tag)
{
	struct udev_monitor *m = udev_monitor_new_from_netlink(udev, name);

	printf("buffer: %d\n", udev_monitor_set_receive_buffer_size(m, 4 << 20));
	if (subsystem)
		NUMBER(udev_monitor_filter_add_match_subsystem_devtype(m, subsystem, devtype));
	if (tag)
		NUMBER(udev_monitor_filter_add_match_tag(m, tag));
	NUMBER(udev_monitor_filter_update(m));
	NUMBER(udev_monitor_enable_receiving(m));
	printf("fd: %d, udev: %d\n", udev_monitor_get_fd(m) >= 0, udev_monitor_get_udev(m) == udev);
	return m;
}

static void hear(const char *what, struct udev_monitor *m)
{
	struct udev_device *d;

	printf("-- heard %s\n", what);
	while ((errno = 0, d = udev_monitor_receive_device(m))) {
		show_device(d);
		udev_device_unref(d);
	}
	printf("end: %s\n", error_name());
}

static void monitors(int end_fd)
{
	struct udev_monitor *m[6];
	char c;

	errno = 0;
	printf("no such monitor: %d %s\n", udev_monitor_new_from_netlink(udev, "nope") == NULL, error_name());
	m[0] = monitor("udev", NULL, NULL, NULL);
	m[1] = monitor("kernel", NULL, NULL, NULL);
	m[2] = monitor("udev", "block", NULL, NULL);
	m[3] = monitor("udev", "block", "partition", "seat");
	m[4] = monitor("kernel", "net", NULL, NULL);
	m[5] = monitor("udev", "nope", NULL, NULL);
	NUMBER(udev_monitor_filter_remove(m[5]));
	NUMBER(udev_monitor_filter_update(m[5]));
	NUMBER(udev_monitor_filter_update(NULL));
	printf("ready\n");
	fflush(stdout);
	if (read(end_fd, &c, 1) < 0)                    /* until all is sent */
		perror("read");
	for (int i = 0; i < 6; i++) {
		hear(i == 0 ? "udev" : i == 1 ? "kernel" : i == 2 ? "block" : i == 3 ? "partition, seat" : i == 4 ? "kernel net" : "filter removed", m[i]);
		REFS(udev_monitor, m[i]);
		udev_monitor_unref(m[i]);
	}
}

int main(int argc, char **argv)
{
	udev = udev_new();
	if (argc > 1 && strcmp(argv[1], "monitor") == 0)
		monitors(STDIN_FILENO);
	else {
		library();
		devices();
		references();
		lists();
		enumerates();
		queue();
		hwdb();
		encode();
		environment();
	}
	udev_unref(udev);
	return 0;
}
