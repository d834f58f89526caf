/* deps.c - list-dependencies: a walk over what core has in memory; each unit is asked for once */
#include <strings.h>
#include "query.h"
#include "text.h"
#include "unit/name.h"
#include "verb.h"

#define DEPTH_MAX 64

struct node { char *unit, **next, *active; };           /* .next sorted */
struct walk {
	struct sctl *s;
	struct node **nodes;
	size_t n, cap;
	const char *const *kinds;
	size_t n_kinds;
	const char *stack[DEPTH_MAX];                   /* the way from the root: a loop ends here */
	bool last[DEPTH_MAX];
};

static const char *const forward[] = { "Requires", "Requisite", "Wants", "ConsistsOf", "BindsTo", "Upholds" };
static const char *const backward[] = { "RequiredBy", "RequisiteOf", "WantedBy", "PartOf", "BoundBy", "UpheldBy" };
static const char *const after[] = { "After" };
static const char *const before[] = { "Before" };

/* targets last, otherwise by name: the short lines first */
static int cmp_names(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	bool tx = endswith(x, ".target"), ty = endswith(y, ".target");

	return tx != ty ? tx - ty : strcasecmp(x, y);
}

static void node_free(struct node *n)
{
	if (!n)
		return;
	free(n->unit);
	free(n->active);
	strv_free(n->next);
	free(n);
}
DEFINE_CLEANUP(struct node *, node_free);

static void walk_done(struct walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		node_free(w->nodes[i]);
	free(w->nodes);
}

static int read_node(struct walk *w, const char *unit, struct node *node)
{
	const char *names[8] = { "ActiveState" };
	struct ipc_properties_reply p;
	const char *error;
	int r;

	for (size_t i = 0; i < w->n_kinds; i++)
		names[1 + i] = w->kinds[i];
	r = query_unit(w->s, unit, names, w->n_kinds + 1, &p, &error);
	if (r == -ENOENT || r == -EOPNOTSUPP) {          /* named by others, unknown here: a leaf */
		p = (struct ipc_properties_reply){ 0 };
		r = 0;
	}
	if (r < 0) {
		link_fail(w->s, r, error, "read the dependencies of", unit);
		return r;
	}
	node->unit = strdup(unit);
	node->active = strdup(*query_value(&p, "ActiveState") ? query_value(&p, "ActiveState") : "inactive");
	for (size_t i = 0; i < w->n_kinds && r >= 0; i++) {
		for (char *t, *rest = (char *)query_value(&p, w->kinds[i]); r >= 0 && (t = text_word(&rest)); )
			if (!strv_has(node->next, t))
				r = strv_add(&node->next, t);
	}
	if (node->next)
		qsort(node->next, strv_len(node->next), sizeof(char *), cmp_names);
	return r < 0 || !node->unit || !node->active ? -ENOMEM : 0;
}

static int get_node(struct walk *w, const char *unit, struct node **ret)
{
	_cleanup_(node_freep) struct node *node = NULL;
	int r;

	for (size_t i = 0; i < w->n; i++)
		if (streq(w->nodes[i]->unit, unit)) {
			*ret = w->nodes[i];
			return 0;
		}
	node = calloc(1, sizeof(*node));
	if (!node)
		return -ENOMEM;
	r = read_node(w, unit, node);
	if (r < 0)
		return r;
	if (w->n == w->cap) {
		size_t cap = w->cap ? w->cap * 2 : 64;
		struct node **nodes = reallocarray(w->nodes, cap, sizeof(struct node *));

		if (!nodes)
			return -ENOMEM;
		w->nodes = nodes;
		w->cap = cap;
	}
	*ret = w->nodes[w->n++] = TAKE_PTR(node);
	return 0;
}

static void print_line(const struct walk *w, const struct node *n, size_t depth, bool last)
{
	struct sctl *s = w->s;
	enum color c = state_color(NULL, n->active);

	if (s->o.plain) {
		fprintf(s->out, "  %s\n", n->unit);
		return;
	}
	if (*n->active)
		fprintf(s->out, "%s%s%s ", color_on(s, c), glyph(s, state_glyph(n->active)), c ? color_off(s) : "");
	else
		fputs("  ", s->out);
	for (size_t i = 1; i < depth; i++)
		fputs(w->last[i] ? "  " : glyph(s, GLYPH_VERTICAL), s->out);
	fprintf(s->out, "%s%s\n", glyph(s, last ? GLYPH_LAST : GLYPH_BRANCH), n->unit);
}

static bool on_stack(const struct walk *w, size_t depth, const char *unit)
{
	for (size_t i = 0; i < depth; i++)
		if (streq(w->stack[i], unit))
			return true;
	return false;
}

/* was it listed with what it pulls in? A list tells that once, a tree not within itself */
static bool is_known(const struct walk *w, size_t depth, char *const *listed, const char *unit)
{
	return w->s->o.plain ? strv_has(listed, unit) : on_stack(w, depth, unit);
}

static int descend(struct walk *w, const struct node *node, size_t depth, char ***listed)
{
	size_t n = strv_len(node->next);
	bool circular = false;
	int r = w->s->o.plain ? strv_add(listed, node->unit) : 0;

	w->stack[depth] = node->unit;
	if (depth + 1 >= DEPTH_MAX)
		return r;
	for (size_t i = 0; i < n && r >= 0; i++) {
		struct node *child = NULL;
		bool last;

		if (is_known(w, depth + 1, *listed, node->next[i])) {
			circular = true;
			continue;
		}
		r = get_node(w, node->next[i], &child);
		if (r < 0)
			return r;
		last = i + 1 == n && !circular;
		w->last[depth + 1] = last;
		print_line(w, child, depth + 1, last);
		if (w->s->o.all || endswith(child->unit, ".target"))
			r = descend(w, child, depth + 1, listed);
	}
	if (circular && !w->s->o.plain)
		print_line(w, &(struct node){ .unit = (char *)"...", .active = (char *)"" }, depth + 1, true);
	return r;
}

int verb_list_dependencies(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	char *fallback[] = { (char *)"default.target", NULL };
	_cleanup_(strv_freep) char **names = NULL;
	int status = SCTL_OK;

	if (query_names(s, n ? words : fallback, n ? n : 1, ".service", &names) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; names && names[i]; i++) {
		_cleanup_(walk_done) struct walk w = { .s = s, .kinds = forward, .n_kinds = ARRAY_SIZE(forward) };
		_cleanup_(strv_freep) char **listed = NULL;
		struct node *root;

		if (s->o.after || s->o.before || s->o.reverse) {
			w.kinds = s->o.after ? after : s->o.before ? before : backward;
			w.n_kinds = s->o.after || s->o.before ? 1 : ARRAY_SIZE(backward);
		}
		if (i > 0)
			fputc('\n', s->out);
		if (get_node(&w, names[i], &root) < 0) {
			status = SCTL_FAILURE;
			continue;
		}
		fprintf(s->out, "%s\n", root->unit);
		if (descend(&w, root, 0, &listed) < 0)
			status = SCTL_FAILURE;
	}
	return status;
}
