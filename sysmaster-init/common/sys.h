/*
 * sys.h - the calls that end or change the whole machine, behind a seam that a test replaces
 *
 * Each returns 0 or a negative errno. Nothing else of what PID 1 runs calls reboot(2), kill(-1), swapoff(2), mount(2), umount2(2) or ioctls on
 * block devices.
 */
#pragma once
#include "util.h"

/** mount_point() - is something mounted at @path? 1, 0 or -errno (-ENOENT) */
int mount_point(const char *path);

struct sys {
	int (*reboot)(unsigned cmd, const char *argument);     /* LINUX_REBOOT_CMD_*; argument only for RESTART2 */
	int (*kill_all)(int signo);                             /* every process of our pid namespace but us and PID 1 */
	int (*mount)(const char *what, const char *where, const char *type, unsigned long flags, const char *options);
	int (*umount)(const char *where, int flags);
	int (*swapoff)(const char *what);
	int (*loop_clear)(const char *device);                  /* LOOP_CLR_FD */
	int (*dm_remove)(const char *name);                     /* DM_DEV_REMOVE */
	void (*sync)(void);
};

extern const struct sys *sys;           /* the real ones; tests point it elsewhere */
