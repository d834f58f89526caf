/* swap.h - the table of swaps that swap.c follows; for its tests */
#pragma once
#include "unit/unit.h"

void swap_table_read(struct unit_set *set);             /* take it in now */
void swap_table_close(void);
void swap_table_use(const char *path);                  /* another file than /proc/swaps */
