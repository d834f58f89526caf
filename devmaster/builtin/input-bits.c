/* input-bits.c - see input-bits.h */
#include "input-bits.h"

const struct input_name input_names[] = {
	{ INPUT_ACCELEROMETER, "ID_INPUT_ACCELEROMETER" }, { INPUT_POINTINGSTICK, "ID_INPUT_POINTINGSTICK" }, { INPUT_MOUSE, "ID_INPUT_MOUSE" },
	{ INPUT_TOUCHPAD, "ID_INPUT_TOUCHPAD" }, { INPUT_TOUCHSCREEN, "ID_INPUT_TOUCHSCREEN" }, { INPUT_JOYSTICK, "ID_INPUT_JOYSTICK" },
	{ INPUT_TABLET, "ID_INPUT_TABLET" }, { INPUT_TABLET_PAD, "ID_INPUT_TABLET_PAD" }, { INPUT_KEY, "ID_INPUT_KEY" },
	{ INPUT_KEYBOARD, "ID_INPUT_KEYBOARD" }, { INPUT_SWITCH, "ID_INPUT_SWITCH" },
};
const size_t n_input_names = ARRAY_SIZE(input_names);

void input_mask(const char *text, unsigned word_bits, uint64_t *bits, size_t n_words)
{
	const char *end = text + strlen(text);
	size_t at = 0;                          /* first bit of the word that is read next, from the last one on */

	memset(bits, 0, n_words * sizeof(*bits));
	while (end > text) {
		const char *from = end;
		uint64_t word;

		while (from > text && from[-1] != ' ')
			from--;
		word = strtoull(from, NULL, 16);
		if (at / 64 < n_words)
			bits[at / 64] |= word << at % 64;
		at += word_bits;
		end = from > text ? from - 1 : from;
	}
}

static bool has(const uint64_t *bits, unsigned bit) { return bits[bit / 64] >> bit % 64 & 1; }

static unsigned count(const uint64_t *bits, unsigned from, unsigned behind)
{
	unsigned n = 0;

	for (unsigned i = from; i < behind; i++)
		n += has(bits, i);
	return n;
}

/* the facts about a pointer, from which the kinds follow */
struct traits {
	bool keys, pad, wheel, mouse_buttons, rel, abs, touch, direct, pen, finger;     /* finger: and no pen */
	bool multi;                     /* places of many fingers, and not just every axis there is */
	bool stick;
	unsigned joy_buttons, joy_axes;
};

static unsigned joystick_buttons(const uint64_t *key)
{
	return count(key, BTN_JOYSTICK, BTN_DIGI) + count(key, BTN_TRIGGER_HAPPY1, BTN_TRIGGER_HAPPY40 + 1) + count(key, BTN_DPAD_UP, BTN_DPAD_RIGHT + 1);
}

static struct traits traits_of(const struct input_bits *b)
{
	bool pen_tool = has(b->key, BTN_TOOL_PEN);
	struct traits t = {
		.keys = has(b->ev, EV_KEY),
		.pad = has(b->key, BTN_0) && has(b->key, BTN_1) && !pen_tool,
		.wheel = has(b->ev, EV_REL) && (has(b->rel, REL_WHEEL) || has(b->rel, REL_HWHEEL)),
		.mouse_buttons = count(b->key, BTN_MOUSE, BTN_JOYSTICK) > 0,
		.rel = has(b->ev, EV_REL) && has(b->rel, REL_X) && has(b->rel, REL_Y),
		.abs = has(b->abs, ABS_X) && has(b->abs, ABS_Y),
		.touch = has(b->key, BTN_TOUCH),
		.direct = has(b->prop, INPUT_PROP_DIRECT),
		.pen = pen_tool || has(b->key, BTN_STYLUS),
		.finger = has(b->key, BTN_TOOL_FINGER) && !pen_tool,
		.multi = has(b->abs, ABS_MT_POSITION_X) && has(b->abs, ABS_MT_POSITION_Y) && !(has(b->abs, ABS_MT_SLOT) && has(b->abs, ABS_MT_SLOT - 1)),
		.stick = has(b->prop, INPUT_PROP_POINTING_STICK),
		.joy_axes = count(b->abs, ABS_RX, ABS_PRESSURE),
		.joy_buttons = joystick_buttons(b->key),
	};

	return t;
}

/* some keyboards have a few buttons of a joystick by mistake: then it must look like one more clearly */
static bool joystick_after_all(const struct input_bits *b, const struct traits *t)
{
	static const unsigned well_known[] = { KEY_LEFTCTRL, KEY_CAPSLOCK, KEY_NUMLOCK, KEY_INSERT, KEY_MUTE, KEY_CALC, KEY_FILE, KEY_MAIL, KEY_PLAYPAUSE, KEY_BRIGHTNESSDOWN };
	unsigned n = 0;

	for (size_t i = 0; t->keys && i < ARRAY_SIZE(well_known); i++)
		n += has(b->key, well_known[i]);
	return n < 4 && t->joy_buttons + t->joy_axes >= 2 && !(t->wheel && t->pad);
}

/* a device with places on a surface */
static unsigned surface(const struct traits *t, bool mouse_too, bool joystick)
{
	if (t->pen)
		return INPUT_TABLET;
	if (t->finger && !t->direct)
		return INPUT_TOUCHPAD;
	if (mouse_too && t->mouse_buttons)
		return INPUT_MOUSE;                     /* mice of virtual machines point at places */
	if (t->touch || t->direct)
		return INPUT_TOUCHSCREEN;
	return joystick ? INPUT_JOYSTICK : 0;
}

static unsigned pointer_kinds(const struct input_bits *b)
{
	struct traits t = traits_of(b);
	/* a mouse with very many buttons has some of those of joysticks */
	bool joystick = (!has(b->key, BTN_JOYSTICK - 1) && t.joy_buttons > 0) || t.joy_axes > 0;
	unsigned kinds = 0, mouse = 0;

	if (has(b->prop, INPUT_PROP_ACCELEROMETER) || (!t.keys && t.abs && has(b->abs, ABS_Z)))
		return INPUT_ACCELEROMETER;
	if (t.abs)
		kinds = surface(&t, true, joystick);
	else if (joystick)
		kinds = INPUT_JOYSTICK;
	if (t.multi)
		kinds |= surface(&t, false, false);
	if ((kinds & INPUT_TABLET) && t.pad)
		kinds |= INPUT_TABLET_PAD;
	if (t.pad && t.wheel && !t.rel)
		kinds |= INPUT_TABLET | INPUT_TABLET_PAD;
	if (!(kinds & (INPUT_TABLET | INPUT_TOUCHPAD | INPUT_JOYSTICK)) && t.mouse_buttons && (t.rel || !t.abs))
		mouse = INPUT_MOUSE;
	if (t.stick || (mouse && b->bus == BUS_I2C))    /* there are no mice on that bus */
		kinds |= INPUT_POINTINGSTICK;
	if ((kinds & INPUT_JOYSTICK) && !joystick_after_all(b, &t))
		kinds &= ~(unsigned)INPUT_JOYSTICK;
	return kinds | mouse;
}

static unsigned key_kinds(const struct input_bits *b)
{
	const uint64_t first_rows = 0xfffffffe;         /* from escape to D, without the one that means nothing */

	if (!has(b->ev, EV_KEY))
		return 0;
	if ((b->key[0] & first_rows) == first_rows)
		return INPUT_KEY | INPUT_KEYBOARD;
	if (count(b->key, 0, BTN_MISC) || count(b->key, KEY_OK, BTN_DPAD_UP) || count(b->key, KEY_ALS_TOGGLE, BTN_TRIGGER_HAPPY))
		return INPUT_KEY;
	return 0;
}

unsigned input_kinds(const struct input_bits *b)
{
	unsigned kinds = pointer_kinds(b), keys = key_kinds(b);

	if (!kinds && !keys && has(b->ev, EV_REL) && (has(b->rel, REL_WHEEL) || has(b->rel, REL_HWHEEL)))
		keys = INPUT_KEY;                       /* nothing but a wheel */
	return kinds | keys | (has(b->ev, EV_SW) ? INPUT_SWITCH : 0);
}
