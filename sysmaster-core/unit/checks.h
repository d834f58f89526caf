/* checks.h - the test behind each Condition*=, by its name; condition-path.c, condition-system.c, condition-machine.c */
#pragma once
#include "unit/condition.h"

#define CHECK_DECLARE(name, doc) int check_##name(const char *parameter, const struct unit *u);
CONDITIONS(CHECK_DECLARE)

enum check_order { ORDER_NONE, ORDER_LT, ORDER_LE, ORDER_EQ, ORDER_NE, ORDER_GE, ORDER_GT, ORDER_SAME, ORDER_OTHER, ORDER_GLOB, ORDER_NO_GLOB };
/**
 * check_order() - strips a comparison operator off *p
 * @text: "=" and "!=" compare letters, "$=" and "!$=" match patterns; otherwise "=" and "!=" are spellings of "==" and "<>"
 */
enum check_order check_order(const char **p, bool text);
bool check_number(enum check_order o, uint64_t have, uint64_t want);
bool check_text(enum check_order o, const char *have, const char *want);        /* versions, letters or patterns */
/** version_compare() - by the version format specification of the UAPI group (~ - ^ . digits letters): <0, 0, >0 */
int version_compare(const char *a, const char *b);
/** cmdline_has() - is that word on the kernel command line? @value_too: also as WORD=... 1, 0 or -errno */
int cmdline_has(const char *word, bool value_too);
int cmdline_bool(const char *name, bool *ret);          /* NAME=yes; -ENOENT */
