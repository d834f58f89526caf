/* fuzz-cmdline.c - any bytes as kernel command line; what comes out keeps its own promises */
#include "setup/cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cmdline c;

	cmdline_init(&c);
	cmdline_parse(&c, (const char *)data, n);
	if (strlen(c.unit) >= sizeof(c.unit) || strlen(c.core) >= sizeof(c.core) || strlen(c.unknown) >= sizeof(c.unknown) ||
	    (c.core[0] && c.core[0] != '/') || c.log_level < -1 || c.log_level > 7 || c.show_status < -1 || c.show_status > 1)
		abort();
	return 0;
}
