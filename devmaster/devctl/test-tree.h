/* test-tree.h - a small sysfs, /dev, /run/udev and /proc in a temporary folder, for tests */
#pragma once
#include "util.h"

extern char tree_root[64];              /* made by tree_make() */
int tree_make(void **state);            /* cmocka group set-up */
int tree_remove(void **state);
const char *tree_path(const char *below);       /* static, 64 at a time */
void tree_write(const char *below, const char *text);   /* makes the folders, too */
void tree_link(const char *below, const char *target);    /* makes the folders, too */
void tree_clean(void);                  /* database and device folder empty again */
char *tree_read(const char *below);     /* caller frees; NULL: not there */
