/* wire.c - see wire.h */
#include <assert.h>
#include "control/wire.h"

static_assert(sizeof(struct control_wire) == 280, "as on the wire");

/* what each verb carries */
static const struct verb { bool known; enum { NOTHING, NUMBER, TEXT } carries; int min, max; } verbs[] = {
	[CONTROL_END] = { true },
	[CONTROL_LOG_LEVEL] = { true, NUMBER, 0, 7 },
	[CONTROL_STOP_QUEUE] = { true },
	[CONTROL_START_QUEUE] = { true },
	[CONTROL_RELOAD] = { true },
	[CONTROL_PROPERTY] = { true, TEXT },
	[CONTROL_CHILDREN_MAX] = { true, NUMBER, 0, 1 << 20 },
	[CONTROL_PING] = { true },
	[CONTROL_EXIT] = { true },
};

int control_encode(const struct control_message *m, struct control_wire *out)
{
	*out = (struct control_wire){ .version = "udev-252", .magic = CONTROL_MAGIC, .verb = m->verb };
	if (verbs[m->verb].carries == NUMBER)
		out->number = m->number;
	if (verbs[m->verb].carries != TEXT)
		return 0;
	if (strlen(m->text) >= sizeof(out->text))
		return -E2BIG;
	strcpy(out->text, m->text);
	return 0;
}

int control_decode(const void *data, size_t n, struct control_message *ret)
{
	const struct control_wire *w = data;
	uint32_t magic, verb;
	int32_t number;

	if (n != sizeof(*w))
		return -EBADMSG;
	memcpy(&magic, (const char *)data + offsetof(struct control_wire, magic), sizeof(magic));
	memcpy(&verb, (const char *)data + offsetof(struct control_wire, verb), sizeof(verb));
	memcpy(&number, (const char *)data + offsetof(struct control_wire, number), sizeof(number));
	if (magic != CONTROL_MAGIC || verb >= ARRAY_SIZE(verbs) || !verbs[verb].known)
		return -EBADMSG;
	*ret = (struct control_message){ .verb = (enum control_verb)verb };
	if (verbs[verb].carries == NUMBER) {
		if (number < verbs[verb].min || number > verbs[verb].max)
			return -EBADMSG;
		ret->number = number;
	} else if (verbs[verb].carries == TEXT) {
		const char *text = (const char *)data + offsetof(struct control_wire, text), *eq = memchr(text, '=', CONTROL_TEXT_BYTES);

		if (!memchr(text, '\0', CONTROL_TEXT_BYTES) || !eq || eq == text)
			return -EBADMSG;
		ret->text = text;
	}
	return 0;
}
