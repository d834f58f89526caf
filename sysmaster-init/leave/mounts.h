/* mounts.h - undo what lies on block devices: swap, file systems, loop devices, device-mapper */
#pragma once
#include "leave/work.h"

/** mounts_undo() - swapoff, then unmount all that can be, round after round; what stays busy is made read-only and detached */
void mounts_undo(const struct order *o);

/**
 * mounts_walk() - walk @text, a whole mountinfo (proc(5)), from its end: what was mounted last comes first
 * @fn gets each mount point that has to be unmounted: not "/", nor /proc, /sys, /dev and below, nor /run itself. It returns true when
 * the mount is gone. Return: how many are not gone.
 */
unsigned mounts_walk(char *text, bool (*fn)(const char *where));
