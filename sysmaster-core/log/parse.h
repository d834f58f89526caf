/* parse.h - what programs send to a log collector: the head of a stream, syslog(3) datagrams, journald's native datagrams */
#pragma once
#include "util.h"

#define PARSE_HEAD_MAX 4096
#define PARSE_IDENT_MAX 64
#define PARSE_UNIT_MAX 256

/* The seven lines before the text of a stream: identifier, unit, priority, level prefix, to syslog, to the kernel log, to the console. */
struct head {
	char ident[PARSE_IDENT_MAX], unit[PARSE_UNIT_MAX];      /* cut; "" when the line is empty */
	unsigned priority;              /* facility and level, 0..191 */
	bool level_prefix, to_syslog, to_kmsg, to_console;
};
/** head_parse() - bytes the head takes; 0: it is not all there yet; -EBADMSG: it is none */
int head_parse(const char *p, size_t n, struct head *ret);

/** level_parse() - "<N>" at the beginning of a line: its level goes into @priority, whose facility stays unless the number has one. Bytes it takes, 0: none */
size_t level_parse(const char *p, size_t n, unsigned *priority);

struct message { unsigned priority; char ident[PARSE_IDENT_MAX]; uint32_t pid; const char *text; size_t len; };        /* pid 0: not said; text borrows */
/** syslog_parse() - "<N>Mmm dd hh:mm:ss ident[pid]: text", each part of which may be missing */
void syslog_parse(const char *p, size_t n, struct message *ret);
/** native_parse() - NAME=VALUE lines, or NAME, a little-endian length and so many bytes. -EBADMSG: no MESSAGE= in it */
int native_parse(const char *p, size_t n, struct message *ret);
