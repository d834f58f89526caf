/* fuzz-log.c - libFuzzer entry: what anybody may send to the log collector; the first byte chooses the reader */
#include "log/cgroup.h"
#include "log/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data + 1;
	char unit[64];
	struct message m = { 0 };
	struct head h;
	int r;

	if (size < 1)
		return 0;
	size--;
	switch (data[0] % 4) {
	case 0:
		r = head_parse(p, size, &h);
		if (r > (int)size || (r > 0 && h.priority > 191))
			abort();
		break;
	case 1:
		syslog_parse(p, size, &m);
		if (m.text < p || m.text + m.len > p + size || m.priority > 191)
			abort();
		break;
	case 2:
		if (native_parse(p, size, &m) == 0 && (m.text < p || m.text + m.len > p + size || m.priority > 191))
			abort();
		break;
	default: {
		_cleanup_(freep) char *text = strndup(p, size);

		cgroup_unit_of_path(text, unit, sizeof(unit));
	}
	}
	return 0;
}
