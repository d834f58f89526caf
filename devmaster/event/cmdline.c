/* cmdline.c - words of the kernel's command line; kernel-command-line(7) */
#include <limits.h>
#include <stdio.h>
#include "event.h"
#include "osfile.h"
#include "value.h"
#include "virt.h"

#define CMDLINE_BYTES 8192

/* in a container the kernel's is the host's: there the words of PID 1 stand for it (proc-cmdline of systemd does the same) */
int cmdline_read(const char *proc, char *text, size_t size)
{
	enum virt_class class = VIRT_NONE;
	char path[PATH_MAX];
	int n;

	virt_detect(&class);
	snprintf(path, sizeof(path), "%s/%scmdline", proc, class == VIRT_CONTAINER ? "1/" : "");
	n = osfile_read(path, text, size);
	for (int i = 0; i + 1 < n; i++)
		if (!text[i])
			text[i] = ' ';
	return n;
}

int cmdline_value(const char *proc, const char *key, char *value, size_t size)
{
	char text[CMDLINE_BYTES], *word;
	const char *p = text;
	size_t n = strlen(key);
	int found = 0;

	if (cmdline_read(proc, text, sizeof(text)) < 0)
		return 0;
	while (value_word_lax(&p, &word) > 0) {
		if (strncmp(word, key, n) == 0 && (word[n] == '\0' || word[n] == '=')) {
			snprintf(value, size, "%s", word[n] ? word + n + 1 : "1");
			found = 1;                      /* the last one counts */
		}
		free(word);
	}
	return found;
}
