/* lookup.h - what path.c (the search path and its names) and dropin.c (the folders beside a unit) share */
#pragma once
#include <sys/stat.h>
#include "arena.h"
#include "unit/path.h"

enum entry_kind { ENTRY_FILE, ENTRY_MASK, ENTRY_ALIAS, ENTRY_DIR };
struct entry {
	const char *name;
	const char *target;             /* ENTRY_ALIAS: a unit name; ENTRY_FILE: the path to open when it is not DIR/NAME */
	unsigned short dir;             /* index into dirs: smaller is higher priority */
	unsigned char kind;
	bool outside;                   /* a link to a file that is not in the search path */
};

struct dir_stamp { dev_t dev; ino_t ino; struct timespec mtime; bool there, twin; };

struct lookup {
	char *root;
	char **dirs;
	size_t n_dirs;
	struct dir_stamp *stamps;
	struct arena arena;
	struct entry *entries;          /* by name, then dir */
	size_t n_entries, cap_entries;
	const struct entry **aliases;   /* the effective ENTRY_ALIAS ones, by target */
	size_t n_aliases;
};

/** may @alias be another name of @target? systemd.unit(5): same type; plain to plain, template to template, instance to either */
bool lookup_alias_fits(const char *alias, const char *target);
/** fills kind, target and outside of @e, a symlink in its directory. -ENOMEM */
int lookup_classify_link(struct lookup *l, int dir_fd, struct entry *e);
/** the first entry of that name, or NULL; further ones of the same name, of lesser directories, follow it */
const struct entry *lookup_first(const struct lookup *l, const char *name);
const struct entry *lookup_next(const struct lookup *l, const struct entry *e);
/** dropin_collect() - @ending ".d": paths of drop-ins; ".wants" ...: unit names; of all @names, sorted, masked ones left out */
int dropin_collect(const struct lookup *l, char *const *names, const char *ending, char ***ret);
