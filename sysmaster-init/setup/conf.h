/*
 * conf.h - /etc/sysmaster/init.conf: what an administrator may choose about PID 1
 *
 * "Key=Value" lines under an optional "[Init]", '#' and ';' begin comments. A wrong line is logged with file and line, and skipped.
 * The keys are rows (conf_keys): parser, help (`sysmaster-init --help-conf`, from which init.conf is made) and tests use the same.
 */
#pragma once
#include <stdio.h>
#include "util.h"

enum conf_denials { CONF_DENY_NONE, CONF_DENY_OBSOLETE };

struct conf {
	char core[1024];                /* "" : the built-in path */
	char rescue_shell[256];         /* "" : sulogin, then /bin/sh */
	char watchdog_device[256];
	char environment[2048];         /* NAME=VALUE words */
	uint64_t keepalive_usec, core_start_usec, term_usec, kill_usec, power_usec, watchdog_usec, reboot_watchdog_usec;
	uint64_t keepalive_misses, core_deaths, crashes;
	uint64_t log_level;
	uint64_t denials;               /* enum conf_denials */
	bool native_only;               /* refuse system calls of foreign ABIs */
	bool show_status;
};

enum conf_kind { CONF_SPAN, CONF_NUMBER, CONF_BOOL, CONF_TEXT, CONF_LEVEL, CONF_WORD };
struct conf_key {
	const char *name;
	enum conf_kind kind;
	size_t off, size;               /* of the field */
	uint64_t lo, hi;                /* CONF_SPAN in microseconds, CONF_NUMBER */
	const char *const *words;       /* CONF_WORD: the value is the index; NULL ends it */
	const char *initial;            /* parsed by the same parser */
	const char *doc;
};
extern const struct conf_key conf_keys[];       /* sorted by name; a test says so */
extern const size_t conf_n_keys;

void conf_init(struct conf *c);         /* the initial values of the rows */
/** conf_set() - one key: 0; -ENOENT unknown key; -EINVAL; -ERANGE; -ENAMETOOLONG. *c is unchanged on failure */
int conf_set(struct conf *c, const char *key, const char *value);
/** conf_load() - initial values, then the file; a missing file is fine. Returns the number of wrong lines or -errno. */
int conf_load(struct conf *c, const char *path);
void conf_print_help(FILE *out);        /* the commented example file */
