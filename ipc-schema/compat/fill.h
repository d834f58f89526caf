/* fill.h - a valid message of any struct, made from its description alone; for the test of two versions of the schema */
#pragma once
#include "msg.h"

/** fill() - @v gets a value in every field, in optional ones only when @all; what it points to lives in @a. 0 or -ENOMEM. */
int fill(const struct msg_desc *d, void *v, bool all, struct arena *a);
