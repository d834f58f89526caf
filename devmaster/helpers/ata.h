/* ata.h - the 512 bytes of IDENTIFY DEVICE as properties; ATA/ATAPI Command Set (ACS-3), 7.12.7 */
#pragma once
#include "buf.h"

#define ATA_IDENTIFY_BYTES 512
/** ata_properties() - lines KEY=VALUE as udev's ata_id --export prints them */
void ata_properties(const uint8_t id[ATA_IDENTIFY_BYTES], struct buf *out);
/** ata_serial() - "MODEL_SERIAL", or the model alone */
void ata_serial(const uint8_t id[ATA_IDENTIFY_BYTES], struct buf *out);
/** ata_turn_texts() - for HDIO_GET_IDENTITY, which gives the texts the right way round already: as the device has them */
void ata_turn_texts(uint8_t id[ATA_IDENTIFY_BYTES]);
