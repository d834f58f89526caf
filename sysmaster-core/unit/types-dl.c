/* types-dl.c - unit types are plug-ins: units/NAME.so beside the program, or in $SYSMASTER_UNITS_DIR; never unloaded */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include "log.h"
#include "unit/types.h"

static int units_dir(char *buf, size_t size)
{
	const char *env = getenv("SYSMASTER_UNITS_DIR");
	char exe[PATH_MAX], *slash;
	ssize_t n;

	if (env)
		return snprintf(buf, size, "%s", env) < (int)size ? 0 : -ENAMETOOLONG;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n < 0)
		return -errno;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (!slash)
		return -ENOENT;
	*slash = '\0';
	return snprintf(buf, size, "%s/units", exe) < (int)size ? 0 : -ENAMETOOLONG;
}

const struct unit_type *types_source(const char *suffix)
{
	char dir[PATH_MAX], path[PATH_MAX + 32], symbol[64];
	const struct unit_type *t;
	void *so;

	if (units_dir(dir, sizeof(dir)) < 0)
		return NULL;
	snprintf(path, sizeof(path), "%s/%.16s.so", dir, suffix);
	if (access(path, R_OK) < 0)
		return NULL;                    /* this image does without the type */
	so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!so) {
		log_event(LOG_ERR, "UNIT_TYPE_UNUSABLE", "unit type cannot be loaded", F_STR("FILE", path), F_STR("WHY", dlerror()));
		return NULL;
	}
	snprintf(symbol, sizeof(symbol), "unit_type_%.16s", suffix);
	t = dlsym(so, symbol);
	if (!t || t->abi != UNIT_TYPE_ABI || !streq(t->name, suffix) || t->size < sizeof(struct unit)) {
		log_event(LOG_ERR, "UNIT_TYPE_UNUSABLE", "unit type is built for another version of the manager", F_STR("FILE", path));
		dlclose(so);
		return NULL;
	}
	return t;
}
