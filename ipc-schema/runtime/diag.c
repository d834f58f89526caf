/* diag.c - one problem with a file: format the sentence and hand it to the sink */
#include <stdarg.h>
#include <stdio.h>
#include "diag.h"

#define DIAG_TEXT_MAX 1024

void diag(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list ap;

	if (!s || !s->report)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);         /* a hostile value is cut, never spilled */
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';                       /* one problem is one line of the log */
	s->report(s, level, file ? file : "", line, column, text);
}
