/* container.h - is this a container, and whose? */
#pragma once
#include "util.h"

/**
 * container_detect() - the container manager's name into @name (at least 64 bytes); "" on a machine
 * PID 1 (@as_pid1: asked by it or for it) of the kernel's first pid namespace is a machine's. Else the environment variable "container" (the container interface of
 * systemd) and the marks of docker and podman tell the name. Needs /proc.
 */
void container_detect(char *name, size_t size, bool as_pid1);
