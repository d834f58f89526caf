/* keys.h - the rows of the sections that every unit has, [Unit] and [Install]; systemd.unit(5) */
#pragma once
#include "unit/key.h"

extern const struct key_group unit_groups[];    /* base: struct unit */
extern const size_t n_unit_groups;

/* Keys of [Unit] that older files have in the type's own section (StartLimitBurst= in [Service]): for a group with base 0. */
extern const struct key unit_moved_keys[];
extern const size_t n_unit_moved_keys;
