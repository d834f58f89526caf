/* changes.c - has what rules and builtins are made of changed? by the times of folders, as systemd-udevd looks at them */
#include <sys/stat.h>
#include "manager/manager.h"

#define LOOK_USEC (3 * USEC_PER_SEC)

static const char *const sources[] = {
	"/etc/devmaster/rules.d", "/run/devmaster/rules.d", "/usr/lib/devmaster/rules.d",
	"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d",
	"/etc/systemd/network", "/run/systemd/network", "/usr/local/lib/systemd/network", "/usr/lib/systemd/network", "/lib/systemd/network",
	"/etc/udev/hwdb.bin", "/usr/lib/udev/hwdb.bin", "/lib/udev/hwdb.bin", "/etc/systemd/hwdb/hwdb.bin",
};

static uint64_t signature(void)
{
	uint64_t h = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		struct stat st;
		struct { uint64_t before; int64_t sec, nsec; uint64_t ino; } one = { .before = h };

		if (stat(sources[i], &st) == 0) {
			one.sec = st.st_mtim.tv_sec;
			one.nsec = st.st_mtim.tv_nsec;
			one.ino = st.st_ino;
		}
		h = hash64(&one, sizeof(one));
	}
	return h;
}

bool changes_look(struct manager *m)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME), before = m->signature;

	if (m->looked_usec && now - m->looked_usec < LOOK_USEC)
		return false;
	m->looked_usec = now;
	m->signature = signature();
	return before != 0 && before != m->signature;
}
