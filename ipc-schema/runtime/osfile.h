/* osfile.h - small text files of the system: whole (/proc, /etc/machine-id) or one NAME=VALUE of them; os-release(5) */
#pragma once
#include "util.h"

/** osfile_read() - at most @size - 1 bytes of @path with a NUL behind them. Bytes read or -errno; -EINVAL: neither file nor device */
int osfile_read(const char *path, char *buf, size_t size);
/** osfile_field() - value of NAME= in a shell-like file, quotes removed. Caller frees. -ENOENT: no such file or field */
int osfile_field(const char *path, const char *name, char **ret);
int osfile_os_release(const char *name, char **ret);    /* /etc/os-release, else /usr/lib/os-release */
