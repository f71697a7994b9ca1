// SPDX-License-Identifier: Apache-2.0
/*
 * The life of a connection.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "pointer.h"
#include "server.h"

void client_close(struct client *client, const char *reason)
{
	if (client->state == CLIENT_CLOSED)
		return;
	log_info("%s: closed, %s", client->name, reason);
	loop_close(&client->server->loop, &client->watch);
	input_close(&client->input);
	client->state = CLIENT_CLOSED;
}

void client_free(struct client *client)
{
	loop_close(&client->server->loop, &client->watch);
	input_close(&client->input);
	update_free(&client->update);
	output_free(&client->output);
	free(client);
}

/* The client has gone: what it typed is still to reach the host. */
static void end(struct client *client, const char *reason)
{
	if (client->state == CLIENT_RUNNING && client->input.count) {
		loop_close(&client->server->loop, &client->watch);
		client->state = CLIENT_DRAINING;
		client->deadline = loop_now() + INPUT_STALL_MS;
		return;
	}
	client_close(client, reason);
}

static void send_output(struct client *client)
{
	int error = output_send(&client->output, client->watch.fd);

	if (error)
		end(client, strerror(-error));
}

/* Tell the client something and, as far as it goes at once, close. */
static void close_with(struct client *client, const struct handshake_reply *reply,
		       const char *reason)
{
	output_put(&client->output, reply->data, reply->length);
	output_send(&client->output, client->watch.fd);
	client_close(client, reason);
}

static void consume(struct client *client, size_t length)
{
	client->in_length -= length;
	memmove(client->in, client->in + length, client->in_length);
}

/* ServerInit, once the size of the picture is known, or nobody knows it. */
static void send_server_init(struct client *client)
{
	const struct source *source = &client->server->source;
	const struct kvmcap_mode *mode = &source->snapshot.header.mode;
	bool known = source->capture && mode->width && mode->height;
	unsigned int width = known ? mode->width : CLIENT_WIDTH;
	unsigned int height = known ? mode->height : CLIENT_HEIGHT;

	output_commit(&client->output,
		      handshake_server_init(output_at(&client->output), width, height,
					    client->server->name));
	update_init(&client->update, width, height);
	client->state = CLIENT_RUNNING;
	client->deadline = NEVER;
}

/* Whether a picture is being looked for that has never been seen. */
static bool size_expected(const struct client *client)
{
	const struct source *source = &client->server->source;

	return source->capture && source->placard == PLACARD_WAITING;
}

static void handshake_done(struct client *client, uint64_t now)
{
	log_info("%s: connected, RFB 3.%u%s", client->name, client->handshake.minor,
		 client->handshake.shared ? "" : ", asks not to share, which all do");
	client->state = CLIENT_SIZE;
	client->deadline = now + CLIENT_SIZE_WAIT_MS;
}

static void advance_handshake(struct client *client, uint64_t now)
{
	struct handshake_reply reply = { 0 };
	struct parse_result result;

	while (client->state == CLIENT_HANDSHAKE) {
		result = handshake_step(&client->handshake, client->in, client->in_length,
					&reply);
		if (result.status == PARSE_NEED_MORE)
			return;
		if (result.status == PARSE_CLOSE) {
			close_with(client, &reply, result.reason);
			return;
		}
		consume(client, result.consumed);
		output_put(&client->output, reply.data, reply.length);
		if (client->handshake.state == HANDSHAKE_DONE)
			handshake_done(client, now);
	}
}

static void on_key(struct client *client, const struct message *message, uint64_t now)
{
	struct keyboard_event event = {
		.down = message->key.down,
		.keysym = message->key.keysym,
		.scancode = message->key.scancode,
	};
	struct kvmhid_event events[KEYBOARD_EVENTS_MAX];
	size_t count = keyboard_press(&client->input.keyboard, &event, now, events);

	input_put(&client->input, events, count);
}

/* The pointer moves over the picture, of which the client may see only a part. */
static void on_pointer(struct client *client, const struct message *message)
{
	const struct kvmcap_mode *mode = &client->server->source.snapshot.header.mode;
	unsigned int width = mode->width ? mode->width : client->update.width;
	unsigned int height = mode->height ? mode->height : client->update.height;
	struct kvmhid_event event = pointer_event(message->pointer.x, message->pointer.y,
						  width, height, client->buttons,
						  message->pointer.buttons);

	client->buttons = message->pointer.buttons;
	input_put(&client->input, &event, 1);
}

static void on_request(struct client *client, const struct message *message)
{
	struct area area = {
		.left = message->request.x,
		.top = message->request.y,
		.right = (unsigned int)message->request.x + message->request.width,
		.bottom = (unsigned int)message->request.y + message->request.height,
	};

	update_request(&client->update, message->request.incremental, &area);
}

static void on_pixel_format(struct client *client, const struct message *message)
{
	const char *refusal = pixel_format_refusal(&message->format);

	if (refusal)
		client_close(client, refusal);
	else
		update_set_format(&client->update, &message->format);
}

static void on_message(struct client *client, const struct message *message, uint64_t now)
{
	struct offer offer;

	switch (message->type) {
	case MESSAGE_SET_PIXEL_FORMAT:
		on_pixel_format(client, message);
		break;
	case MESSAGE_SET_ENCODINGS:
		offer_read(&offer, message->encodings.list, message->encodings.count);
		update_set_offer(&client->update, &offer);
		break;
	case MESSAGE_UPDATE_REQUEST:
		on_request(client, message);
		break;
	case MESSAGE_KEY:
		on_key(client, message, now);
		break;
	case MESSAGE_POINTER:
		on_pointer(client, message);
		break;
	case MESSAGE_CUT_TEXT:
		client->skip = message->cut_text_length;
		break;
	case MESSAGE_SET_DESKTOP_SIZE:
		update_refuse_size(&client->update);
		break;
	}
}

static bool has_input_room(const struct client *client)
{
	return input_room(&client->input) >= INPUT_ROOM_MIN;
}

static void skip_text(struct client *client)
{
	size_t length = client->skip < client->in_length ? client->skip : client->in_length;

	consume(client, length);
	client->skip -= (uint32_t)length;
}

static void advance_messages(struct client *client, uint64_t now)
{
	struct parse_result result;
	struct message message;
	unsigned int flags;

	while (client->state == CLIENT_RUNNING && has_input_room(client)) {
		skip_text(client);
		flags = client->update.mouse_told ? MESSAGE_EXTENDED_MOUSE : 0;
		result = message_parse(&message, client->in, client->in_length, flags);
		if (result.status == PARSE_NEED_MORE)
			return;
		if (result.status == PARSE_CLOSE) {
			client_close(client, result.reason);
			return;
		}
		on_message(client, &message, now);
		if (client->state != CLIENT_CLOSED)
			consume(client, result.consumed);
	}
}

static void read_socket(struct client *client)
{
	ssize_t length = recv(client->watch.fd, client->in + client->in_length,
			      sizeof(client->in) - client->in_length, MSG_DONTWAIT);

	if (length > 0)
		client->in_length += (size_t)length;
	else if (!length)
		end(client, "by the client");
	else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		end(client, strerror(errno));
}

static void ready(struct watch *watch, uint32_t events)
{
	struct client *client = container_of(watch, struct client, watch);

	if (events & EPOLLOUT)
		send_output(client);
	/* Sending may have found out that nobody is there, and closed it. */
	if (watch->fd < 0)
		return;
	if (events & EPOLLIN && client->in_length < sizeof(client->in))
		read_socket(client);
	else if (events & (EPOLLERR | EPOLLHUP))
		end(client, "the connection broke");
}

static void advance_update(struct client *client)
{
	struct server *server = client->server;

	client->later = false;
	while (client->state == CLIENT_RUNNING && !output_used(&client->output)) {
		switch (update_advance(&client->update, &server->frame, &client->output)) {
		case UPDATE_NOTHING:
			return;
		case UPDATE_WRITTEN:
			send_output(client);
			break;
		case UPDATE_LATER:
			client->later = true;
			return;
		case UPDATE_NO_MEMORY:
			client_close(client, "out of memory");
			return;
		}
	}
}

static void check_deadline(struct client *client, uint64_t now)
{
	if (now < client->deadline)
		return;
	if (client->state == CLIENT_HANDSHAKE)
		client_close(client, "the handshake took too long");
	else if (client->state == CLIENT_DRAINING)
		client_close(client, "by the client, the host did not take all of its input");
}

static void choose_events(struct client *client)
{
	uint32_t events = 0;

	if (client->in_length < sizeof(client->in) &&
	    (client->state != CLIENT_RUNNING || has_input_room(client)))
		events |= EPOLLIN;
	if (output_used(&client->output))
		events |= EPOLLOUT;
	loop_change(&client->server->loop, &client->watch, events);
}

void client_advance(struct client *client, uint64_t now)
{
	if (client->state == CLIENT_CLOSED)
		return;
	advance_handshake(client, now);
	if (client->state == CLIENT_SIZE && (!size_expected(client) || now >= client->deadline))
		send_server_init(client);
	if (client->state == CLIENT_RUNNING || client->state == CLIENT_DRAINING)
		input_tick(&client->input, now);
	advance_messages(client, now);
	if (client->state != CLIENT_CLOSED && client->state != CLIENT_DRAINING)
		send_output(client);
	advance_update(client);
	check_deadline(client, now);
	if (client->state == CLIENT_DRAINING && !client->input.count)
		client_close(client, "by the client");
	if (client->state != CLIENT_CLOSED)
		choose_events(client);
}

bool client_waits(const struct client *client)
{
	if (client->state == CLIENT_SIZE)
		return true;
	return client->state == CLIENT_RUNNING && client->update.requested &&
	       !client->update.active;
}

uint64_t client_deadline(const struct client *client)
{
	uint64_t at = client->deadline;
	uint64_t input;

	if (client->state == CLIENT_RUNNING || client->state == CLIENT_DRAINING) {
		input = input_deadline(&client->input);
		at = input < at ? input : at;
	}
	if (client->later)
		at = loop_now() + CLIENT_LATER_MS;
	return at;
}

/* Without random numbers there is no challenge, hence no client. */
static bool draw_challenge(struct client *client)
{
	uint8_t *challenge = client->handshake.challenge;
	ssize_t length = getrandom(challenge, VNCAUTH_CHALLENGE_LENGTH, 0);

	return length == VNCAUTH_CHALLENGE_LENGTH;
}

struct client *client_start(struct server *server, int fd, const char *name,
			    const char *refusal)
{
	struct client *client = calloc(1, sizeof(*client));
	struct handshake_reply reply;

	if (!client || !draw_challenge(client) || output_init(&client->output)) {
		free(client);
		close(fd);
		return NULL;
	}
	client->server = server;
	client->watch.ready = ready;
	client->deadline = loop_now() + CLIENT_HANDSHAKE_MS;
	snprintf(client->name, sizeof(client->name), "%s", name);
	input_init(&client->input, &server->loop, &server->port);
	client->handshake.refusal = refusal;
	client->handshake.password = server->password;
	handshake_begin(&client->handshake, &reply);
	output_put(&client->output, reply.data, reply.length);
	if (loop_watch(&server->loop, &client->watch, fd, EPOLLIN)) {
		output_free(&client->output);
		free(client);
		return NULL;
	}
	return client;
}
