/*
 * devctl.h - one invocation of the CLI of devmaster: its options, its streams
 *
 * Nothing is global, so a test runs a command line in-process. Verbs return an exit status.
 */
#pragma once
#include <stdio.h>
#include "buf.h"
#include "diag.h"
#include "option.h"

#define ANY_NUMBER SIZE_MAX

struct devctl {
	FILE *out, *err;
	bool help, version, apply, no_index, strict, quiet, update, usr;
	const char *sysfs, *devdir, *run, *root, *action, *proc, *query;
	unsigned timeout_sec;
	char **rules, **words;          /* --rules; owner frees */
	struct diag_sink sink;          /* prints to .err and counts */
	unsigned errors, warnings;
};

struct verb {
	const char *name, *args;
	size_t min, max;                /* words after the name */
	int (*run)(struct devctl *c, char **words, size_t n);
	const char *doc;
};
extern const struct verb devctl_verbs[];
extern const size_t n_devctl_verbs;
extern const struct option_set devctl_options;

int devctl_main(int argc, char **argv, FILE *out, FILE *err);

int verb_verify(struct devctl *c, char **words, size_t n);
int verb_test_rules(struct devctl *c, char **words, size_t n);
int verb_info(struct devctl *c, char **words, size_t n);
int verb_builtins(struct devctl *c, char **words, size_t n);
int verb_hwdb(struct devctl *c, char **words, size_t n);
int verb_test_builtin(struct devctl *c, char **words, size_t n);

/* json.c - values of an object on one line; bytes that are not UTF-8 become \u00XX */
void json_string(struct buf *out, const char *s);
void json_key(struct buf *out, const char *key);        /* with a comma where one is due */
void json_words(struct buf *out, const char *key, const char *const *v, size_t n, size_t skip); /* @skip: bytes left out in front of each */
