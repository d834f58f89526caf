/* base64.h - base64 of RFC 4648 back into bytes */
#pragma once
#include <sys/types.h>

/** base64_decode() - decode @s in place; white space is skipped. Length or -EINVAL */
ssize_t base64_decode(char *s);
