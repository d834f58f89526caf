/* machine.c - see machine.h */
#include <ctype.h>
#include <stdio.h>
#include "buf.h"
#include "machine.h"
#include "osfile.h"
#include "virt.h"

/* the first word of a small file without what says nothing: 0 or -ENOENT */
static int word(const char *root, const char *path, char *ret, size_t size)
{
	static const char *const nothing[] = { "", "None", "Default string", "To Be Filled By O.E.M.", "Not Specified", "0", "123456789",
		"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "03000200-0400-0500-0006-000700080009" };
	char full[4096];
	int n;

	snprintf(full, sizeof(full), "%s%s", root, path);
	n = osfile_read(full, ret, size);
	while (n > 0 && isspace((unsigned char)ret[n - 1]))
		ret[--n] = '\0';
	for (size_t i = 0; n >= 0 && i < ARRAY_SIZE(nothing); i++)
		if (strcasecmp(ret, nothing[i]) == 0)
			n = -ENOENT;
	return n < 0 ? -ENOENT : 0;
}

static bool first_boot(const char *root, char *id, size_t size)
{
	static const char *const marks[] = { "/run/sysmaster/first-boot", "/run/systemd/first-boot" };
	char mark[4096];
	bool first = false;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		snprintf(mark, sizeof(mark), "%s%s", root, marks[i]);
		first |= access(mark, F_OK) == 0;
	}
	return first || word(root, "/etc/machine-id", id, size) < 0 || strlen(id) != 32 || strspn(id, "0123456789abcdefABCDEF") != 32;
}

enum machine_kind machine_identify(const char *root, uint8_t ret[SEED_BYTES])
{
	static const char *const hardware[] = { "/sys/class/dmi/id/product_uuid", "/sys/class/dmi/id/product_serial", "/sys/class/dmi/id/board_serial",
		"/sys/firmware/devicetree/base/serial-number", "/sys/hypervisor/uuid" };
	_cleanup_(buf_finish) struct buf all = { 0 };
	enum virt_class class;
	char text[256];
	bool named = false;

	memset(ret, 0, SEED_BYTES);
	virt_detect(&class);
	if (class == VIRT_CONTAINER)
		return MACHINE_CONTAINER;
	if (first_boot(root, text, sizeof(text)))
		return MACHINE_FIRST_BOOT;
	buf_addf(&all, "%s\n", text);
	for (size_t i = 0; i < ARRAY_SIZE(hardware); i++) {
		bool there = word(root, hardware[i], text, sizeof(text)) == 0;

		named |= there;
		buf_addf(&all, "%s\n", there ? text : "");
	}
	if (!named || buf_error(&all) < 0)
		return MACHINE_NAMELESS;
	seed_hash("sysmaster random-seed: machine", all.data, all.len, ret);
	return MACHINE_KNOWN;
}
