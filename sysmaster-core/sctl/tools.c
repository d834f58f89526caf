/* tools.c - small helpers that need no daemon: escape (systemd-escape), timespan (systemd-analyze timespan) */
#include <inttypes.h>
#include "text.h"
#include "unit/name.h"
#include "verb.h"

static const char *const suffixes[] = {
	"service", "socket", "target", "mount", "automount", "swap", "timer", "path", "slice", "scope", "device",
};

static bool known_suffix(const char *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (streq(suffixes[i], t))
			return true;
	return false;
}

static int escape_one(struct sctl *s, const char *word, char **ret)
{
	_cleanup_(freep) char *e = s->o.path ? name_escape_path(word) : name_escape(word);

	if (!e)
		return -EINVAL;
	if (s->o.template)
		return name_replace_instance(s->o.template, e, ret);
	if (s->o.suffix)
		return asprintf(ret, "%s.%s", e, s->o.suffix) < 0 ? -ENOMEM : 0;
	*ret = TAKE_PTR(e);
	return 0;
}

static int unescape_one(struct sctl *s, const char *word, char **ret)
{
	_cleanup_(freep) char *instance = NULL, *template = NULL;
	const char *text = word;
	int r;

	if (s->o.template || s->o.instance) {
		r = name_is_instance(word) ? name_instance(word, &instance) : -EINVAL;
		if (r < 0)
			return r;
		r = s->o.template ? name_template(word, &template) : 0;
		if (r < 0 || (s->o.template && !streq(template, s->o.template)))
			return -EINVAL;
		text = instance;
	}
	*ret = s->o.path ? name_unescape_path(text) : name_unescape(text);
	return *ret ? 0 : -EINVAL;
}

int verb_escape(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	if (s->o.suffix && (!known_suffix(s->o.suffix) || s->o.template || s->o.unescape || s->o.mangle)) {
		fprintf(s->err, known_suffix(s->o.suffix) ? "--suffix= goes with plain escaping only.\n" : "--suffix= is not a unit type.\n");
		return SCTL_FAILURE;
	}
	if ((s->o.mangle && (s->o.unescape || s->o.template || s->o.path)) || (s->o.instance && (!s->o.unescape || s->o.template))) {
		fprintf(s->err, s->o.mangle ? "--mangle goes with no other option.\n" : "--instance goes with --unescape and without --template=.\n");
		return SCTL_FAILURE;
	}
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *e = NULL;
		int r = s->o.unescape ? unescape_one(s, words[i], &e) : s->o.mangle ? name_mangle(words[i], ".service", &e) : escape_one(s, words[i], &e);

		if (r < 0) {
			fprintf(s->err, "'%s' cannot be %s that way.\n", words[i], s->o.unescape ? "unescaped" : "escaped");
			return SCTL_FAILURE;
		}
		fprintf(s->out, "%s%s", i > 0 ? " " : "", e);
	}
	fputc('\n', s->out);
	return SCTL_OK;
}

int verb_timespan(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };
		uint64_t usec;
		int r = value_sec(words[i], USEC_PER_SEC, &usec);

		if (r < 0) {
			fprintf(s->err, "'%s' is not a time span; see systemd.time(7).\n", words[i]);
			return SCTL_FAILURE;
		}
		value_format_sec(usec, &b);
		fprintf(s->out, "%sOriginal: %s\n      %s: %" PRIu64 "\n   Human: %s\n", i > 0 ? "\n" : "", words[i], s->utf8 ? "μs" : "us", usec, buf_str(&b));
	}
	return SCTL_OK;
}
