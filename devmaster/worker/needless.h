/*
 * needless.h - programs of RUN that would find nothing to do, so that they need not be started
 *
 * Debian's rules start systemd-sysctl for each new interface, to apply settings of its own; nearly no machine has any, and starting it
 * costs more than all else about the interface. Anything in doubt is started.
 */
#pragma once
#include "util.h"

/**
 * needless() - a command line of RUN, as the rule has it after substitution
 * @root: "" or a folder that stands for /
 * True only for systemd-sysctl with nothing but --prefix=/net/... when no file of sysctl.d(5) has a line that could name such a key.
 */
bool needless(const char *command, const char *root);
