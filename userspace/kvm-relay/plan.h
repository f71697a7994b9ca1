/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rectangles the next update of a client consists of.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#ifndef RELAY_PLAN_H
#define RELAY_PLAN_H

#include "update.h"

/**
 * plan_pieces() - fill in update->pieces from what the client has and wants
 * @update: the client's view; its mode is the source's
 * @source: the newest picture, or the placard that stands for it
 *
 * Return: 0, also if there is nothing to send; -ENOMEM.
 */
int plan_pieces(struct update *update, const struct source *source);

/* Have the client's view be of the source's present mode. Return: 0 or -ENOMEM. */
int plan_adopt(struct update *update, const struct source *source);

/* How the client is sent tiles of @codec, in a picture of its framebuffer's size. */
enum piece_kind plan_kind(const struct update *update, unsigned int codec);

/* Take a piece of whole tiles apart, rows first. Return: false if it is a single tile. */
bool plan_split(struct update *update, size_t at);

/* The tiles that a piece of the picture lies in. */
struct kvmcap_rectangle plan_tiles(const struct update *update, const struct piece *piece);

#endif
