/* value.h - values as people write them: numbers, time spans, sizes, signals, words, words of a table, string vectors */
#pragma once
#include "buf.h"

/* -EINVAL / -ERANGE, ret untouched on error */
int value_bool(const char *s, bool *ret);
int value_sec(const char *s, uint64_t default_unit_usec, uint64_t *ret_usec);   /* systemd.time(7) spans */
int value_size(const char *s, uint64_t *ret);
int value_signal(const char *s, int *ret);
int value_unsigned(const char *s, uint64_t max, uint64_t *ret);
const char *signal_name(int signo);                             /* "SIGTERM", "SIGRTMIN+3"; NULL */
void value_format_sec(uint64_t usec, struct buf *out);          /* "1min 30s", "infinity" as systemctl show */

/** value_format_word() - as systemctl prints a word: as it is when a shell would take it so, else in double quotes with escapes */
void value_format_word(const char *s, size_t n, struct buf *out);
void value_format_words(char *const *v, struct buf *out);       /* NULL-terminated, separated by blanks; NULL is fine */

/**
 * value_word() - next word of a systemd.syntax(7) list: quotes, C escapes where @unescape, separators white space
 * @p: advances. Return: 1 with *ret (caller frees), 0 at the end, -EINVAL unbalanced quote or bad escape (*p then stands on it).
 */
int value_word(const char **p, bool unescape, char **ret);
int value_word_lax(const char **p, char **ret);                 /* with C escapes; what is none stays, backslash included */

/** value_unescape() - one C escape; @s stands behind the backslash. Bytes consumed with *len bytes in @out, or -EINVAL (NUL too). */
int value_unescape(const char *s, char out[4], size_t *len);

/* string vectors */
int strv_add(char ***v, const char *s);                         /* copies */
int strv_consume(char ***v, char *s);                           /* takes s, also on failure */
void strv_free(char **v);
size_t strv_len(char *const *v);
bool strv_has(char *const *v, const char *s);
char **strv_copy(char *const *v);
DEFINE_CLEANUP(char **, strv_free);

/* words that stand for numbers (keys of unit files, command line options) */
struct key_enum { const char *name; int value; };       /* { NULL, 0 } ends it; the first row of a value is its printed name */
const char *key_enum_name(const struct key_enum *t, int value);
int key_enum_value(const struct key_enum *t, const char *name, int *ret);
