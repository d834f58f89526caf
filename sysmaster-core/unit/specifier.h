/* specifier.h - %-expansion; systemd.unit(5) "Specifiers" */
#pragma once
#include "util.h"

struct unit;
/** specifier_expand() - all specifiers for @u in @s. -EINVAL: unknown one (*bad: its offset); -ENXIO where it cannot be resolved. Caller frees *ret. */
int specifier_expand(const struct unit *u, const char *s, char **ret, size_t *bad);
