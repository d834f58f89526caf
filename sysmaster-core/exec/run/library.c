/* library.c - a shared library that is loaded only when a unit asks for what it does */
#include <dlfcn.h>
#include "library.h"

int library_load(const char *file, const struct symbol *v, size_t n)
{
	void *lib = dlopen(file, RTLD_NOW);

	if (!lib)
		return -ELIBACC;
	for (size_t i = 0; i < n; i++) {
		*v[i].fn = dlsym(lib, v[i].name);
		if (!*v[i].fn)
			return -ELIBBAD;
	}
	return 0;
}
