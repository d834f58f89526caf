/*
 * sp.h - nng's wire protocol (SP over IPC) without nng: what PID 1 serves and a CLI speaks when start-up time matters
 *
 * Source: nng's and nanomsg's "SP over IPC" mapping; tried against libnng 1.5.2 by test-sp.c.
 * Handshake: both sides send 00 'S' 'P' 00, protocol (u16 big endian), 00 00. Then messages: 01, length (u64 big endian), payload.
 * REQ/REP payloads begin with a u32 request id whose top bit is set.
 */
#pragma once
#include "buf.h"

enum sp_proto { SP_PUB = 0x20, SP_SUB = 0x21, SP_REQ = 0x30, SP_REP = 0x31 };

#define SP_HANDSHAKE_SIZE 8
#define SP_HEADER_SIZE 9

void sp_handshake(uint8_t out[SP_HANDSHAKE_SIZE], enum sp_proto self);

/** sp_handshake_check() - 0, or -EPROTO unless it is the 8 bytes that @peer sends */
int sp_handshake_check(const uint8_t in[SP_HANDSHAKE_SIZE], enum sp_proto peer);

/** sp_header() - the bytes in front of a payload of @len bytes */
void sp_header(uint8_t out[SP_HEADER_SIZE], uint64_t len);

/**
 * sp_frame() - is there a whole message at the front of [p, p+n)?
 * Return: bytes of the whole frame (payload at p + SP_HEADER_SIZE); 0 when more is needed; -EPROTO on a wrong type byte,
 * -EMSGSIZE when the announced length is over @max.
 */
ssize_t sp_frame(const uint8_t *p, size_t n, size_t max);
