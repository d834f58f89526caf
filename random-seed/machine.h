/*
 * machine.h - which machine is this, and may a seed be trusted here at all?
 *
 * The identity binds a seed to one machine, so that an image that was copied with its seed does not give two machines the same one:
 * it is made of machine-id(5) and of what the hardware or hypervisor calls itself (DMI product and board, device tree serial number).
 * Paths below @root, "" in real life.
 */
#pragma once
#include "seed.h"

enum machine_kind {
	MACHINE_KNOWN,
	MACHINE_FIRST_BOOT,             /* no machine-id yet, or a mark in /run says so: the disk may be an image like many others */
	MACHINE_NAMELESS,               /* nothing of the hardware tells it from its twin */
	MACHINE_CONTAINER,              /* the kernel and its pool belong to somebody else */
};

/** machine_identify() - @ret is all zero unless MACHINE_KNOWN */
enum machine_kind machine_identify(const char *root, uint8_t ret[SEED_BYTES]);
