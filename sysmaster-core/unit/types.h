/* types.h - where unit types come from; one of types-dl.c (plug-ins) and types-static.c (linked in) is built */
#pragma once
#include "unit/unit.h"

const struct unit_type *types_source(const char *suffix);       /* not yet known type of that name; NULL: this image has none */
