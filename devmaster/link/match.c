/* match.c - see match.h */
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>
#include "arch.h"
#include "match.h"
#include "osfile.h"
#include "virt.h"

static const struct { unsigned type; const char *name; } types[] = {
#include "arphrd-names.h"
};

const char *link_type_name(const struct link_state *s)
{
	if (s->e->dev->devtype)
		return s->e->dev->devtype;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == s->type)
			return types[i].name;
	return NULL;
}

/* any of the plain patterns, when there are any, and none of those with "!" */
static bool patterns_match(char *const *patterns, const char *text)
{
	bool any = false, plain = false;

	for (; patterns && *patterns; patterns++) {
		bool invert = **patterns == '!', it = text && fnmatch(*patterns + invert, text, 0) == 0;

		if (it && invert)
			return false;
		any |= it;
		plain |= !invert;
	}
	return any || !plain;
}

static bool property_matches(const struct device *d, char *const *wanted)
{
	for (; wanted && *wanted; wanted++) {
		bool invert = **wanted == '!', it = false;
		const char *word = *wanted + invert, *eq = strchr(word, '='), *value;
		char key[256];

		if ((size_t)snprintf(key, sizeof(key), "%.*s", (int)(eq - word), word) < sizeof(key)) {
			value = device_property(d, key);
			it = value && fnmatch(eq + 1, value, 0) == 0;
		}
		if (it == invert)
			return false;
	}
	return true;
}

static bool among(const struct hwaddrs *list, const struct hwaddr *a)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].n == a->n && memcmp(list->v[i].b, a->b, a->n) == 0)
			return true;
	return list->n == 0;
}

bool link_matches(const struct link_file *f, const struct link_state *s)
{
	struct device *parent = device_parent(s->e->dev);
	const char *driver = parent ? device_property(parent, "ID_NET_DRIVER") : NULL;

	if (!driver && *s->driver)
		driver = s->driver;
	return among(&f->mac, &s->mac) && among(&f->permanent_mac, &s->permanent) && patterns_match(f->id_path, device_property(s->e->dev, "ID_PATH")) &&
	       patterns_match(f->driver, driver) && patterns_match(f->type, link_type_name(s)) && patterns_match(f->kind, *s->kind ? s->kind : NULL) &&
	       patterns_match(f->name, s->name) && property_matches(s->e->dev, f->property);
}

static bool host_is(const struct event *e, const char *want)
{
	char id[64] = "";
	struct utsname u;

	osfile_read("/etc/machine-id", id, sizeof(id));
	id[strcspn(id, "\n")] = '\0';
	return (*id && streq(id, want)) || (uname(&u) == 0 && fnmatch(want, u.nodename, FNM_CASEFOLD) == 0);
}

static bool virtualization_is(const struct event *e, const char *want)
{
	enum virt_class class;
	const char *name = virt_detect(&class);
	bool b;

	if (value_bool(want, &b) == 0)
		return b == (class != VIRT_NONE);
	return streq(want, "vm") ? class == VIRT_VM : streq(want, "container") ? class == VIRT_CONTAINER : class != VIRT_NONE && streq(name, want);
}

/* "word" or "word=", "word=value" */
static bool cmdline_is(const struct event *e, const char *want)
{
	char text[8192], *word;
	const char *p = text;
	size_t n = strlen(want);
	bool found = false;

	if (cmdline_read(e->proc, text, sizeof(text)) < 0)
		return false;
	while (value_word_lax(&p, &word) > 0) {
		found |= streq(word, want) || (!strchr(want, '=') && strncmp(word, want, n) == 0 && word[n] == '=');
		free(word);
	}
	return found;
}

/* a pattern, or words ">= 6.1" that must all hold */
static bool kernel_is(const struct event *e, const char *want)
{
	static const struct { const char *text; int low, high; bool not; } ops[] = {     /* of the sign of have - want */
		{ "<=", -1, 0, false }, { ">=", 0, 1, false }, { "!=", 0, 0, true }, { "<>", 0, 0, true }, { "==", 0, 0, false }, { "<", -1, -1, false }, { ">", 1, 1, false }, { "=", 0, 0, false },
	};
	struct utsname u;
	char *word;
	bool good = uname(&u) == 0;
	int r;

	while (good && (r = value_word(&want, true, &word)) > 0) {
		size_t i = 0;

		while (i < ARRAY_SIZE(ops) && !startswith(word, ops[i].text))
			i++;
		if (i == ARRAY_SIZE(ops))
			good = fnmatch(word, u.release, 0) == 0;
		else {
			const char *version = word + strlen(ops[i].text);
			char *next = NULL;
			int c;

			if (!*version && value_word(&want, true, &next) > 0)
				version = next;
			c = strverscmp(u.release, version);
			c = (c > 0) - (c < 0);
			good = (c >= ops[i].low && c <= ops[i].high) != ops[i].not;
			free(next);
		}
		free(word);
	}
	return good;
}

static bool credential_is(const struct event *e, const char *want)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char path[PATH_MAX];

	return folder && !strchr(want, '/') && (size_t)snprintf(path, sizeof(path), "%s/%s", folder, want) < sizeof(path) && access(path, F_OK) == 0;
}

static bool architecture_is(const struct event *e, const char *want)
{
	const char *native = arch_native();

	return native && streq(streq(want, "native") ? native : want, native);
}

static bool firmware_is(const struct event *e, const char *want)
{
	char path[PATH_MAX], text[4096];
	const char *compatible = startswith(want, "device-tree-compatible(") && endswith(want, ")") ? want + strlen("device-tree-compatible(") : NULL;
	int n;

	if (streq(want, "uefi") || streq(want, "device-tree")) {
		snprintf(path, sizeof(path), "%s/firmware/%s", e->dev->sysfs, streq(want, "uefi") ? "efi" : "devicetree/base");
		return access(path, F_OK) == 0;
	}
	if (!compatible)
		return false;
	snprintf(path, sizeof(path), "%s/firmware/devicetree/base/compatible", e->dev->sysfs);
	n = osfile_read(path, text, sizeof(text));
	for (const char *p = text; n > 0 && p < text + n; p += strlen(p) + 1)
		if (strlen(p) == strlen(compatible) - 1 && strncmp(p, compatible, strlen(p)) == 0)
			return true;
	return false;
}

static bool (*const tests[N_LINK_CONDITIONS])(const struct event *e, const char *want) = {
	[CONDITION_HOST] = host_is, [CONDITION_VIRTUALIZATION] = virtualization_is, [CONDITION_CMDLINE] = cmdline_is, [CONDITION_KERNEL] = kernel_is,
	[CONDITION_CREDENTIAL] = credential_is, [CONDITION_ARCHITECTURE] = architecture_is, [CONDITION_FIRMWARE] = firmware_is,
};

bool link_conditions(const struct link_file *f, const struct event *e)
{
	for (size_t i = 0; i < N_LINK_CONDITIONS; i++) {
		for (char **p = f->condition[i]; p && *p; p++) {
			bool invert = **p == '!';

			if (tests[i](e, *p + invert + strspn(*p + invert, " \t")) == invert)
				return false;
		}
	}
	return true;
}
