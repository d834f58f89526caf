/*
 * log.h - structured log: an id that never changes, fields, a sentence
 *
 * A line on stderr or in a file reads "<sentence> [ID FIELD=value ...]" (with a time stamp in a file); on /dev/kmsg it has the
 * syslog priority and the program's name in front. Never blocks, never allocates; errno is kept. A flood (over LOG_BURST lines of
 * one id in 5 seconds) is counted and reported as one line "suppressed N lines".
 */
#pragma once
#include <syslog.h>
#include "util.h"

struct log_field { const char *name; enum { LOG_F_STR, LOG_F_I64, LOG_F_U64, LOG_F_ERRNO } kind; union { const char *s; int64_t i; uint64_t u; }; };
#define F_STR(n, v) ((struct log_field){ .name = (n), .kind = LOG_F_STR, .s = (v) })
#define F_I64(n, v) ((struct log_field){ .name = (n), .kind = LOG_F_I64, .i = (v) })
#define F_U64(n, v) ((struct log_field){ .name = (n), .kind = LOG_F_U64, .u = (v) })
#define F_ERRNO(e) ((struct log_field){ .name = "ERRNO", .kind = LOG_F_ERRNO, .i = (e) })      /* negative errno */

enum log_target { LOG_TO_STDERR, LOG_TO_KMSG, LOG_TO_FILE };
#define LOG_BURST 200

void log_open(const char *program, enum log_target target, const char *path_or_null);
int log_fd(void);                       /* where lines go: for a child that closes all others */
void log_set_level(int level);          /* LOG_DEBUG .. LOG_EMERG: lines above it are dropped; LOG_INFO at start */
int log_level(void);
int log_level_parse(const char *s, int *ret);   /* "debug", "info", ... or 0..7 */

/** log_event(LOG_WARNING, "UNIT_START_TIMEOUT", "start timed out, stopping", F_STR("UNIT", u->id), F_ERRNO(r)) */
#define log_event(level, id, text, ...) \
	log_write((level), (id), (text), (struct log_field[]){ { .name = NULL }, ##__VA_ARGS__ }, \
		  sizeof((struct log_field[]){ { .name = NULL }, ##__VA_ARGS__ }) / sizeof(struct log_field))
void log_write(int level, const char *id, const char *text, const struct log_field *fields, size_t n); /* fields[0] is unused */
/** log_line() - plain printf form for output that has no id (progress on the console) */
void log_line(int level, const char *fmt, ...) _printf_(2, 3);
