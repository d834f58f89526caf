/* keys.h - names of keys of linux/input-event-codes.h: "volumeup", "btn_left" -> its number; the table is made at build time */
#pragma once

/** key_number() - -ENOENT: no such name. @name in lower case, without "key_" */
int key_number(const char *name);
