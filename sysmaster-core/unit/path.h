/*
 * path.h - where unit files are: search path, fragment and drop-ins of a name, aliases, masks, .wants directories
 *
 * Source: systemd.unit(5) "Unit File Load Path", with the native directories in front: for each of /etc, /run, /usr/lib the
 * suite's own `sysmaster/system`, then systemd's.
 */
#pragma once
#include "util.h"

struct lookup;
enum lookup_scope { LOOKUP_SYSTEM, LOOKUP_USER };

/** lookup_new() - @root: "" or a folder that stands for / (sctl --root, tests). $SYSMASTER_UNIT_PATH replaces the list (":" at its end: is put in front). */
int lookup_new(struct lookup **ret, enum lookup_scope scope, const char *root);
void lookup_free(struct lookup *l);
DEFINE_CLEANUP(struct lookup *, lookup_free);
char *const *lookup_dirs(const struct lookup *l);       /* highest priority first */
const char *lookup_root(const struct lookup *l);
/** lookup_refresh() - read the directories anew (names only, kept in memory: one readdir each instead of 30 stats a unit) */
int lookup_refresh(struct lookup *l);
/** lookup_add_dir() - an absolute path, put in front of the search path; takes effect with lookup_refresh(). -ENOMEM */
int lookup_add_dir(struct lookup *l, const char *dir);
bool lookup_stale(const struct lookup *l);              /* a directory changed since (mtime) */

struct lookup_result {
	char *id;                       /* the name the fragment goes by after following aliases; equals the question when there is none */
	char *fragment;                 /* path; NULL: not found */
	bool masked;                    /* fragment is /dev/null or empty */
	char **aliases;                 /* all names that lead to the same fragment, question and id included */
	char **dropins;                 /* *.conf in the order they are read */
	char **wants, **requires, **upholds;    /* unit names from NAME.wants/ etc. of all names */
};
/** lookup_find() - everything the disk says about @name (instances fall back to the template). 0 also when nothing was found; -ELOOP alias loop; -ENOMEM */
int lookup_find(const struct lookup *l, const char *name, struct lookup_result *ret);
void lookup_result_done(struct lookup_result *r);
struct lookup_file {                    /* how one name stands in the search path, without following it */
	const char *dir;                /* the directory (without root) it was found in */
	const char *name;               /* itself or its template */
	bool masked, alias, elsewhere;  /* link to /dev/null; to another unit of the path; to a file outside of it */
	const char *target;             /* alias: the unit's name */
};
bool lookup_file(const struct lookup *l, const char *name, struct lookup_file *ret);   /* borrowed until lookup_refresh() */
bool lookup_exists(const struct lookup *l, const char *name);   /* is there a file (or mask, alias) for it or its template? */
/** lookup_list() - every unit file name there is (list-unit-files); caller strv_free()s */
int lookup_list(const struct lookup *l, char ***ret_names);
