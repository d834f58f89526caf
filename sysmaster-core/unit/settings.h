/*
 * settings.h - settings that come with a request instead of a file: transient units and set-property
 *
 * Each is "KEY=VALUE" or "SECTION.KEY=VALUE"; where no section is given the rows of the unit's type say which one has the key.
 */
#pragma once
#include "unit/unit.h"

struct setting { const struct key *key; const char *section, *value; bool resource; /* a row of @live */ };

/** setting_find() - what @text sets, borrowed from it and from the rows. @live: rows to tell apart. -ENOENT: no such key; -EINVAL: no assignment */
int setting_find(const struct unit_type *t, const char *text, const struct key *live, struct setting *ret);

/**
 * settings_text() - the text of a unit file that says the same, [Unit] first
 * @plain: the rows whose values know percentages instead of specifiers; in all others a '%' is doubled
 * Return: 0; -EINVAL or -ENOENT with a sentence in @why.
 */
int settings_text(const struct unit_type *t, const char *const *settings, size_t n, const struct key *plain, struct buf *out, char *why, size_t n_why);

/** settings_try() - load @text as unit @name among no other units, and throw it away. Return: its load state; problems go to @sink; -errno */
int settings_try(const struct unit_set *set, const char *name, const char *text, size_t n, struct diag_sink *sink);

/** settings_apply() - read @text on top of what @u was loaded with; problems go to @sink. Only for rows whose kinds touch nothing but their field */
int settings_apply(struct unit *u, const char *file, const char *text, size_t n, struct diag_sink *sink);
/** settings_apply_try() - the same on an object that is thrown away */
int settings_apply_try(const struct unit *u, const char *file, const char *text, size_t n, struct diag_sink *sink);
