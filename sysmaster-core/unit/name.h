/* name.h - unit names: what is one, templates and instances, escaping; systemd.unit(5), systemd-escape(1) */
#pragma once
#include "util.h"

#define UNIT_NAME_MAX 255

enum { NAME_PLAIN = 1, NAME_TEMPLATE = 2, NAME_INSTANCE = 4, NAME_ANY = 7 };

bool name_valid(const char *name, int kinds);           /* characters, length, a known suffix (any [a-z]+ of the list of types) */
const char *name_suffix(const char *name);              /* "service" within "a@b.service"; NULL */
bool name_is_template(const char *name);                /* "a@.service" */
bool name_is_instance(const char *name);                /* "a@b.service" */
int name_template(const char *name, char **ret);        /* "a@b.service" -> "a@.service"; -EINVAL */
int name_instance(const char *name, char **ret);        /* "b"; NULL for a plain name */
int name_prefix(const char *name, char **ret);          /* "a" of "a@b.service" or "a.service" */
int name_replace_instance(const char *tmpl, const char *instance, char **ret);
int name_change_suffix(const char *name, const char *suffix, char **ret);       /* suffix without dot */
char *name_escape(const char *s);                       /* '/' -> '-', other bytes -> \xNN; NULL: no memory */
char *name_unescape(const char *s);
char *name_escape_path(const char *path);               /* normalised; "/" -> "-" */
char *name_unescape_path(const char *s);                /* NULL also when it is no path */
int name_from_path(const char *path, const char *suffix, char **ret);   /* "/var/tmp" -> "var-tmp.mount" */
int name_to_path(const char *name, char **ret);
/** name_mangle() - what a person typed -> a unit name: adds ".service", paths become mounts or devices; systemctl(1). */
int name_mangle(const char *word, const char *default_suffix, char **ret);
int name_mangle_literal(const char *word, const char *default_suffix, char **ret);     /* the same, but "*", "?" and "[" are no pattern */
char *path_without_var_run(char *path);                 /* in place: below /var/run -> below /run, as systemd reads such paths; returns path */
char *path_simplify(char *path);                        /* in place: no //, no /./, no trailing slash; returns path */
