/*
 * install.h - what [Install] sections ask for, done in the file tree: enable, disable, mask, link, presets, default target
 *
 * Files only: works below any root and without a running manager. Links are made where systemctl makes them
 * (/etc/systemd/system, with @runtime /run/systemd/system), so that both tools agree; links in the suite's own configuration
 * directories are found and removed too. Messages and results are those of systemctl(1).
 */
#pragma once
#include "buf.h"
#include "unit/path.h"

enum install_change_kind {
	INSTALL_LINKED,                 /* path -> target was created */
	INSTALL_UNLINKED,               /* path was removed */
	INSTALL_DANGLING,               /* target (a unit) has no file though path depends from it: a remark */
	INSTALL_AUXILIARY,              /* target, of Also=, could not be done: a remark */
	INSTALL_FAILED,                 /* error says why */
};
enum install_reason {
	INSTALL_OK, INSTALL_NO_UNIT, INSTALL_MASKED, INSTALL_IS_LINKED, INSTALL_BAD_NAME, INSTALL_BAD_ALIAS, INSTALL_NO_TEMPLATE,
	INSTALL_FILE_EXISTS, INSTALL_LINK_EXISTS, INSTALL_NO_TARGET_TYPE, INSTALL_ERRNO,
};
struct install_change {
	enum install_change_kind kind;
	enum install_reason reason;     /* of INSTALL_FAILED */
	int error;                      /* negative errno of INSTALL_FAILED */
	char *path, *target;            /* may be NULL */
};
struct install_changes {
	struct install_change *v; size_t n;
	bool carries_install;           /* a unit of the request has something in [Install]; else, without a failure, the CLI explains */
};
void install_changes_done(struct install_changes *c);
/** install_format() - one change as systemctl says it, e.g. "Created symlink X → Y."; @verb "enable" for failures. 1: is an error */
int install_format(const struct install_change *c, const char *verb, struct buf *out);

enum install_flags { INSTALL_RUNTIME = 1, INSTALL_FORCE = 2, INSTALL_GLOBAL = 4 /* the units of all users' managers */ };
enum install_preset_mode { PRESET_FULL, PRESET_ENABLE_ONLY, PRESET_DISABLE_ONLY };

/*
 * All verbs: @l is read fresh (lookup_refresh()) where files were changed. @names: unit names with suffix (name_mangle()), for
 * enable and link also absolute paths. Changes are appended to *ch also when an error is returned.
 * Return: 0, or the negative errno of the first change that failed.
 */
int install_enable(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch);
int install_disable(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch);
int install_reenable(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch);
int install_mask(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch);
int install_unmask(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch);
int install_link(struct lookup *l, char *const *paths, unsigned flags, struct install_changes *ch);
int install_preset(struct lookup *l, char *const *names, enum install_preset_mode mode, unsigned flags, struct install_changes *ch);
int install_preset_all(struct lookup *l, enum install_preset_mode mode, unsigned flags, struct install_changes *ch);
/** install_add_dependency() - links in TARGET.wants/ or, with @requires, TARGET.requires/ */
int install_add_dependency(struct lookup *l, const char *target, bool requires, char *const *names, unsigned flags, struct install_changes *ch);
/** install_revert() - what an administrator added goes: drop-ins, masks, and files that stand before a vendor's */
int install_revert(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch);
int install_set_default(struct lookup *l, const char *target, unsigned flags, struct install_changes *ch);
int install_get_default(const struct lookup *l, char **ret);   /* caller frees; -ENOENT */

enum install_state {
	INSTALL_STATE_ENABLED, INSTALL_STATE_ENABLED_RUNTIME, INSTALL_STATE_LINKED, INSTALL_STATE_LINKED_RUNTIME, INSTALL_STATE_ALIAS,
	INSTALL_STATE_MASKED, INSTALL_STATE_MASKED_RUNTIME, INSTALL_STATE_STATIC, INSTALL_STATE_DISABLED, INSTALL_STATE_INDIRECT,
	INSTALL_STATE_GENERATED, INSTALL_STATE_TRANSIENT, INSTALL_STATE_BAD, N_INSTALL_STATES
};
const char *install_state_name(enum install_state s);          /* "enabled-runtime" ...: what is-enabled prints */
bool install_state_is_yes(enum install_state s);                /* is-enabled's exit status 0 */

/* For many questions: reads the links of all directories once. */
struct install_index;
int install_index_new(struct install_index **ret, const struct lookup *l, unsigned flags);      /* INSTALL_GLOBAL */
void install_index_free(struct install_index *x);
DEFINE_CLEANUP(struct install_index *, install_index_free);
/** install_state_of() - -ENOENT: no file of that name; -EINVAL: no unit name */
int install_state_of(const struct install_index *x, const char *name, enum install_state *ret);
/** install_preset_of() - what the preset files say: 1 enable, 0 disable; -EINVAL: no unit name */
int install_preset_of(const struct lookup *l, const char *name);
