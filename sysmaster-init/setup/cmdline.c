/* cmdline.c - see cmdline.h */
#include <syslog.h>
#include "log.h"
#include "setup/cmdline.h"

typedef bool (*take)(struct cmdline *c, const char *value);

static bool take_text(char *to, size_t size, const char *value)
{
	if (*value == '\0' || strlen(value) >= size)
		return false;
	strcpy(to, value);
	return true;
}

static bool take_unit(struct cmdline *c, const char *value) { return take_text(c->unit, sizeof(c->unit), value); }

static bool take_core(struct cmdline *c, const char *value)
{
	return *value == '/' && take_text(c->core, sizeof(c->core), value);
}

static bool take_level(struct cmdline *c, const char *value) { return log_level_parse(value, &c->log_level) == 0; }

static bool take_status(struct cmdline *c, const char *value)
{
	static const char *const words[] = { "0", "1", "no", "yes", "false", "true", "off", "on" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (streq(value, words[i])) {
			c->show_status = (int)(i % 2);
			return true;
		}
	return false;
}

/* name=value */
static const struct { const char *name; take fn; } keys[] = {
	{ "sysmaster.core", take_core },
	{ "sysmaster.log_level", take_level },
	{ "sysmaster.show_status", take_status },
	{ "sysmaster.unit", take_unit },
	{ "systemd.log_level", take_level },
	{ "systemd.show_status", take_status },
	{ "systemd.unit", take_unit },
};

/* a word alone */
static const struct { const char *word, *unit; int log_level, show_status; } words[] = {
	{ "-b", "emergency.target", -1, -1 },
	{ "1", "rescue.target", -1, -1 },
	{ "2", "multi-user.target", -1, -1 },
	{ "3", "multi-user.target", -1, -1 },
	{ "4", "multi-user.target", -1, -1 },
	{ "5", "graphical.target", -1, -1 },
	{ "S", "rescue.target", -1, -1 },
	{ "debug", NULL, LOG_DEBUG, -1 },
	{ "emergency", "emergency.target", -1, -1 },
	{ "quiet", NULL, -1, 0 },
	{ "rescue", "rescue.target", -1, -1 },
	{ "s", "rescue.target", -1, -1 },
	{ "single", "rescue.target", -1, -1 },
};

void cmdline_init(struct cmdline *c)
{
	*c = (struct cmdline){ .log_level = -1, .show_status = -1 };
}

static void note_unknown(struct cmdline *c, const char *word)
{
	if (c->unknown[0] == '\0')
		strncpy(c->unknown, word, sizeof(c->unknown) - 1);
}

static void assignment(struct cmdline *c, const char *word, size_t name_len)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i].name) == name_len && memcmp(keys[i].name, word, name_len) == 0) {
			if (!keys[i].fn(c, word + name_len + 1))
				note_unknown(c, word);
			return;
		}
	if (startswith(word, "sysmaster."))
		note_unknown(c, word);
}

void cmdline_word(struct cmdline *c, const char *word)
{
	const char *eq = strchr(word, '=');

	if (eq) {
		assignment(c, word, (size_t)(eq - word));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (streq(words[i].word, word)) {
			if (words[i].unit)
				strcpy(c->unit, words[i].unit);
			if (words[i].log_level >= 0)
				c->log_level = words[i].log_level;
			if (words[i].show_status >= 0)
				c->show_status = words[i].show_status;
			return;
		}
	if (startswith(word, "sysmaster."))
		note_unknown(c, word);
}

static bool blank(char ch) { return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r' || ch == '\0'; }

void cmdline_parse(struct cmdline *c, const char *line, size_t n)
{
	char word[4096];
	size_t len = 0;
	bool quoted = false, cut = false;

	for (size_t i = 0; i <= n; i++) {
		char ch = i < n ? line[i] : ' ';

		if (ch == '"') {
			quoted = !quoted;
		} else if (i == n || (!quoted && blank(ch))) {
			word[len] = '\0';
			if (len > 0 && !cut)    /* a word longer than any of ours is none of ours */
				cmdline_word(c, word);
			len = 0;
			cut = false;
		} else if (len < sizeof(word) - 1) {
			word[len++] = ch;
		} else {
			cut = true;
		}
	}
}
