/* conf.h - the unit-file grammar of systemd.syntax(7): sections, assignments, continuation, comments; with positions */
#pragma once
#include "diag.h"

#define CONF_MAX_BYTES (1u << 20)       /* a longer file is refused with -EFBIG */
#define CONF_MAX_LINE (1u << 18)

struct conf_handler {
	/** @value: joined and trimmed; @line/@column: of its first character. Return is ignored but for -ENOMEM. */
	int (*assign)(struct conf_handler *h, const char *file, const char *section, const char *key, const char *value, unsigned line, unsigned column);
	/** a section header; return false when the section is not known: its keys are skipped (the handler reports it once) */
	bool (*section)(struct conf_handler *h, const char *file, const char *section, unsigned line);
	struct diag_sink *sink;
};
/** conf_parse() - @text need not be NUL-terminated. Problems go to the sink and parsing goes on. 0; -EFBIG; -ENOMEM */
int conf_parse(const char *file, const char *text, size_t n, struct conf_handler *h);
int conf_parse_file(const char *path, struct conf_handler *h);  /* plus open/read errors */
