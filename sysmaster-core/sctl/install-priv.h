/* install-priv.h - what install.c, install-info.c, install-state.c and install-preset.c share */
#pragma once
#include "sctl/install.h"
#include "unit/unit.h"

/* [Install] of one unit, by its name or, for a template with DefaultInstance=, by that instance. */
struct install_info {
	char *name;                     /* as asked for */
	char *effective;                /* what is linked: NAME@DEFAULT.suffix, else name */
	char *path;                     /* the fragment without root: what links point to */
	char **alias, **wanted_by, **required_by, **upheld_by, **also;
};
/** install_info_read() - @path: fragment (with root) when it is not the one the lookup finds, else NULL */
int install_info_read(const struct lookup *l, const char *name, const char *path, struct install_info *ret);
void install_info_done(struct install_info *i);
bool install_info_any(const struct install_info *i);            /* Alias=, WantedBy=, RequiredBy= or UpheldBy= */

/* where links of an administrator stand; the first is where they are made. NULL-terminated */
const char *const *install_config_dirs(unsigned flags);         /* NULL-terminated; valid until the next call */

int install_note(struct install_changes *ch, enum install_change_kind kind, enum install_reason reason, int error, const char *path, const char *target);

/* one request */
struct install_job {
	struct lookup *l;
	const char *const *config;      /* directories of the scope; [0] is written to */
	unsigned flags;
	struct install_changes *ch;
	char **seen;                    /* units that were dealt with, so that Also= may go in circles */
	int r;                          /* first failure */
};
struct install_job install_job_of(struct lookup *l, unsigned flags, struct install_changes *ch);
int install_job_done(struct install_job *j);                    /* the first failure, or 0; the lookup is read anew */
void install_failed(struct install_job *j, enum install_reason why, int error, const char *path, const char *target);
/** install_make_link() - @where below the scope's directory; @force: replaces another link */
void install_make_link(struct install_job *j, const char *where, const char *target, bool force);
char **install_folder(const char *path);                        /* names in it, sorted, none that begins with a dot; NULL when there are none */
int install_make_parents(const char *path);                      /* the directories above it */
bool install_is_config(const char *dir);                        /* an administrator's or the user's own, not a vendor's */
