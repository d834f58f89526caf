/* diag.h - what is wrong with a file, and exactly where: every loader reports through here, nothing is lost */
#pragma once
#include "util.h"

enum diag_level { DIAG_ERROR, DIAG_WARNING, DIAG_UNSUPPORTED /* known by name, not honoured */ };

/*
 * A sink gets one call per problem. core's sink logs it ("UNIT_FILE" with FILE LINE COLUMN) and keeps the last of them for
 * `sctl status` and reload's answer; `sctl verify` prints and counts. @line and @column count from 1; 0: the file as a whole.
 */
struct diag_sink {
	void (*report)(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text);
};

void diag(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *fmt, ...) _printf_(6, 7);
