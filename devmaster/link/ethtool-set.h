/* ethtool-set.h - settings of [Link] that go to the hardware; systemd.link(5), linux/ethtool.h */
#pragma once
#include "file.h"

/**
 * ethtool_apply() - all settings of @f for @interface; each is asked for first and only set where it differs
 * @complain: one call for each that failed: what it was, negative errno
 */
void ethtool_apply(const char *interface, const struct link_file *f, void (*complain)(void *data, const char *what, int r), void *data);
int ethtool_permanent(const char *interface, struct hwaddr *ret);       /* -ENODATA: the hardware has none */
