/*
 * fuzz-monitor.c - libFuzzer entry: any bytes as a message of the kernel, of a device manager, of the control socket
 *
 * The first byte chooses. What is taken must hold what its header promises, and must come out of the encoder as it went in.
 */
#include "control/wire.h"
#include "monitor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct uevent *u)
{
	const char *p = NULL, *line;
	char id[512];
	size_t n = 0;

	if (!*u->action || u->devpath[0] != '/' || strstr(u->devpath, "/../") || !*u->subsystem || !u->seqnum)
		abort();
	while ((line = uevent_next(u, &p)))
		n += strlen(line) + 1;
	if (n != u->len || !streq(uevent_get(u, "DEVPATH") ? "x" : "", "x"))
		abort();
	if (uevent_id(u, id, sizeof(id)) == 0 && !*id)
		abort();
}

static void message(const void *data, size_t n)
{
	static const char *const tags[] = { "systemd", "a" };
	static const struct monitor_match matches[] = { { "block", "disk" }, { "net", NULL } };
	static const struct monitor_filter filter = { matches, 2, tags, 2 };
	struct buf b = { 0 };
	struct uevent u, again;
	int group;

	if (monitor_decode(data, n, &u, &group) < 0)
		return;
	judge(&u);
	monitor_passes(&filter, &u);
	if (monitor_encode(&b, u.properties, u.len) < 0 || monitor_decode(b.data, b.len, &again, &group) < 0 || group != MONITOR_UDEV ||
	    again.len != u.len || memcmp(again.properties, u.properties, u.len) != 0 || again.seqnum != u.seqnum)
		abort();
	buf_finish(&b);
}

static void control(const void *data, size_t n)
{
	struct control_message m, again;
	struct control_wire w;

	if (control_decode(data, n, &m) < 0)
		return;
	if (control_encode(&m, &w) < 0 || control_decode(&w, sizeof(w), &again) < 0 || again.verb != m.verb || again.number != m.number ||
	    !streq0(again.text, m.text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy;

	if (size < 1)
		return 0;
	copy = malloc(size);                            /* of exactly its size, so that ASan sees a step too far */
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	(data[0] % 2 ? control : message)(copy, size - 1);
	free(copy);
	return 0;
}
