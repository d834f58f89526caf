/* envfile.h - lines NAME=VALUE as EnvironmentFile= has them; systemd.exec(5). Environment generators write such lines, too */
#pragma once
#include "util.h"

/**
 * envfile_parse() - @assign for each assignment of the text, in order; it takes "NAME=VALUE" over
 * Lines that are no assignment, and names that no shell would take, are skipped. Return: 0, -ENOMEM, or what @assign says below 0.
 */
int envfile_parse(const char *text, size_t n, int (*assign)(void *arg, char *assignment), void *arg);
