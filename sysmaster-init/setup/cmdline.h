/*
 * cmdline.h - the kernel command line, as far as it speaks to init: a pure parser
 *
 * Words are parted by blanks; double quotes keep blanks together, as the kernel reads them. What follows a word "--" the kernel
 * hands to init as arguments; it is read the same way. Words that are not ours are skipped; one that begins with "sysmaster." and
 * is unknown, or has a value that makes no sense, is kept for one warning.
 * Source: kernel-command-line(7), systemd(1) "Kernel command line", the kernel's admin-guide/kernel-parameters.
 */
#pragma once
#include "util.h"

struct cmdline {
	char unit[257];                 /* boot into this unit; "" for the default */
	char core[1024];                /* sysmaster.core=; "" */
	int log_level;                  /* -1: not said */
	int show_status;                /* -1: not said; 0, 1 */
	char unknown[128];              /* the first word that asked us for what we do not know; "" */
};

void cmdline_init(struct cmdline *c);
/** cmdline_parse() - read @line (not NUL-terminated, @n bytes) into *c, later words win; bytes of any value are fine */
void cmdline_parse(struct cmdline *c, const char *line, size_t n);
/** cmdline_word() - one word, as argv of a container's init has them */
void cmdline_word(struct cmdline *c, const char *word);
