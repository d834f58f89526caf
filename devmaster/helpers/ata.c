/* ata.c - see ata.h */
#include <stdio.h>
#include "ata.h"
#include "event/event.h"

static unsigned word(const uint8_t *id, unsigned n) { return id[2 * n] | (unsigned)id[2 * n + 1] << 8; }
static bool bit(const uint8_t *id, unsigned n, unsigned b) { return word(id, n) >> b & 1; }

/* characters of a word stand the wrong way round */
static void text(const uint8_t *id, unsigned first, unsigned words, char *out)
{
	for (unsigned i = 0; i < words; i++) {
		*out++ = (char)id[2 * (first + i) + 1];
		*out++ = (char)id[2 * (first + i)];
	}
	*out = '\0';
}

void ata_turn_texts(uint8_t id[ATA_IDENTIFY_BYTES])
{
	static const struct { unsigned first, words; } texts[] = { { 10, 10 }, { 23, 4 }, { 27, 20 } };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		for (unsigned w = texts[i].first; w < texts[i].first + texts[i].words; w++) {
			uint8_t b = id[2 * w];

			id[2 * w] = id[2 * w + 1];
			id[2 * w + 1] = b;
		}
	}
}

static void fit(const uint8_t *id, unsigned first, unsigned words, char *out)
{
	text(id, first, words, out);
	text_underscores(out);
	text_replace(out, NULL);
}

/* bit .supported of word 82 or 83; bit .supported of the word three later: switched on */
static const struct feature { unsigned word, bit; const char *name; bool set; } features[] = {
	{ 82, 5, "WRITE_CACHE", false }, { 82, 10, "HPA", true }, { 82, 3, "PM", true }, { 82, 1, "SECURITY", true }, { 82, 0, "SMART", true },
	{ 83, 9, "AAM", true }, { 83, 5, "PUIS", true }, { 83, 3, "APM", true },
};

/* what some of them say besides */
static void more(const uint8_t *id, const char *name, bool on, struct buf *out)
{
	static const struct { unsigned bit; const char *name; } states[] = { { 4, "EXPIRE" }, { 3, "FROZEN" }, { 2, "LOCKED" } };

	if (streq(name, "SECURITY")) {
		buf_addf(out, "ID_ATA_FEATURE_SET_SECURITY_ERASE_UNIT_MIN=%u\n", word(id, 89) * 2);
		if (on)
			buf_addf(out, "ID_ATA_FEATURE_SET_SECURITY_LEVEL=%s\n", bit(id, 128, 8) ? "maximum" : "high");
		if (bit(id, 128, 5))
			buf_addf(out, "ID_ATA_FEATURE_SET_SECURITY_ENHANCED_ERASE_UNIT_MIN=%u\n", word(id, 90) * 2);
		for (size_t i = 0; i < ARRAY_SIZE(states); i++)
			if (bit(id, 128, states[i].bit))
				buf_addf(out, "ID_ATA_FEATURE_SET_SECURITY_%s=1\n", states[i].name);
	} else if (streq(name, "AAM"))
		buf_addf(out, "ID_ATA_FEATURE_SET_AAM_VENDOR_RECOMMENDED_VALUE=%u\nID_ATA_FEATURE_SET_AAM_CURRENT_VALUE=%u\n", word(id, 94) >> 8, word(id, 94) & 0xff);
	else if (streq(name, "APM") && on)
		buf_addf(out, "ID_ATA_FEATURE_SET_APM_CURRENT_VALUE=%u\n", word(id, 91) & 0xff);
}

static void put_features(const uint8_t *id, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		const struct feature *f = &features[i];
		const char *set = f->set ? "FEATURE_SET_" : "";
		bool on = bit(id, f->word + 3, f->bit);

		if (!bit(id, f->word, f->bit))
			continue;
		buf_addf(out, "ID_ATA_%s%s=1\nID_ATA_%s%s_ENABLED=%d\n", set, f->name, set, f->name, on);
		more(id, f->name, on, out);
	}
	if (bit(id, 83, 0))
		buf_adds(out, "ID_ATA_DOWNLOAD_MICROCODE=1\n");
}

static const char *type_of(const uint8_t *id)
{
	static const struct { unsigned type; const char *name; } packet[] = { { 0, "cd" }, { 1, "tape" }, { 5, "cd" }, { 7, "optical" } };

	if (!bit(id, 0, 15))
		return "disk";
	for (size_t i = 0; i < ARRAY_SIZE(packet); i++)
		if (packet[i].type == (word(id, 0) >> 8 & 0x1f))
			return packet[i].name;
	return "generic";
}

static void put_rest(const uint8_t *id, struct buf *out)
{
	unsigned sata = word(id, 76), rotation = word(id, 217), kind = word(id, 0);

	if (sata != 0 && sata != 0xffff) {              /* a drive with a parallel cable has either */
		buf_adds(out, "ID_ATA_SATA=1\n");
		if (bit(id, 76, 2))
			buf_adds(out, "ID_ATA_SATA_SIGNAL_RATE_GEN2=1\n");
		if (bit(id, 76, 1))
			buf_adds(out, "ID_ATA_SATA_SIGNAL_RATE_GEN1=1\n");
	}
	if (rotation == 1)
		buf_adds(out, "ID_ATA_ROTATION_RATE_RPM=0\n");
	else if (rotation >= 0x0401 && rotation <= 0xfffe)
		buf_addf(out, "ID_ATA_ROTATION_RATE_RPM=%u\n", rotation);
	if (word(id, 108) >> 12 == 5) {                 /* NAA IEEE Registered */
		char wwn[32];

		snprintf(wwn, sizeof(wwn), "0x%04x%04x%04x%04x", word(id, 108), word(id, 109), word(id, 110), word(id, 111));
		buf_addf(out, "ID_WWN=%s\nID_WWN_WITH_EXTENSION=%s\n", wwn, wwn);
	}
	if (kind == 0x848a || kind == 0x844a || (word(id, 83) & 0xc004) == 0x4004)
		buf_adds(out, "ID_ATA_CFA=1\n");
}

void ata_serial(const uint8_t id[ATA_IDENTIFY_BYTES], struct buf *out)
{
	char model[41], serial[21];

	fit(id, 27, 20, model);
	fit(id, 10, 10, serial);
	buf_addf(out, "%s%s%s", model, *serial ? "_" : "", serial);
}

void ata_properties(const uint8_t id[ATA_IDENTIFY_BYTES], struct buf *out)
{
	char model[41], encoded[256], revision[9], serial[21];

	text(id, 27, 20, model);
	text_encode(model, encoded, sizeof(encoded));
	fit(id, 27, 20, model);
	fit(id, 23, 4, revision);
	fit(id, 10, 10, serial);
	buf_addf(out, "ID_ATA=1\nID_TYPE=%s\nID_BUS=ata\nID_MODEL=%s\nID_MODEL_ENC=%s\nID_REVISION=%s\nID_SERIAL=", type_of(id), model, encoded, revision);
	ata_serial(id, out);
	if (*serial)
		buf_addf(out, "\nID_SERIAL_SHORT=%s", serial);
	buf_addc(out, '\n');
	put_features(id, out);
	put_rest(id, out);
}
