/*
 * watch.h - block devices whose writers are waited for (OPTIONS+="watch"), and what is told of it in /run/udev/watch
 *
 *   watch/WD     symlink to the device's record id, "b8:0"      watch/ID     symlink to WD
 *
 * as udev 252 has them. WD is inotify's number; the inotify descriptor is one for all workers, who add and remove.
 */
#pragma once
#include "device/device.h"

struct watch { int inotify; const char *run; };         /* run: "/run/udev" */

int watch_begin(const struct watch *w, struct device *d);       /* 0 or -errno; no node, no watch */
int watch_end(const struct watch *w, struct device *d);         /* 0 also when it was not watched */
/** watch_device() - who has that number: the id. -ENOENT: nobody any more */
int watch_device(const struct watch *w, int wd, char *id, size_t size);
void watch_forget(const struct watch *w, int wd);               /* inotify says that it is gone */
/** watch_restore() - watch anew what an earlier daemon watched. How many, or -errno */
int watch_restore(const struct watch *w, const char *sysfs);

/* what happens when a writer has closed the device; may take its time: in a worker */
/** watch_change() - the kernel reads the partition table again where nobody has the disk, else a change event of it and its partitions is made */
int watch_change(const char *sysfs, const char *id);
