/* hid.h - is it a security token of the FIDO alliance? by the report descriptor; HID 1.11, 6.2.2; usage table request 48 */
#pragma once
#include "util.h"

/** hid_is_fido() - 1: the usage F1D0/01 is in it; 0: not; -EINVAL: it is no descriptor */
int hid_is_fido(const uint8_t *p, size_t n);
