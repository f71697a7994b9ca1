// SPDX-License-Identifier: Apache-2.0
/*
 * What a client said in SetEncodings that it understands. Pure.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include "bytes.h"
#include "offer.h"
#include "rfb.h"

/* What libjpeg-turbo's quality is for a coarse level, by convention of its users. */
static const uint8_t coarse_qualities[] = { 15, 29, 41, 42, 62, 77, 79, 86, 92, 100 };

static void offer_quality(struct offer *offer, int32_t encoding)
{
	int32_t quality;

	if (offer->quality)
		return;
	if (encoding >= RFB_ENCODING_QUALITY_0 && encoding <= RFB_ENCODING_QUALITY_9) {
		offer->quality = coarse_qualities[encoding - RFB_ENCODING_QUALITY_0];
	} else if (encoding >= RFB_ENCODING_FINE_QUALITY_0 &&
		   encoding <= RFB_ENCODING_FINE_QUALITY_100) {
		quality = encoding - RFB_ENCODING_FINE_QUALITY_0;
		offer->quality = (uint8_t)(quality ? quality : 1);
	}
}

static void offer_add(struct offer *offer, int32_t encoding)
{
	switch (encoding) {
	case RFB_ENCODING_TIGHT:
		offer->tight = true;
		break;
	case RFB_ENCODING_HEXTILE:
		offer->hextile = true;
		break;
	case RFB_ENCODING_JPEG:
		offer->jpeg = true;
		break;
	case RFB_ENCODING_LAST_RECT:
		offer->last_rect = true;
		break;
	case RFB_ENCODING_DESKTOP_SIZE:
		offer->desktop_size = true;
		break;
	case RFB_ENCODING_EXTENDED_DESKTOP_SIZE:
		offer->extended_desktop_size = true;
		break;
	case RFB_ENCODING_QEMU_EXTENDED_KEY:
		offer->qemu_keys = true;
		break;
	case RFB_ENCODING_EXTENDED_MOUSE:
		offer->extended_mouse = true;
		break;
	default:
		offer_quality(offer, encoding);
		break;
	}
}

void offer_read(struct offer *offer, const uint8_t *list, unsigned int count)
{
	*offer = (struct offer){ 0 };
	for (unsigned int i = 0; i < count; i++)
		offer_add(offer, (int32_t)get_be32(list + 4 * (size_t)i));
}
