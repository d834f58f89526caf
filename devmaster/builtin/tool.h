/* tool.h - what several builtins need: parents by kind, numbers of attributes, texts of devices made fit for properties */
#pragma once
#include "event/event.h"
#include "option.h"

#define PROPERTY_BYTES 512              /* longest value that a builtin composes */

/** put() - a property that is stored, unless @value is NULL or empty. 0 or -ENOMEM */
int put(struct event *e, const char *key, const char *value);
int putf(struct event *e, const char *key, const char *fmt, ...) _printf_(3, 4);

/** parent_of() - the nearest parent of that subsystem and, unless NULL, of that devtype; NULL: none */
struct device *parent_of(struct device *d, const char *subsystem, const char *devtype);
/** topmost_of() - @d, or the last of the parents behind it that are of that subsystem without a gap */
struct device *topmost_of(struct device *d, const char *subsystem);
bool is_of(const struct device *d, const char *subsystem, const char *devtype);
/** device_child() - the device at "@path/@below", which may be a link ("physfn"). 0 or negative errno */
int device_child(struct device **ret, struct device *d, const char *below);

/** attr_number() - @base as strtoull(3); false: no such attribute, or no number up to @max */
bool attr_number(struct device *d, const char *name, int base, uint64_t max, uint64_t *ret);
bool text_number(const char *s, int base, uint64_t max, uint64_t *ret);
/** fit() - @s with '_' for blanks (none at its ends) and for what a link may not hold; cut to @size */
void fit(char *out, size_t size, const char *s);
/** tool_options() - options_parse() for the words of a builtin; what is wrong goes to the event's sink. 0, -EINVAL, -ENOMEM */
int tool_options(struct event *e, const struct option_set *set, void *base, int argc, char **argv, int *first);
