/*
 * shutdown.h - the end: processes, swap, file systems, block devices, reboot(2); needs nothing but PID 1
 *
 * Each step has a deadline and a line in the log. What may hang in the kernel (umount of a dead network file system, sync) is done
 * by a child that is left behind when its time is up.
 */
#pragma once
#include "util.h"

/** shutdown_run() - carry out the wish noted in the table; does not return */
__attribute__((noreturn)) void shutdown_run(void);

/** shutdown_end() - only the last of it: when init crashes over all the rest */
__attribute__((noreturn)) void shutdown_end(void);

/** shutdown_kill() - SIGTERM (with SIGHUP for shells), wait, SIGKILL, wait; the table's children when we are not PID 1 */
void shutdown_kill(uint64_t term_usec, uint64_t kill_usec);

/**
 * shutdown_mounts() - walk @text, a whole mountinfo (proc(5)), from its end: what was mounted last comes first
 * @fn gets each mount point that has to be unmounted: not "/", nor /proc, /sys, /dev and below, nor /run itself. It returns true when
 * the mount is gone. Return: how many are not gone.
 */
unsigned shutdown_mounts(char *text, bool (*fn)(const char *where));
