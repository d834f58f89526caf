/*
 * verify.h - unit files read by the library that core reads them with, in this process, and all that is wrong with them
 *
 * Source: systemd-analyze(1) "verify". Nothing is started and no manager is asked; problems are kept until they are printed.
 */
#pragma once
#include "arena.h"
#include "job/transaction.h"
#include "unit/path.h"
#include "unit/unit.h"

struct verify_problem { enum diag_level level; const char *file, *text; unsigned line, column; };
/** an assignment that a later check may have to point at */
struct verify_place { const struct key *key; const char *file, *value; unsigned line, column; };

struct verify {
	struct diag_sink sink;
	struct unit_observer observer;
	struct transaction_watch watch;
	struct unit_host host;
	struct lookup *lookup;
	struct unit_set *set;
	struct arena arena;             /* texts of problems and places */
	struct verify_problem *problems; size_t n_problems, cap_problems;
	struct verify_place *places; size_t n_places, cap_places;
	int root_fd;                    /* of --root=, or of / */
	struct unit *testing;           /* whose job is being tried */
	char **checked;                 /* units that had their turn */
	size_t n_units, n_files, n_keys;
};

int verify_new(struct verify **ret, enum lookup_scope scope, const char *root);
void verify_free(struct verify *v);
DEFINE_CLEANUP(struct verify *, verify_free);
void verify_report(struct verify *v, enum diag_level level, const char *file, unsigned line, unsigned column, const char *fmt, ...) _printf_(6, 7);
/** verify_sort() - by file and line; what was said twice (of two instances of a template) is said once */
void verify_sort(struct verify *v);
size_t verify_count(const struct verify *v, enum diag_level level);

/**
 * verify_name() - load the unit and check it: load state, commands, what it triggers and requires, a start job
 * @name: a template is taken with the instance "test-instance", as systemd-analyze does. A unit is checked once.
 */
int verify_name(struct verify *v, const char *name);
/** verify_tree() - what stands in the search path itself: names that are no units, links that lead nowhere or to another type */
int verify_tree(struct verify *v);
/** verify_open() - a path below the root, links followed within it; an O_PATH descriptor or -errno */
int verify_open(const struct verify *v, const char *path);
