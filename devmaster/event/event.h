/*
 * event.h - one event while the rules see it: the device, what it was, and what the rules decided
 *
 * Memory is of .arena; the caller makes it, sets what is marked "in", and reads the rest after rules_apply().
 */
#pragma once
#include "buf.h"
#include "diag.h"
#include "database/database.h"
#include "device/device.h"

#define EVENT_NAME_BYTES 512
#define EVENT_PATH_BYTES 1024
#define EVENT_LINE_BYTES 2048

struct event;
/* what rules reach outside through; a seam: a test or a dry run puts its own there */
struct event_host {
	/** program() - run @command, its output to @out (bounded). Exit status, or negative errno (-ETIMEDOUT ...) */
	int (*program)(struct event *e, const char *command, struct buf *out);
	/** write() - ATTR{} and SYSCTL{} assigned. 0 or negative errno */
	int (*write)(struct event *e, const char *path, const char *value);
};
extern const struct event_host event_host_child;        /* programs in a child with a time-out; writes nothing */

enum event_escape { EVENT_ESCAPE_UNSET, EVENT_ESCAPE_NONE, EVENT_ESCAPE_REPLACE };
struct event_run { struct event_run *next; const char *command; int builtin; /* negative: a program */ };
struct event_label { struct event_label *next; const char *module, *label; };

struct event {
	struct arena *arena;            /* in */
	struct device *dev;             /* in */
	struct device *old;             /* in: a device with what the database knew before; NULL: nothing */
	struct database *db;            /* in: to ask about parents; may be NULL */
	struct diag_sink *sink;         /* in: what single lines fail at; NULL: nobody asks */
	const struct event_host *host;  /* in */
	const char *action;             /* in: "add", "change", ... */
	const char *proc;               /* in: "/proc" */
	uint64_t timeout_usec;          /* in: for one program */
	bool dry;                       /* in: builtins say what they find, but change nothing outside of the event */

	struct device *matched;         /* device that the last ATTRS, KERNELS, ... matched */
	const char *name;               /* NAME; NULL: unset */
	const char *result;             /* output of the last PROGRAM */
	int64_t mode, uid, gid;         /* -1: not said */
	int watch;                      /* 1, 0; -1: not said */
	int log_level;                  /* -1: not said */
	bool dump;
	bool mode_final, uid_final, gid_final, name_final, links_final, run_final, watch_final;
	enum event_escape escape;       /* of the line being looked at */
	struct event_run *run, **run_tail;
	struct event_label *labels;
	uint64_t builtins_run, builtins_failed; /* bit per builtin that runs once an event */
	const char *slow_file; unsigned slow_line; uint64_t slow_usec;  /* of the lines that import: the one that took longest */
};

void event_init(struct event *e, struct arena *a, struct device *dev, const char *action);
bool event_is_remove(const struct event *e);

/** event_format() - substitutions of @text into @out. 0; -E2BIG: it does not fit. @underscores: blanks in what is put in become _ */
int event_format(struct event *e, const char *text, char *out, size_t size, bool underscores);
/** subst_check() - 0, or -EINVAL with *@offset and *@why: a substitution that udev does not know */
int subst_check(const char *s, size_t *offset, const char **why);
/** event_environ() - what a program of the event sees: its properties, but none with a leading dot; ends with NULL. NULL: no memory */
char **event_environ(struct event *e);
/** event_program() - where the program of a rule is: an absolute path, else below /usr/lib/udev, else /usr/lib/sysmaster/udev. -ENAMETOOLONG */
int event_program(const char *name, char *path, size_t size);
/** event_spawn() - start a program in a process group of its own, no signal blocked, input and (@out < 0) output nowhere. 0 or -errno */
int event_spawn(pid_t *pid, const char *path, char *const *argv, char *const *env, int out);
void event_output(struct buf *out, const char *p, size_t n);    /* what it said, as far as there is room; then -E2BIG */
/** event_words() - a command line of rules -> words: blanks separate, '...' and "..." hold together; @argv ends with NULL. Count or -E2BIG */
int event_words(char *command, char **argv, size_t max);

/**
 * cmdline_read() - words of the kernel's command line (in a container: of PID 1) below @proc ("/proc"). Length or negative errno
 * cmdline_value() - value of the last word @key, @key= of it; 1: found ("1" for a word without a value), 0: not there
 */
int cmdline_read(const char *proc, char *text, size_t size);
int cmdline_value(const char *proc, const char *key, char *value, size_t size);

/* text.c */
void text_replace(char *s, const char *also);           /* bytes that a link or property may not hold -> '_'; @also: allowed besides */
int text_encode(const char *s, char *out, size_t size); /* such bytes become \x20 instead; -E2BIG: cut */
void text_replace_ifname(char *s);                      /* the same for names of network interfaces */
size_t text_underscores(char *s);                       /* outer blanks go, inner runs become one '_'. New length */
void text_strip_end(char *s);                           /* blanks at the end go */
/** text_property() - a line KEY=VALUE, KEY="VALUE" of a file or program (changed). 1; 0: comment, or nothing behind the =; -EINVAL */
int text_property(char *line, char **ret_key, char **ret_value);
