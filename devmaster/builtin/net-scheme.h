/* net-scheme.h - which of the naming schemes counts; systemd.net-naming-scheme(7) */
#pragma once
#include "event/event.h"

/**
 * net_scheme() - number of the scheme, 238 to 252: net.naming-scheme= of the kernel command line, else NET_NAMING_SCHEME of the
 * environment (":NAME" there: only when the command line says nothing), else the newest. What is no scheme counts as not said.
 */
unsigned net_scheme(const struct event *e);
