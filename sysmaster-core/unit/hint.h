/* hint.h - what somebody may have meant who wrote a section or key that nobody knows */
#pragma once
#include "unit/unit.h"

#define HINT_MAX 128
/** hint_key() - into @out: ", did you mean Service.ExecStart?", ", it belongs into [Unit]", or "" without an idea */
void hint_key(const struct unit *u, const char *section, const char *key, char out[HINT_MAX]);
void hint_section(const struct unit *u, const char *section, char out[HINT_MAX]);
