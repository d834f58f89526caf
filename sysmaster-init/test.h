/* test.h - what the tests of this folder share: cmocka, a table row as a test, files and folders of their own */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "util.h"

/* ROW(fn, ...) makes one row of a table one test, named by its own text */
#define ROW(fn, ...) { #__VA_ARGS__, fn, NULL, NULL, &(struct row){ __VA_ARGS__ } }
