/* helper.c - see helper.h */
#include <limits.h>
#include <stdio.h>
#include <sys/auxv.h>
#include "helper.h"
#include "names.h"
#include "spawn-process.h"

static char self[PATH_MAX];

void helper_find_self(void)
{
	if (!realpath((const char *)getauxval(AT_EXECFN), self))        /* /proc is not mounted yet */
		strcpy(self, INIT_DEFAULT_PATH);
}

const char *helper_self(void) { return self; }

void helper_path(char *to, size_t size, const char *name)
{
	const char *slash = strrchr(self, '/');

	snprintf(to, size, "%.*s/%s", (int)(slash - self), self, name);
}

int helper_exec(const char *name, const char *const *argv)
{
	char path[4096];

	helper_path(path, sizeof(path), name);
	execve(path, (char *const *)(uintptr_t)argv, environ);
	return -errno;
}

int helper_spawn(const char *const *argv, const int *fds, size_t n_fds, uint32_t *pid)
{
	char path[4096];

	helper_path(path, sizeof(path), argv[0]);
	return spawn_process(&(struct spawn){ .path = path, .argv = argv, .envp = environ, .fds = fds, .n_fds = n_fds }, pid);
}
