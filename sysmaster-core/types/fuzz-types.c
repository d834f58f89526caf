/*
 * fuzz-types.c - libFuzzer entry: what unit types read beside unit files; the first byte chooses the reader
 *
 * Calendar events, addresses, lines of mountinfo, /etc/fstab, messages of udev's monitor, packets of the automounter,
 * messages of the D-Bus. What was read is used once.
 */
#include "busname/dbus.h"
#include "types/automount/autofs.h"
#include "types/device/devinfo.h"
#include "types/mount/fstab.h"
#include "types/mount/mountinfo.h"
#include "types/socket/address.h"
#include "types/timer/calendar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void calendar(const char *text)
{
	_cleanup_(calendar_freep) struct calendar *c = NULL, *again = NULL;
	uint64_t next, next_again, after = 1774732200ULL * USEC_PER_SEC;
	struct buf b = { 0 };

	if (calendar_parse(text, &c) < 0)
		return;
	calendar_format(c, &b);
	if (calendar_parse(buf_str(&b), &again) < 0)    /* the normal form means the same */
		abort();
	int r = calendar_next(c, after, &next), r_again = calendar_next(again, after, &next_again);

	if (r != r_again || (r == 0 && (next <= after || next != next_again)))
		abort();
	buf_finish(&b);
}

static void address(const char *text)
{
	for (int kind = 0; kind < N_PORT_KINDS; kind++) {
		struct address a;

		if ((kind == PORT_STREAM || kind == PORT_DATAGRAM || kind == PORT_SEQPACKET || kind == PORT_NETLINK) &&
		    address_parse((enum port_kind)kind, text, &a) == 0 && (a.len == 0 || a.len > sizeof(struct sockaddr_un)))
			abort();
	}
}

static void table(char *text)
{
	struct mountinfo m;
	const char *p;
	char *value = NULL;

	if (mountinfo_parse(text, &m) < 0)
		return;
	p = m.options;
	while (option_next(&p, "size", &value) > 0)
		free(value);
	mount_is_network(m.type, m.options);
	mount_is_extrinsic(m.where);
	free(m.options);
}

static void dbus(const uint8_t *data, size_t size)
{
	struct dbus_message m;
	bool yes;
	ssize_t n = dbus_parse(data, size, &m);

	if (n > (ssize_t)size)
		abort();
	if (n <= 0)
		return;
	dbus_body_bool(&m, &yes);
	for (unsigned i = 0; dbus_body_string(&m, i); i++)
		continue;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = NULL;
	struct autofs_request q;
	struct devinfo d;
	struct fstab f;

	if (size < 1)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	switch (data[0] % 7) {
	case 0:
		calendar(text);
		break;
	case 1:
		address(text);
		break;
	case 2:
		table(text);
		break;
	case 3:
		if (fstab_parse((const char *)data + 1, size - 1, &f) == 0)
			fstab_done(&f);
		break;
	case 4:
		autofs_decode(data + 1, size - 1, &q);
		break;
	case 5:
		dbus(data + 1, size - 1);
		break;
	default:
		if (devinfo_parse(data + 1, size - 1, &d) == 0)
			devinfo_done(&d);
	}
	return 0;
}
