/* bpf.c - assembling and loading filters */
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "bpf.h"

void bpf_emit(struct bpf *b, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 256;
		b->v = must_alloc(reallocarray(b->v, b->cap, sizeof(*b->v)));
	}
	b->v[b->n++] = (struct sock_filter){ code, jt, jf, k };
}

void bpf_load_nr(struct bpf *b) { bpf_emit(b, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr)); }

void bpf_load_arg(struct bpf *b, unsigned arg)
{
	uint32_t off = (uint32_t)(offsetof(struct seccomp_data, args) + 8 * arg);

	bpf_emit(b, BPF_LD | BPF_W | BPF_ABS, 0, 0, __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? off + 4 : off);
}

size_t bpf_skip(struct bpf *b)
{
	bpf_emit(b, BPF_JMP | BPF_JA, 0, 0, 0);
	return b->n - 1;
}

void bpf_land(struct bpf *b, size_t skip) { b->v[skip].k = (uint32_t)(b->n - skip - 1); }

size_t bpf_if_nr(struct bpf *b, int nr)
{
	bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, (uint32_t)nr);
	return bpf_skip(b);
}

int bpf_load(const struct bpf *b)
{
	struct sock_fprog prog = { (unsigned short)b->n, b->v };

	if (b->n > BPF_MAXINSNS)
		return -E2BIG;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0 ? -errno : 0;
}
