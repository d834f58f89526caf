/* btf.c - a walk through the kernel's own type information */
#include <fcntl.h>
#include <linux/btf.h>
#include <sys/stat.h>
#include "btf.h"
#include "run.h"

#define BTF_MAX (64u << 20)

struct btf { char *data; const char *strings; size_t types, types_end, n_strings; };

static int read_all(int fd, size_t size, char *to)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = read(fd, to + done, size - done);

		if (n <= 0)
			return n < 0 ? -errno : -EBADMSG;
		done += (size_t)n;
	}
	return 0;
}

int btf_open(const char *path, struct btf **ret)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct btf_header *h;
	struct btf *b;
	struct stat st;
	size_t size;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size < (off_t)sizeof(*h) || st.st_size > BTF_MAX)
		return -EBADMSG;
	size = (size_t)st.st_size;
	b = must_alloc(calloc(1, sizeof(*b)));
	b->data = must_alloc(malloc(size));
	r = read_all(fd, size, b->data);
	if (r < 0)
		return r;
	h = (struct btf_header *)b->data;
	b->types = (size_t)h->hdr_len + h->type_off;
	b->types_end = b->types + h->type_len;
	b->n_strings = h->str_len;
	if (h->magic != BTF_MAGIC || b->types_end > size || (size_t)h->hdr_len + h->str_off + h->str_len > size || !h->str_len ||
	    b->data[h->hdr_len + h->str_off + h->str_len - 1] || b->types % 4)
		return -EBADMSG;
	b->strings = b->data + h->hdr_len + h->str_off;
	*ret = b;
	return 0;
}

static size_t extra(const struct btf_type *t)
{
	size_t n = BTF_INFO_VLEN(t->info);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT: case BTF_KIND_VAR: case BTF_KIND_DECL_TAG:
		return 4;
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT: case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	default:
		return 0;
	}
}

static bool named(const struct btf *b, uint32_t off, const char *name) { return off < b->n_strings && streq(b->strings + off, name); }

/* the first type of that kind and name; its id in *ret_id */
static const struct btf_type *find(const struct btf *b, unsigned kind, const char *name, int *ret_id)
{
	size_t at = b->types;

	for (int id = 1; at + sizeof(struct btf_type) <= b->types_end; id++) {
		const struct btf_type *t = (const struct btf_type *)(b->data + at);

		at += sizeof(*t) + extra(t);
		if (at > b->types_end)
			break;
		if (BTF_INFO_KIND(t->info) == kind && named(b, t->name_off, name)) {
			*ret_id = id;
			return t;
		}
	}
	return NULL;
}

int btf_function(const struct btf *b, const char *name)
{
	int id;

	return find(b, BTF_KIND_FUNC, name, &id) ? id : -ENOENT;
}

int btf_member(const struct btf *b, const char *type, const char *member)
{
	int id;
	const struct btf_type *t = find(b, BTF_KIND_STRUCT, type, &id);
	const struct btf_member *m = (const struct btf_member *)(t + 1);

	for (unsigned i = 0; t && i < BTF_INFO_VLEN(t->info); i++)
		if (named(b, m[i].name_off, member))
			return (int)((BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BIT_OFFSET(m[i].offset) : m[i].offset) / 8);
	return -ENOENT;
}
