/* listen.h - a listening Unix stream socket under a name, whoever may have had that before */
#pragma once
#include <sys/stat.h>
#include "util.h"

/**
 * listen_at() - non-blocking, close-on-exec; @st: of the socket file, to know it again
 * A stale socket file is replaced in one step: whoever connects meets the old one, dead, or this one, alive.
 * Return: the socket; -EADDRINUSE when a process listens there; -ENAMETOOLONG; -errno.
 */
int listen_at(const char *path, mode_t mode, int backlog, struct stat *st);

/** listen_raise_nofile() - every connection is an fd: room for so many, as far as the hard limit goes */
void listen_raise_nofile(size_t wanted);
