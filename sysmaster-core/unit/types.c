/* types.c - the unit types known to this process */
#include "unit/types.h"

#define MAX_TYPES 32

static const struct unit_type *known[MAX_TYPES];
static size_t n_known;
static char missing[MAX_TYPES][16];             /* asked for and not there: not searched again */
static size_t n_missing;

void unit_type_register(const struct unit_type *t)
{
	if (n_known < MAX_TYPES)
		known[n_known++] = t;
}

static bool is_missing(const char *suffix)
{
	for (size_t i = 0; i < n_missing; i++)
		if (streq(missing[i], suffix))
			return true;
	return false;
}

const struct unit_type *unit_type_find(const char *suffix, int *err)
{
	const struct unit_type *t = NULL;

	for (size_t i = 0; i < n_known; i++)
		if (streq(known[i]->name, suffix))
			return known[i];
	if (!is_missing(suffix)) {
		t = types_source(suffix);
		if (t)
			unit_type_register(t);
		else if (n_missing < MAX_TYPES && strlen(suffix) < sizeof(missing[0]))
			strcpy(missing[n_missing++], suffix);
	}
	if (!t && err)
		*err = -ENOTSUP;
	return t;
}
