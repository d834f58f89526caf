/* syscall-numbers.c - names and numbers of system calls, as gen-syscalls.c found them when this was built */
#include <stdlib.h>
#include <string.h>
#include "syscalls.h"

/* names stand in the rows, so that the loader has nothing to relocate */
static const struct row { uint32_t arch; int32_t nr; char name[32]; } rows[] = {
#include "syscall-numbers.inc"
};

static int by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return x->arch != y->arch ? (x->arch == rows[0].arch ? -1 : 1) : strcmp(x->name, y->name);
}

int syscall_number(uint32_t arch, const char *name)
{
	struct row want = { .arch = arch };
	const struct row *r;

	if (strlen(name) >= sizeof(want.name))
		return -1;
	strcpy(want.name, name);
	r = bsearch(&want, rows, sizeof(rows) / sizeof(*rows), sizeof(*rows), by_name);
	return r ? r->nr : -1;
}

const char *syscall_known(size_t i) { return i < sizeof(rows) / sizeof(*rows) ? rows[i].name : NULL; }
