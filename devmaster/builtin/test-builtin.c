/* test-builtin.c - builtins on made-up sysfs trees: a row is a device, a builtin, and all that it must say */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "absinfo.h"
#include "builtin.h"
#include "devctl/test-tree.h"
#include "event/event.h"
#include "hwdb.h"
#include "hwdb/build.h"
#include "input-bits.h"
#include "keys.h"
#include "seat.h"
#include "usb-descriptor.h"

#define BYTES (8u << 20)
#define PCI "devices/pci0000:00/"
static struct arena arena = ARENA_HEAP(BYTES);

/* a folder of sysfs that is a device: "subsystem" is below /sys, NULL: none; then pairs attribute, value */
static void add(const char *path, const char *subsystem, const char *uevent, ...)
{
	char below[512], target[512] = "";
	const char *attr, *slash = path;
	va_list ap;

	snprintf(below, sizeof(below), "sys/%s/uevent", path);
	tree_write(below, uevent);
	for (; slash; slash = strchr(slash + 1, '/'))
		strcat(target, "../");
	if (subsystem) {
		strcat(target, subsystem);
		snprintf(below, sizeof(below), "sys/%s/subsystem", path);
		tree_link(below, target);
	}
	va_start(ap, uevent);
	while ((attr = va_arg(ap, const char *))) {
		snprintf(below, sizeof(below), "sys/%s/%s", path, attr);
		tree_write(below, va_arg(ap, const char *));
	}
	va_end(ap);
}
#define ADD(...) add(__VA_ARGS__, NULL)

static void class(const char *name, const char *path)
{
	char below[512], target[512];

	snprintf(below, sizeof(below), "sys/class/%s", name);
	snprintf(target, sizeof(target), "../../%s", path);
	tree_link(below, target);
}

static void scsi(const char *controller, const char *address, const char *host)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", controller, host);
	add(path, "bus/scsi", "DEVTYPE=scsi_host\n", NULL);
	snprintf(path, sizeof(path), "%s/%s/target", controller, host);
	add(path, "bus/scsi", "DEVTYPE=scsi_target\n", NULL);
	snprintf(path, sizeof(path), "%s/%s/target/%s", controller, host, address);
	add(path, "bus/scsi", "DEVTYPE=scsi_device\n", "vendor", "QEMU    \n", "model", "QEMU HARD, DISK \n", "type", "0\n", "rev", "2.5+\n", NULL);
	snprintf(path, sizeof(path), "%s/%s/target/%s/block/sd%c", controller, host, address, host[4] + 'a' - '0');
	add(path, "class/block", "MAJOR=8\nMINOR=0\nDEVNAME=sd\nDEVTYPE=disk\n", NULL);
}

#define USB PCI "0000:00:1d.0/usb1/1-1/1-1.4"
static void make_storage(void)
{
	ADD(PCI "0000:00:1f.5", "bus/pci", "");
	ADD(PCI "0000:00:1f.5/ata3", NULL, "");
	ADD(PCI "0000:00:1f.5/ata3/ata_port/ata3", "class/ata_port", "", "port_no", "2\n");
	class("ata_port/ata3", PCI "0000:00:1f.5/ata3/ata_port/ata3");
	scsi(PCI "0000:00:1f.5/ata3", "5:0:1:0", "host5");
	ADD(PCI "0000:00:05.0", "bus/pci", "");
	ADD(PCI "0000:00:05.0/virtio3", "bus/virtio", "");
	ADD(PCI "0000:00:05.0/virtio3/host7", "bus/scsi", "DEVTYPE=scsi_host\n");
	scsi(PCI "0000:00:05.0/virtio3", "8:0:0:300", "host8");
	ADD("devices/virtual/x/y", "bus/y", "");
	scsi("devices/virtual/x/y", "9:0:0:0", "host9");
	ADD(PCI "0000:00:06.0", "bus/pci", "");
	ADD(PCI "0000:00:06.0/nvme/nvme0", "class/nvme", "MAJOR=240\nMINOR=0\nDEVNAME=nvme0\n");
	ADD(PCI "0000:00:06.0/nvme/nvme0/nvme0n1", "class/block", "MAJOR=259\nMINOR=0\nDEVNAME=nvme0n1\nDEVTYPE=disk\n", "nsid", "1\n");
	ADD(PCI "0000:00:05.0/host4", NULL, "");
	ADD(PCI "0000:00:05.0/host4/rport-4:0-1", NULL, "");
	scsi(PCI "0000:00:05.0/host4/rport-4:0-1", "4:0:1:257", "host6");
	ADD(PCI "0000:00:05.0/fc/target", "class/fc_transport", "", "port_name", "0x500a\n");
	class("fc_transport/target", PCI "0000:00:05.0/fc/target");
}

static void make_usb(void)
{
	ADD(PCI "0000:00:1d.0", "bus/pci", "", "config", "0123456789abcdef");
	ADD(PCI "0000:00:1d.0/usb1", "bus/usb", "DEVTYPE=usb_device\n");
	ADD(PCI "0000:00:1d.0/usb1/1-1", "bus/usb", "DEVTYPE=usb_device\n");
	ADD(USB, "bus/usb", "DEVTYPE=usb_device\nMAJOR=189\nMINOR=3\nDEVNAME=bus/usb/001/004\n", "idVendor", "46f4\n", "idProduct", "0001\n", "manufacturer", " Some maker \n",
	    "product", "A  \\key\"\n", "serial", "1-0000:00\n", "bcdDevice", "0100\n",
	    "descriptors", "\x12\x01\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x09\x04\x01\x01\x02\x08\x06\x50\x01\x09\x04\x01\x01\x02\x08\x06\x50\x01\x09\x04\x01\x01\x02\x03\x01\x01\x01\x07\x05\x01\x01\x01\x01\x01");
	ADD(USB "/1-1.4:1.0", "bus/usb", "DEVTYPE=usb_interface\n", "bInterfaceNumber", "00\n", "bInterfaceClass", "08\n", "bInterfaceSubClass", "06\n");
	tree_link("sys/" USB "/1-1.4:1.0/driver", "../../../../../../../bus/usb/drivers/usb-storage");
	scsi(USB "/1-1.4:1.0", "3:0:0:2", "host3");
	ADD(USB "/1-1.4:2.6", "bus/usb", "DEVTYPE=usb_interface\n", "bInterfaceNumber", "06\n", "bInterfaceClass", "ff\n");
	ADD(USB "/1-1.4:2.6/net/wwan0", "class/net", "INTERFACE=wwan0\nIFINDEX=9\nDEVTYPE=wwan\n", "iflink", "9\n", "type", "1\n", "address", "02:80:37:ec:02:00\n", "addr_assign_type", "0\n");
}

static void card(const char *path, const char *index, const char *type)
{
	char uevent[64];

	snprintf(uevent, sizeof(uevent), "INTERFACE=eth\nIFINDEX=%s\n", index);
	add(path, "class/net", uevent, "iflink", index, "type", type, "address", "54:ee:75:cb:1d:c0\n", "addr_assign_type", "0\n", NULL);
}

static void make_net(void)
{
	const char many[] = "123456789abcde\x80";

	ADD(PCI "0000:00:1c.0", "bus/pci", "", "modalias", "pci:v00001B36d0000000Csv00sd00bc06sc04i00\n", "config", "0123456789abcdef");
	ADD(PCI "0000:00:1c.0/0000:02:00.0", "bus/pci", "", "config", many);
	card(PCI "0000:00:1c.0/0000:02:00.0/net/eth0", "2", "1");
	ADD(PCI "0000:00:1c.0/0000:02:01.0", "bus/pci", "", "config", "0123456789abcdef");
	card(PCI "0000:00:1c.0/0000:02:01.0/net/eth1", "3", "1");
	tree_write("sys/bus/pci/slots/4/address", "0000:00:1c\n");
	tree_write("sys/bus/pci/slots/12/address", "0001:05:03\n");
	tree_write("sys/bus/pci/slots/0/address", "0000:02:01\n");
	ADD(PCI "0001:05:03.0", "bus/pci", "", "config", "0123456789abcdef", "acpi_index", "3\n", "label", "Ethernet Port 1\n");
	card(PCI "0001:05:03.0/virtio1/net/eth2", "4", "1");
	ADD(PCI "0001:05:03.0/virtio1", "bus/virtio", "");
	tree_write("sys/" PCI "0001:05:03.0/virtio1/net/eth2/dev_port", "1\n");
	ADD(PCI "0000:06:00.0", "bus/pci", "", "config", "0123456789abcdef", "index", "70000\n");
	tree_link("sys/" PCI "0000:06:00.0/virtfn3", "../0000:06:01.0");
	ADD(PCI "0000:06:01.0", "bus/pci", "", "config", "0123456789abcdef");
	tree_link("sys/" PCI "0000:06:01.0/physfn", "../0000:06:00.0");
	card(PCI "0000:06:01.0/net/eth3", "5", "32");
	ADD("devices/platform/HISI00C2:01", "bus/platform", "");
	card("devices/platform/HISI00C2:01/net/eth4", "6", "1");
	ADD("devices/css0/0.0.0007/0.0.f5f0", "bus/ccwgroup", "");
	card("devices/css0/0.0.0007/0.0.f5f0/net/eth5", "7", "1");
	ADD("devices/vif-3", "bus/xen", "");
	card("devices/vif-3/net/eth6", "8", "1");
	ADD("devices/virtual/net/stacked", "class/net", "IFINDEX=20\n", "iflink", "2\n", "type", "1\n");
	tree_write("usr/lib/udev/hwdb.d/oui.hwdb", "OUI:54EE75*\n ID_OUI_FROM_DATABASE=Wistron\n\nusb:v46F4p0001*\n ID_MODEL_FROM_DATABASE=a disk\n ID_OTHER=no\n\nevdev:*\n ID_KEY=1\n");
}

/* a disk with swap space on it: a file of this tree stands for the node */
static void make_swap(void)
{
	static const uint8_t uuid[16] = { 0xab, 0xcd, 0xef, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
	uint8_t page[4096] = { 0 };
	char uevent[256];
	FILE *f;

	page[1024] = 1;                                 /* version */
	page[1028] = 63;                                /* last page */
	memcpy(page + 1036, uuid, sizeof(uuid));
	memcpy(page + 1052, "a label/", 9);
	memcpy(page + 4086, "SWAPSPACE2", 10);
	snprintf(uevent, sizeof(uevent), "MAJOR=8\nMINOR=32\nDEVNAME=%s\nDEVTYPE=disk\n", tree_path("dev/swap"));
	add("devices/virtual/block/swap", "class/block", uevent, NULL);
	f = fopen(tree_path("dev/swap"), "we");
	if (!f || fwrite(page, sizeof(page), 1, f) != 1 || ftruncate(fileno(f), 8 << 20) < 0 || fclose(f) != 0)
		abort();
}

static int setup(void **state)
{
	char path[128];
	struct hwdb_build *b;

	if (tree_make(state) < 0)
		return -1;
	make_storage();
	make_usb();
	make_net();
	make_swap();
	if (hwdb_build_new(&b, NULL) < 0 || hwdb_build_path(b, tree_root) != 1)
		return -1;
	snprintf(path, sizeof(path), "%s/usr/lib/udev/hwdb.bin", tree_root);
	if (hwdb_build_write(b, path) < 0)
		return -1;
	hwdb_build_free(b);
	hwdb_use_root(tree_root);
	return 0;
}

static int teardown(void **state)
{
	hwdb_use_root("");
	arena_reset(&arena);
	return tree_remove(state);
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

struct row { const char *command, *path; int r; const char *says; };    /* says: "KEY=VALUE" lines, sorted */
static void run_row(void **state)
{
	const struct row *row = *state;
	char command[256], *argv[16], *lines[64], text[8192] = "";
	struct device *d;
	struct event e;
	size_t had;
	int argc, r;

	snprintf(command, sizeof(command), "%s", row->command);
	assert_int_equal(device_open(&d, &arena, tree_path("sys"), row->path), 0);
	event_init(&e, &arena, d, "add");
	e.proc = tree_path("proc");
	had = d->n_props;
	r = builtin_find(command);
	assert_true(r >= 0);
	argc = event_words(command, argv, ARRAY_SIZE(argv));
	r = builtin_run(r, &e, argc, argv);
	assert_int_equal(r < 0 ? r : 0, row->r);
	for (size_t i = had; i < d->n_props; i++)
		assert_true(asprintf(&lines[i - had], "%s=%s\n", d->props[i].key, d->props[i].value) > 0);
	qsort(lines, d->n_props - had, sizeof(*lines), by_text);
	for (size_t i = had; i < d->n_props; i++) {
		strcat(text, lines[i - had]);
		free(lines[i - had]);
	}
	assert_string_equal(text, row->says);
}

struct input_row { struct { const char *ev, *abs, *rel, *key, *prop; unsigned bus; } in; unsigned kinds; };
static void input_row(void **state)
{
	const struct input_row *row = *state;
	struct input_bits b = { .bus = row->in.bus };

	input_mask(row->in.ev, 64, b.ev, ARRAY_SIZE(b.ev));
	input_mask(row->in.abs, 64, b.abs, ARRAY_SIZE(b.abs));
	input_mask(row->in.rel, 64, b.rel, ARRAY_SIZE(b.rel));
	input_mask(row->in.key, 64, b.key, ARRAY_SIZE(b.key));
	input_mask(row->in.prop, 64, b.prop, ARRAY_SIZE(b.prop));
	assert_int_equal(input_kinds(&b), row->kinds);
}

static void masks(void **state)
{
	uint64_t b[2];

	input_mask("1 80000000", 32, b, 2);
	assert_true(b[0] == 0x180000000 && b[1] == 0);
	input_mask("1 0 3", 64, b, 2);
	assert_true(b[0] == 3 && b[1] == 0);
	input_mask("", 64, b, 2);
	assert_true(b[0] == 0 && b[1] == 0);
}

static void descriptors(void **state)
{
	uint8_t d[] = { 18, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 4, 0, 0, 0, 8, 6, 0x50, 0, 7, 5, 0, 0, 0, 0, 0 };
	char out[64];

	usb_interfaces(d, sizeof(d), out, sizeof(out));
	assert_string_equal(out, ":080650:");
	d[18] = 2;                                      /* ends there */
	usb_interfaces(d, sizeof(d), out, sizeof(out));
	assert_string_equal(out, "");
	d[18] = 200;                                    /* cannot be */
	usb_interfaces(d, sizeof(d), out, sizeof(out));
	assert_string_equal(out, "");
	usb_interfaces(d, 17, out, sizeof(out));
	assert_string_equal(out, "");
}

static void key_names(void **state)
{
	assert_int_equal(key_number("volumeup"), KEY_VOLUMEUP);
	assert_int_equal(key_number("a"), KEY_A);
	assert_int_equal(key_number("btn_left"), BTN_LEFT);
	assert_int_equal(key_number("zzz"), -ENOENT);
	assert_int_equal(key_number(""), -ENOENT);
}

static const struct abs_row { const char *text; int r; struct input_absinfo want; } abs_rows[] = {
	{ "1:2:3:4:5", 0, { .minimum = 1, .maximum = 2, .resolution = 3, .fuzz = 4, .flat = 5 } }, { "::12", 0, { .minimum = 7, .maximum = 7, .resolution = 12, .fuzz = 7, .flat = 7 } },
	{ "-0x10", 0, { .minimum = -16, .maximum = 7, .resolution = 7, .fuzz = 7, .flat = 7 } }, { "", 0, { .minimum = 7, .maximum = 7, .resolution = 7, .fuzz = 7, .flat = 7 } },
	{ "1:2:3:4:5:6", -EINVAL, { .minimum = 7, .maximum = 7, .resolution = 7, .fuzz = 7, .flat = 7 } }, { "1:x", -EINVAL, { .minimum = 7, .maximum = 7, .resolution = 7, .fuzz = 7, .flat = 7 } },
};
static void axes(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(abs_rows); i++) {
		struct input_absinfo info = { .minimum = 7, .maximum = 7, .resolution = 7, .fuzz = 7, .flat = 7 };

		assert_int_equal(absinfo_override(abs_rows[i].text, &info), abs_rows[i].r);
		assert_memory_equal(&info, &abs_rows[i].want, sizeof(info));
	}
}

static void seats(void **state)
{
	uid_t uid = 7;

	tree_write("seats/seat0", "IS_SEAT0=1\nACTIVE=c1\nACTIVE_UID=1000\n");
	tree_write("seats/seat1", "IS_SEAT0=0\n");
	tree_write("seats/seat2", "ACTIVE_UID=x\n");
	assert_int_equal(seat_user(tree_path("seats"), "seat1", &uid), -ENXIO);
	assert_int_equal(seat_user(tree_path("seats"), "seat2", &uid), -EINVAL);
	assert_int_equal(seat_user(tree_path("seats"), "seat3", &uid), -ENOENT);
	assert_int_equal(seat_user(tree_path("seats"), "../seats/seat0", &uid), -EINVAL);
	assert_int_equal(uid, 7);
	assert_int_equal(seat_user(tree_path("seats"), "seat0", &uid), 0);
	assert_int_equal(uid, 1000);
}

#define ROW(...) { #__VA_ARGS__, run_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
#define INPUT(name, ...) { "input: " name, input_row, NULL, NULL, &(struct input_row)__VA_ARGS__ }
#define DISK(host, address) "/" host "/target/" address "/block/"
#define MAC(p) "ID_NET_NAME_MAC=" p "x54ee75cb1dc0\n"
#define SCHEME "ID_NET_NAMING_SCHEME=v252\n"
#define OUI "ID_OUI_FROM_DATABASE=Wistron\n"

static const struct CMUnitTest tests[] = {
	ROW("path_id", PCI "0000:00:1f.5/ata3" DISK("host5", "5:0:1:0") "sdf", 0,
	    "ID_PATH=pci-0000:00:1f.5-ata-2.1\nID_PATH_ATA_COMPAT=pci-0000:00:1f.5-ata-2\nID_PATH_TAG=pci-0000_00_1f_5-ata-2_1\n"),
	ROW("path_id", PCI "0000:00:05.0/virtio3" DISK("host8", "8:0:0:300") "sdi", 0, "ID_PATH=pci-0000:00:05.0-scsi-1:0:0:300\nID_PATH_TAG=pci-0000_00_05_0-scsi-1_0_0_300\n"),
	ROW("path_id", "devices/virtual/x/y" DISK("host9", "9:0:0:0") "sdj", -ENOENT, ""),
	ROW("path_id", PCI "0000:00:06.0/nvme/nvme0/nvme0n1", 0, "ID_PATH=pci-0000:00:06.0-nvme-1\nID_PATH_TAG=pci-0000_00_06_0-nvme-1\n"),
	ROW("path_id", PCI "0000:00:05.0/host4/rport-4:0-1" DISK("host6", "4:0:1:257") "sdg", 0, "ID_PATH=pci-0000:00:05.0-fc-0x500a-lun-0x0101000000000000\nID_PATH_TAG=pci-0000_00_05_0-fc-0x500a-lun-0x0101000000000000\n"),
	ROW("path_id", USB "/1-1.4:1.0" DISK("host3", "3:0:0:2") "sdd", 0, "ID_PATH=pci-0000:00:1d.0-usb-0:1.4:1.0-scsi-0:0:0:2\nID_PATH_TAG=pci-0000_00_1d_0-usb-0_1_4_1_0-scsi-0_0_0_2\n"),
	ROW("path_id", "devices/virtual/mem/null", -ENOENT, ""),
	ROW("usb_id", USB "/1-1.4:1.0" DISK("host3", "3:0:0:2") "sdd", 0,
	    "ID_BUS=usb\nID_INSTANCE=0:2\nID_MODEL=QEMU_HARD__DISK\nID_MODEL_ENC=QEMU\\x20HARD\\x2c\\x20DISK\\x20\nID_MODEL_ID=0001\nID_REVISION=2.5+\nID_SERIAL=QEMU_QEMU_HARD__DISK_1-0000:00-0:2\nID_SERIAL_SHORT=1-0000:00\n"
	    "ID_TYPE=disk\nID_USB_DRIVER=usb-storage\nID_USB_INSTANCE=0:2\nID_USB_INTERFACES=:080650:030101:\nID_USB_INTERFACE_NUM=00\nID_USB_MODEL=QEMU_HARD__DISK\nID_USB_MODEL_ENC=QEMU\\x20HARD\\x2c\\x20DISK\\x20\nID_USB_MODEL_ID=0001\n"
	    "ID_USB_REVISION=2.5+\nID_USB_SERIAL=QEMU_QEMU_HARD__DISK_1-0000:00-0:2\nID_USB_SERIAL_SHORT=1-0000:00\nID_USB_TYPE=disk\nID_USB_VENDOR=QEMU\nID_USB_VENDOR_ENC=QEMU\\x20\\x20\\x20\\x20\nID_USB_VENDOR_ID=46f4\n"
	    "ID_VENDOR=QEMU\nID_VENDOR_ENC=QEMU\\x20\\x20\\x20\\x20\nID_VENDOR_ID=46f4\n"),
	ROW("usb_id", USB, 0,
	    "ID_BUS=usb\nID_MODEL=A__key_\nID_MODEL_ENC=A\\x20\\x20\\x5ckey\\x22\nID_MODEL_ID=0001\nID_REVISION=0100\nID_SERIAL=Some_maker_A__key__1-0000:00\nID_SERIAL_SHORT=1-0000:00\nID_USB_INTERFACES=:080650:030101:\n"
	    "ID_USB_MODEL=A__key_\nID_USB_MODEL_ENC=A\\x20\\x20\\x5ckey\\x22\nID_USB_MODEL_ID=0001\nID_USB_REVISION=0100\nID_USB_SERIAL=Some_maker_A__key__1-0000:00\nID_USB_SERIAL_SHORT=1-0000:00\nID_USB_VENDOR=Some_maker\n"
	    "ID_USB_VENDOR_ENC=\\x20Some\\x20maker\\x20\nID_USB_VENDOR_ID=46f4\nID_VENDOR=Some_maker\nID_VENDOR_ENC=\\x20Some\\x20maker\\x20\nID_VENDOR_ID=46f4\n"),
	ROW("usb_id", PCI "0000:00:06.0/nvme/nvme0/nvme0n1", -ENOENT, ""),
	ROW("net_id", USB "/1-1.4:2.6/net/wwan0", 0, "ID_NET_NAME_MAC=wwx028037ec0200\nID_NET_NAME_PATH=wwp0s29u1u4c2i6\n" SCHEME),
	ROW("net_id", PCI "0000:00:1c.0/0000:02:00.0/net/eth0", 0, MAC("en") "ID_NET_NAME_PATH=enp2s0f0\nID_NET_NAME_SLOT=ens4f0\n" SCHEME OUI),
	ROW("net_id", PCI "0000:00:1c.0/0000:02:01.0/net/eth1", 0, MAC("en") "ID_NET_NAME_PATH=enp2s1\n" SCHEME OUI),
	ROW("net_id", PCI "0001:05:03.0/virtio1/net/eth2", 0, "ID_NET_LABEL_ONBOARD=Ethernet Port 1\n" MAC("en") "ID_NET_NAME_ONBOARD=eno3d1\nID_NET_NAME_PATH=enP1p5s3d1\nID_NET_NAME_SLOT=enP1s12d1\n" SCHEME OUI),
	ROW("net_id", PCI "0000:06:01.0/net/eth3", 0, "ID_NET_NAME_PATH=ibp6s0v3\n" SCHEME),
	ROW("net_id", "devices/platform/HISI00C2:01/net/eth4", 0, MAC("en") "ID_NET_NAME_PATH=enahisic2i1\n" SCHEME OUI),
	ROW("net_id", "devices/css0/0.0.0007/0.0.f5f0/net/eth5", 0, MAC("en") "ID_NET_NAME_PATH=encf5f0\n" SCHEME OUI),
	ROW("net_id", "devices/vif-3/net/eth6", 0, MAC("en") "ID_NET_NAME_SLOT=enX3\n" SCHEME OUI),
	ROW("net_id", "devices/virtual/net/stacked", 0, ""),
	ROW("net_id", "devices/virtual/net/lo", -ENOENT, ""),
	ROW("hwdb --subsystem=usb", USB "/1-1.4:1.0" DISK("host3", "3:0:0:2") "sdd", 0, "ID_MODEL_FROM_DATABASE=a disk\nID_OTHER=no\n"),
	ROW("hwdb --filter=*DATABASE --subs usb", USB, 0, "ID_MODEL_FROM_DATABASE=a disk\n"),
	ROW("hwdb --lookup-prefix=evdev: x", "devices/virtual/mem/null", 0, "ID_KEY=1\n"),
	ROW("hwdb nothing", "devices/virtual/mem/null", -ENODATA, ""),
	ROW("hwdb --subsystem=usb", "devices/virtual/mem/null", -ENODATA, ""),
	ROW("hwdb --wrong", "devices/virtual/mem/null", -EINVAL, ""),
	INPUT("AT keyboard", { { "120013", "0", "0", "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe", "0", 0x11 }, INPUT_KEY | INPUT_KEYBOARD }),
	INPUT("PS/2 mouse", { { "7", "0", "3", "1f0000 0 0 0 0", "1", 0x11 }, INPUT_MOUSE }),
	INPUT("I2C mouse", { { "7", "0", "3", "1f0000 0 0 0 0", "1", BUS_I2C }, INPUT_MOUSE | INPUT_POINTINGSTICK }),
	INPUT("USB tablet of QEMU", { { "1f", "3", "900", "70000 0 0 0 0", "0", 3 }, INPUT_MOUSE }),
	INPUT("power button", { { "3", "0", "0", "10000000000000 0", "0", 0x19 }, INPUT_KEY }),
	INPUT("touchpad", { { "b", "663800011000003", "0", "e520 10000 0 0 0 0", "5", 0x11 }, INPUT_TOUCHPAD }),
	INPUT("touchscreen", { { "b", "265800000000003", "0", "400 0 0 0 0 0", "2", 0x18 }, INPUT_TOUCHSCREEN }),
	INPUT("pen tablet", { { "1b", "1000003000003", "0", "1c01 0 0 0 0 0", "2", 3 }, INPUT_TABLET }),
	INPUT("gamepad", { { "20000b", "3003f", "0", "7cdb000000000000 0 0 0 0", "0", 3 }, INPUT_JOYSTICK }),
	INPUT("accelerometer", { { "9", "7", "0", "0", "40", 0x18 }, INPUT_ACCELEROMETER }),
	INPUT("lid", { { "21", "0", "0", "0", "0", 0x19 }, INPUT_SWITCH }),
	INPUT("keyboard with a joystick button", { { "120013", "0", "0", "100000000 0 402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe", "0", 3 }, INPUT_KEY | INPUT_KEYBOARD }),
	INPUT("only a wheel", { { "5", "0", "100", "0", "0", 3 }, INPUT_KEY }),
	INPUT("nothing", { { "1", "0", "0", "0", "0", 3 }, 0 }),
	ROW("blkid", "devices/virtual/block/swap", 0, "ID_FS_LABEL=a_label/\nID_FS_LABEL_ENC=a\\x20label\\x2f\nID_FS_TYPE=swap\nID_FS_USAGE=other\nID_FS_UUID=abcdef01-0203-0405-0607-08090a0b0c0d\n"
	    "ID_FS_UUID_ENC=abcdef01-0203-0405-0607-08090a0b0c0d\nID_FS_VERSION=1\n"),
	ROW("blkid --offset=4096 --noraid", "devices/virtual/block/swap", 0, ""),
	ROW("blkid --offset=no", "devices/virtual/block/swap", -EINVAL, ""),
	ROW("blkid", PCI "0000:00:06.0/nvme/nvme0/nvme0n1", -ENOENT, ""),
	ROW("kmod", "devices/virtual/mem/null", -EINVAL, ""),
	ROW("kmod load", "devices/virtual/mem/null", -ENOENT, ""),
	ROW("btrfs ready", "devices/virtual/mem/null", -EINVAL, ""),
	ROW("net_driver", "devices/virtual/mem/null", -ENODEV, ""),
	ROW("keyboard", "devices/virtual/net/lo", -ENOENT, ""),
	cmocka_unit_test(key_names), cmocka_unit_test(axes), cmocka_unit_test(seats), cmocka_unit_test(masks), cmocka_unit_test(descriptors),
};

int main(void) { return cmocka_run_group_tests(tests, setup, teardown); }
