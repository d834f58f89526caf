/* full.c - sysmaster-exec-full, the dynamic one, does all itself */
#include "run.h"

bool full_is_needed(const struct run *r) { return false; }
