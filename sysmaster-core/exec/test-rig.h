/*
 * test-rig.h - whole runs: keys of a unit file -> exec_context -> exec_blob() -> sysmaster-exec -> a probe that tells what it found
 *
 * A row is a list of settings, a command line for Exec*=, and lines that the probe must (or, after '!', must not) print. Everything
 * happens in a mount namespace of its own with empty /run, /tmp, /var/lib ...: nothing of this machine changes.
 */
#pragma once
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "cgroup/context.h"
#include "exec/context.h"

struct thing { struct unit u; struct cgroup_context cgroup; };
extern struct thing thing;              /* the unit that runs */
extern const struct unit_type thing_type;

struct outcome { char text[65536]; uint32_t stage; int32_t error; int status; bool exec_seen; };
struct row { const char *keys[12]; const char *command; const char *want[16]; uint32_t stage; int error; void (*before)(void); unsigned run_flags; };
enum { RUN_LISTEN = 1, RUN_TTY = 2, RUN_CONTROL = 4, RUN_CONNECTION = 8, RUN_GROUP = 16, RUN_DELEGATE = 32, RUN_OPEN = 64, RUN_MISSING = 128, RUN_STAY = 256 /* the group is there already and stays */ };

void run_row(void **state);             /* a struct row */
#define ROW(name_, ...) { name_, run_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
#define KEYS(...) .keys = { __VA_ARGS__ }
#define WANT(...) .want = { __VA_ARGS__ }
#define FAILS(st, e) .stage = IPC_EXEC_STAGE_##st, .error = -(e)
#define CALL(...) .command = "PROBE " __VA_ARGS__
#define NOBODY "User=nobody"

void set_key(struct exec_context *c, const char *line);
void make_command(const char *line, struct command **ret);              /* PROBE in it is the probe's path */
/** start() - become sysmaster-exec with @s in the private world, after @before there; all that it says into @o */
void start(const struct unit_spawn *s, void (*before)(void), struct outcome *o);
bool has_line(const char *text, const char *line);                      /* with a '*' at the end: that begins so */
bool group_begin(void);                 /* a control group for thing; false: there are none here */
void group_end(void);

/* for what is done in the private world */
extern int test_out;                    /* what the test reads */
void must(bool ok, const char *what);   /* or the process ends */
void put(const char *path, const char *text);

int rig_main(const struct CMUnitTest *tests, size_t n);
