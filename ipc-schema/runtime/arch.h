/* arch.h - processor architectures by the names of ConditionArchitecture=; systemd.unit(5) */
#pragma once
#include "util.h"

const char *arch_native(void);          /* of the running kernel: "x86-64"; NULL when it has no name there */
bool arch_known(const char *name);
