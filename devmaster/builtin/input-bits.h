/*
 * input-bits.h - what kind of input device it is, by what it can do: the judgement of input_id without a device
 *
 * Source: linux/input-event-codes.h, Documentation/input/event-codes.rst; which kinds there are: udev of systemd 252, libinput.
 */
#pragma once
#include <linux/input.h>
#include "util.h"

#define BITS_WORDS(bits) (((bits) + 63) / 64)
struct input_bits {
	uint64_t ev[BITS_WORDS(EV_CNT)], abs[BITS_WORDS(ABS_CNT)], rel[BITS_WORDS(REL_CNT)], key[BITS_WORDS(KEY_CNT)], prop[BITS_WORDS(INPUT_PROP_CNT)];
	unsigned bus;                   /* BUS_USB ...; 0: not known */
};

enum input_kind {
	INPUT_ACCELEROMETER = 1 << 0, INPUT_POINTINGSTICK = 1 << 1, INPUT_MOUSE = 1 << 2, INPUT_TOUCHPAD = 1 << 3, INPUT_TOUCHSCREEN = 1 << 4,
	INPUT_JOYSTICK = 1 << 5, INPUT_TABLET = 1 << 6, INPUT_TABLET_PAD = 1 << 7, INPUT_KEY = 1 << 8, INPUT_KEYBOARD = 1 << 9, INPUT_SWITCH = 1 << 10,
};
extern const struct input_name { enum input_kind kind; const char *property; } input_names[];
extern const size_t n_input_names;

/** input_mask() - "e080ffdf01cfffff fffffffffffffffe" of sysfs, the highest word first, as long words of @word_bits; what is no such text gives none */
void input_mask(const char *text, unsigned word_bits, uint64_t *bits, size_t n_words);
unsigned input_kinds(const struct input_bits *b);       /* set of enum input_kind */
