/* options.h - the command line of sysmaster-init */
#pragma once
#include <stdio.h>
#include "util.h"

struct options {
	const char *core, *conf, *run_dir;      /* NULL: not said */
	char *const *command;                   /* what follows "--"; NULL: nothing */
	char *const *words;                     /* n_words of them may speak to a container's init as the kernel command line does to a machine's */
	int n_words;
};

/**
 * options_parse() - @argv[0] is skipped
 * @lenient: as PID 1 a word that is no option of ours is the kernel's or the container manager's
 * Return: 0; 1 when all is said (--help and its like); -EINVAL when usage has been printed to stderr.
 */
int options_parse(struct options *o, int argc, char **argv, bool lenient);
