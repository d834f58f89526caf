/*
 * machine-id.h - a machine that has no name of its own yet is given one; machine-id(5)
 *
 * Missing, empty or "uninitialized" in /etc/machine-id means that this is the first boot of an image: a new id is written there, or, where /etc
 * cannot be written (yet), to /run/machine-id, which is mounted over it. "uninitialized" and a missing file also make
 * /run/sysmaster/first-boot, which is what ConditionFirstBoot= looks at.
 * The id comes from $container_uuid, from the UUID that a hypervisor gave the machine, or from random bytes.
 */
#pragma once
#include "util.h"

#define MACHINE_ID_TEXT 33      /* with the line's end */

/** machine_id_settle() - below @root, "" in real life. 1: it was made now; 0: it was there; -errno */
int machine_id_settle(const char *root);
