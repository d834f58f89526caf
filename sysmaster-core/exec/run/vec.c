/* vec.c - vectors of strings and environments */
#include "run.h"

size_t vec_len(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

void vec_add(char ***v, const char *s)
{
	size_t n = vec_len(*v);

	if ((n & (n + 1)) == 0)         /* full at 1, 2, 4, 8 ... slots, the NULL counted */
		*v = must_alloc(reallocarray(*v, 2 * (n + 1), sizeof(**v)));
	(*v)[n] = must_alloc(strdup(s));
	(*v)[n + 1] = NULL;
}

void env_put(char ***env, const char *assignment)
{
	size_t n = strcspn(assignment, "=") + 1;

	for (size_t i = 0; *env && (*env)[i]; i++) {
		if (strncmp((*env)[i], assignment, n) != 0)
			continue;
		(*env)[i] = must_alloc(strdup(assignment));
		return;
	}
	vec_add(env, assignment);
}

const char *env_get(char *const *env, const char *name, size_t n)
{
	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}
