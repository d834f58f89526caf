/* words.c - variables in the words of a command; systemd.service(5) "Command lines" */
#include <ctype.h>
#include "buf.h"
#include "run.h"

/*
 * A word that is "$NAME" becomes as many words as the value has, a lone dollar sign none. Anywhere else only "${NAME}" counts, always within one word,
 * and "$$" is a dollar sign; what else follows a dollar sign stays as it is. Unknown variables are empty.
 */
int split_words(const char *s, char ***v)
{
	while (*s) {
		struct buf b = { 0 };
		char quote = 0;

		while (*s && isspace((unsigned char)*s))
			s++;
		if (!*s)
			break;
		for (; *s && (quote || !isspace((unsigned char)*s)); s++) {
			if (quote ? *s == quote : *s == '"' || *s == '\'')
				quote = quote ? 0 : *s;
			else if (*s == '\\' && s[1])
				buf_addc(&b, *++s);
			else
				buf_addc(&b, *s);
		}
		vec_add(v, must_alloc((void *)buf_str(&b)));
		buf_finish(&b);
	}
	return 0;
}

static char *expand_word(const char *w, char *const *env)
{
	struct buf b = { 0 };

	for (; *w; w++) {
		const char *end = w[0] == '$' && w[1] == '{' ? w + 2 + strcspn(w + 2, ":}") : NULL;

		if (end && *end != '}')                 /* "${NAME:-...}" is of Environment= only; here it stays as it is */
			end = NULL;
		const char *value = end ? env_get(env, w + 2, (size_t)(end - w - 2)) : NULL;

		if (end) {
			buf_adds(&b, value ? value : "");
			w = end;
		} else {
			w += w[0] == '$' && w[1] == '$';
			buf_addc(&b, *w);
		}
	}
	return must_alloc(buf_take_str(&b));
}

int step_words(struct run *r)
{
	for (size_t i = 0; i < r->p.n_argv; i++) {
		const char *w = r->p.argv[i];

		if (r->p.command_flags & RUN_NO_ENV) {
			vec_add(&r->argv, w);
		} else if (w[0] == '$' && w[1] != '$' && w[1] != '{') {
			const char *value = env_get(r->env, w + 1, strlen(w + 1));

			if (value)
				split_words(value, &r->argv);
		} else {
			vec_add(&r->argv, expand_word(w, r->env));
		}
	}
	if (!r->argv)           /* argv[0] was a variable without words in it */
		vec_add(&r->argv, r->path);
	return 0;
}
