/* specifier.h - %-expansion; systemd.unit(5) "Specifiers" */
#pragma once
#include "util.h"

#define SPECIFIER_MAX (1u << 18)        /* bytes of a result */

struct unit;
/**
 * specifier_expand() - all specifiers for @u in @s
 * @u:   NULL: nothing is expanded, %% included
 * @ret: caller frees
 * @bad:  may be NULL; on an error of the text the offset in @s of the specifier at fault
 *
 * A letter or digit that stands for nothing is an error; '%' before anything else, and at the end, stays as it is (so does systemd).
 * Return: 0; -EINVAL: unknown specifier; -ENXIO: it has no value here (%f of something that is no path, %m without a machine
 * id ...); -E2BIG; -ENOMEM.
 */
int specifier_expand(const struct unit *u, const char *s, char **ret, size_t *bad);
