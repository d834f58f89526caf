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

#define INSTALL_ETC "/etc/systemd/system"
#define INSTALL_RUN "/run/systemd/system"
/* where links of an administrator stand; the first is where they are made. NULL-terminated */
const char *const *install_config_dirs(bool runtime);

int install_note(struct install_changes *ch, enum install_change_kind kind, enum install_reason reason, int error, const char *path, const char *target);
