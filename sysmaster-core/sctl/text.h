/* text.h - what people read: colours, glyphs, widths, times, sizes */
#pragma once
#include <sys/types.h>
#include "sctl.h"

enum color { COLOR_NONE, COLOR_RED, COLOR_GREEN, COLOR_YELLOW, COLOR_WHITE, COLOR_GREY, COLOR_UNDERLINE, N_COLORS };
enum glyph { GLYPH_DOT, GLYPH_CIRCLE, GLYPH_CROSS, GLYPH_RELOAD, GLYPH_BRANCH, GLYPH_LAST, GLYPH_VERTICAL, GLYPH_ARROW, GLYPH_ELLIPSIS, N_GLYPHS };
enum stamp_style { STAMP_PRETTY, STAMP_UNIX, STAMP_US, STAMP_UTC, STAMP_US_UTC };

const char *color_on(const struct sctl *s, enum color c);       /* "" without colours */
const char *color_off(const struct sctl *s);
const char *glyph(const struct sctl *s, enum glyph g);
enum glyph state_glyph(const char *active);                     /* of an active state; systemctl(1) "status" */
enum color state_color(const char *load, const char *active);

size_t text_width(const char *t);                               /* columns: UTF-8 code points, escape sequences not counted */
/** text_cut() - at most @columns, the last one an ellipsis; free() it */
char *text_cut(const struct sctl *s, const char *t, size_t columns);

/** stamp_format() - a wall-clock time; "Sat 2026-11-21 09:42:10 UTC" or as --timestamp= says; 0: "n/a" */
void stamp_format(uint64_t usec, enum stamp_style style, struct buf *out);
/** stamp_parse() - the opposite of what `show` prints, or a bare number of microseconds; 0 for anything else */
uint64_t stamp_parse(const char *t);
void ago_format(uint64_t usec, uint64_t now, struct buf *out);  /* "1min 3s ago", "2 days left" */
/** span_format() - as value_format_sec(), cut off below @accuracy_usec */
void span_format(uint64_t usec, uint64_t accuracy_usec, struct buf *out);
void bytes_format(uint64_t n, struct buf *out);                 /* "648.0K" */
void json_string(FILE *f, const char *t);
/** text_word() - the next word of a list as `show` prints it, unquoted in place; NULL at the end. @rest advances */
char *text_word(char **rest);
