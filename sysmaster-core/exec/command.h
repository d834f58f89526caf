/* command.h - Exec*= lines: systemd.service(5) "Command lines": prefixes, quoting, several commands on one line */
#pragma once
#include "unit/key.h"

enum { CMD_IGNORE_FAILURE = 1 /* - */, CMD_NO_ENV = 2 /* : */, CMD_FULL_PRIVILEGES = 4 /* + */, CMD_NO_SETUID = 8 /* ! */, CMD_AMBIENT_MAGIC = 16 /* !! */ };

struct command {
	struct command *next;
	char *path;                     /* absolute, or a bare name to be looked up in the search path at exec */
	char **argv;                    /* argv[0] as the process sees it ('@' honoured) */
	unsigned flags;
	/* how its last run went; for `show` and status; serialised by the type */
	pid_t pid; uint64_t start_usec, exit_usec;      /* CLOCK_REALTIME */
	int code, status;
	uint32_t fail_stage; int fail_error;            /* sysmaster-exec could not get there */
};
/** kind of a row whose field is `struct command *` (a list): an empty value resets it */
extern const struct key_kind kind_command;
/** command_format() - as systemctl show prints them, a line each; with @flags as the properties whose names end in Ex */
void command_format(const struct command *c, bool flags, struct buf *out);
void command_list_free(struct command *c);
size_t command_count(const struct command *c);
struct command *command_nth(struct command *c, size_t n);
