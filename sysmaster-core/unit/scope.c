/* scope.c - is this the system's service manager or a user's, and where things lie for either */
#include <limits.h>
#include <stdio.h>
#include "unit/scope.h"

static const struct { const char *system, *variable, *below_home, *below; } dirs[N_SCOPE_DIRS] = {
	[SCOPE_RUNTIME] = { "/run", "XDG_RUNTIME_DIR", NULL, "" },
	[SCOPE_STATE] = { "/var/lib", "XDG_CONFIG_HOME", ".config", "" },       /* systemd 252 has states there */
	[SCOPE_CACHE] = { "/var/cache", "XDG_CACHE_HOME", ".cache", "" },
	[SCOPE_LOGS] = { "/var/log", "XDG_CONFIG_HOME", ".config", "/log" },
	[SCOPE_CONFIGURATION] = { "/etc", "XDG_CONFIG_HOME", ".config", "" },
	[SCOPE_DATA] = { "/var/lib", "XDG_DATA_HOME", ".local/share", "" },
};

bool scope_is_user(void)
{
	const char *scope = getenv("SYSMASTER_SCOPE");

	return scope && streq(scope, "user");
}

const char *scope_home(void)
{
	const char *home = scope_is_user() ? getenv("HOME") : "/root";

	return home && *home == '/' ? home : "/";
}

const char *scope_user(void)
{
	static char number[16];
	const char *name = scope_is_user() ? getenv("USER") : "root";

	if (name && *name)
		return name;
	snprintf(number, sizeof(number), "%u", (unsigned)getuid());
	return number;
}

const char *scope_dir(enum scope_dir d)
{
	static char paths[N_SCOPE_DIRS][PATH_MAX];
	const char *given;

	if (!scope_is_user())
		return dirs[d].system;
	given = getenv(dirs[d].variable);
	if (given && *given == '/')
		snprintf(paths[d], PATH_MAX, "%.4000s%s", given, dirs[d].below);
	else if (dirs[d].below_home)
		snprintf(paths[d], PATH_MAX, "%.4000s/%s%s", streq(scope_home(), "/") ? "" : scope_home(), dirs[d].below_home, dirs[d].below);
	else
		snprintf(paths[d], PATH_MAX, "/run/user/%u", (unsigned)getuid());
	return paths[d];
}
