/* library.h - a shared library that is loaded only when a unit asks for what it does */
#pragma once
#include "util.h"

struct symbol { const char *name; void **fn; };
/** library_load() - fills all of @v. 0; -ELIBACC: it is not there; -ELIBBAD: it lacks one */
int library_load(const char *file, const struct symbol *v, size_t n);
