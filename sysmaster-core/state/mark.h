/*
 * mark.h - the unit that core is working on right now, on a page that outlives core
 *
 * A mapped file beside the state store: written by memcpy, read only after a crash, to tell which unit to quarantine.
 */
#pragma once

#define MARK_SIZE 4096
int mark_open(const char *path, char ret_last[256]);    /* maps; what the last core was at: "" nothing. 0 or -errno */
void mark_set(const char *unit_or_null);                /* a no-op before mark_open() */
