/* container.h - is this a container, and whose? */
#pragma once
#include "util.h"

/**
 * container_detect() - the container manager's name into @name (at least 64 bytes); "" on a machine
 * Looks at the environment variable "container" (the container interface of systemd), at the marks of docker and podman, and at
 * last whether our pid namespace is the kernel's first one. Needs /proc for that.
 */
void container_detect(char *name, size_t size);

/** container_first_pid_ns() - is this the kernel's own pid namespace? false also when /proc cannot tell */
bool container_first_pid_ns(void);
