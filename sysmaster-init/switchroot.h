/* switchroot.h - leave the initramfs: the new root becomes /, its init becomes PID 1; switch_root(8) */
#pragma once
#include "util.h"

/**
 * switchroot_run() - kill what runs, take /dev, /proc, /sys and /run along, free the old root when it was in memory, exec the new init
 * @init: "" for the usual places. Returns -errno only while nothing has been lost; what follows is the end of the old root.
 */
int switchroot_run(const char *root, const char *init);
