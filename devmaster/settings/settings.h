/*
 * settings.h - what the administrator says: /etc/udev/udev.conf, the kernel command line, options; udev.conf(5), systemd-udevd(8)
 *
 * Rows in settings.c: each setting has one name in the file, on the kernel command line and as an option. Later ones win in that order.
 */
#pragma once
#include "diag.h"

enum settings_names { NAMES_EARLY, NAMES_LATE, NAMES_NEVER };
struct settings {
	int log_level;
	uint64_t children_max;          /* 0: as many as suit the machine */
	uint64_t exec_delay_usec, event_timeout_usec;
	int timeout_signal;
	enum settings_names names;
	bool blockdev_read_only;
	unsigned children_default;      /* what 0 means: settings_machine() */
};

void settings_init(struct settings *s);
/** settings_file() - lines NAME=VALUE; a faulty one is reported and left out. -ENOENT: no such file */
int settings_file(struct settings *s, const char *path, struct diag_sink *sink);
/** settings_cmdline() - words udev.NAME=VALUE of @text, in an initramfs rd.udev.NAME=VALUE too */
void settings_cmdline(struct settings *s, const char *text, bool initramfs, struct diag_sink *sink);
/** settings_set() - -ENOENT: no such setting; -EINVAL: no value of it */
int settings_set(struct settings *s, const char *name, const char *value);
void settings_machine(struct settings *s);              /* looks at processors and memory */
unsigned settings_children(const struct settings *s);   /* workers at most */
