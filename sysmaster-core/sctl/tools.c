/* tools.c - a small helper that needs no daemon: escape (systemd-escape) */
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
	if (s->o.path && *word != '/')
		fprintf(s->err, "'%s' does not begin with '/': unescaping will not give it back.\n", word);
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

/* what of the options does not go together; NULL: all well */
static const char *conflict(const struct options *o)
{
	const bool undo = o->escape == ESCAPE_UNDO, mangle = o->escape == ESCAPE_MANGLE;

	if (o->suffix && !known_suffix(o->suffix))
		return "--suffix= is not a unit type";
	if (o->template && !(name_valid(o->template, NAME_TEMPLATE)))
		return "--template= is not the name of a template";
	if (o->suffix && o->template)
		return "--suffix= does not go with --template=";
	if (mangle && (o->suffix || o->template || o->path))
		return "--mangle does not go with --suffix=, --template= and --path";
	if (undo && o->suffix)
		return "--unescape does not go with --suffix=";
	if (o->instance && !undo)
		return "--instance goes with --unescape";
	return o->instance && o->template ? "--instance does not go with --template=" : NULL;
}

int verb_escape(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	const char *why = conflict(&s->o);

	if (why) {
		fprintf(s->err, "%s escape: %s.\n", s->program, why);
		return SCTL_FAILURE;
	}
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *e = NULL;
		int r = s->o.escape == ESCAPE_UNDO ? unescape_one(s, words[i], &e)
			: s->o.escape == ESCAPE_MANGLE ? name_mangle_literal(words[i], ".service", &e) : escape_one(s, words[i], &e);

		if (r < 0) {
			fprintf(s->err, "'%s' cannot be %s that way.\n", words[i], s->o.escape == ESCAPE_UNDO ? "unescaped" : "escaped");
			return SCTL_FAILURE;
		}
		fprintf(s->out, "%s%s", i > 0 ? " " : "", e);
	}
	fputc('\n', s->out);
	return SCTL_OK;
}
