/* static.h - OPTIONS+="static_node=NAME": nodes that are there before their module is loaded; udev(7) */
#pragma once
#include "rules.h"

/**
 * rules_static_nodes() - give such nodes below @dev owner, group and mode of their lines, and remember tags
 *
 * RUN/static_node-tags/TAG/NAME -> the node ('/' of NAME as \x2f), where systemd 252 has them. A node that is not there is nobody's
 * fault. How many were found; faults are reported to the rules' sink.
 */
int rules_static_nodes(const struct rules *r, const char *dev, const char *run);
