/* ns.h - namespaces(7): are we where the kernel began? */
#pragma once
#include "util.h"

/** ns_is_first() - are we in the kernel's own namespace of @kind ("pid", "uts")? false also when /proc cannot tell */
bool ns_is_first(const char *kind);
