/* types-static.c - unit types are linked into the program; those that the image's build leaves out are NULL here */
#include "unit/types.h"

#define TYPES(X) X(automount) X(device) X(mount) X(path) X(scope) X(service) X(slice) X(socket) X(swap) X(target) X(timer)
#define DECLARE(t) extern const struct unit_type unit_type_##t __attribute__((weak));
TYPES(DECLARE)

#define ROW(t) { #t, &unit_type_##t },
const struct unit_type *types_source(const char *suffix)
{
	static const struct { const char *name; const struct unit_type *type; } table[] = { TYPES(ROW) };

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].type && streq(table[i].name, suffix) && table[i].type->abi == UNIT_TYPE_ABI)
			return table[i].type;
	return NULL;
}
