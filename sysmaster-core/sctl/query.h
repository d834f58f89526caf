/* query.h - what core knows about units: lists, properties; and the names a person typed turned into unit names */
#pragma once
#include "link.h"

struct query_list { struct ipc_unit_info *units; size_t n; };   /* strings live in the invocation's arena */

/**
 * query_list() - units in memory; @patterns on any name, @types, @states may be NULL. All pages are fetched.
 * Return: 0 (caller free()s .units); negative errno, printed.
 */
int query_list(struct sctl *s, char **patterns, char **types, char **states, struct query_list *ret);

/**
 * query_names() - words to unit names: globs become the units in memory they match, others are completed with @suffix
 * Return: 0 (caller strv_free()s, may be empty when only globs were given); negative errno, printed.
 */
int query_names(struct sctl *s, char **words, size_t n, const char *suffix, char ***ret);
/** query_patterns() - the same, but globs stay as they are: for query_list() */
int query_patterns(struct sctl *s, char **words, size_t n, const char *suffix, char ***ret);
bool query_is_glob(const char *word);

/** query_unit() - properties; @names NULL: all; @unit "": the manager. Prints nothing; @error as link_call(). */
int query_unit(struct sctl *s, const char *unit, const char *const *names, size_t n, struct ipc_properties_reply *ret, const char **error);
const char *query_value(const struct ipc_properties_reply *p, const char *name);        /* "" when there is none */
uint64_t query_number(const struct ipc_properties_reply *p, const char *name);          /* 0 likewise, or "[not set]" */
/** query_by_pid() - the unit whose control group holds @pid, in memory of the arena; -ESRCH */
int query_by_pid(struct sctl *s, pid_t pid, const char **ret);
const char *job_type_text(enum ipc_job_type t);         /* "try-restart": as systemctl spells them */

/** list_of_type() - the units of one type that a list-...s verb shows, as query_list(): by patterns, --state=, --all */
int list_of_type(struct sctl *s, char **words, size_t n, const char *type, struct query_list *ret);
void list_footer(struct sctl *s, size_t n, const char *what);   /* "3 timers listed." and a hint, unless --no-legend */
/** timer_next_elapse() - of a timer's properties, CLOCK_REALTIME usec; 0: it waits, but for no time; USEC_INFINITY: it does not wait */
uint64_t timer_next_elapse(const struct ipc_properties_reply *p);
