// SPDX-License-Identifier: Apache-2.0
/*
 * The barriers between the log's writer and its readers, proved where processors
 * reorder what they may: Relacy runs both sides in every order, or very many, and
 * lets each load return every value that the C11 memory model allows.
 *
 *	log_barriers [WITHOUT]
 *
 * The writer's half is log_barriers.h as it is; the reader's is what
 * <linux/kvmcap.h> tells readers to do. WITHOUT is the number of a barrier to
 * leave out (enum barrier): then something goes wrong, or it was not needed. Ends
 * with 0 if nothing goes wrong.
 *
 * Both halves between payload and tail (WRITER_OVERWRITE, READER_COPIED) are implied
 * by the others as long as the tail is read together with the rest of the state, as
 * the header says and libkvmcap does. With them, a plain load of it is enough.
 *
 * Copyright (C) 2026 The kvmcap authors
 */
#include <cstdlib>
#include <iostream>

#include <relacy/relacy.hpp>

enum barrier {
	NONE,
	WRITER_ODD,		/* fence behind the odd update */
	WRITER_EVEN,		/* release of the even one */
	WRITER_OVERWRITE,	/* fence between the tail and writing over */
	READER_BEGIN,		/* acquire of update */
	READER_END,		/* fence before the second look at it */
	READER_COPIED,		/* fence between a payload and the tail */
	BARRIERS,
};

static int without;

/* What is shared: a word that is loaded and stored, never torn itself. */
class word {
public:
	void set(unsigned int value, rl::memory_order order = rl::mo_relaxed)
	{
		value_.store(value, order, $);
	}
	unsigned int get(rl::memory_order order = rl::mo_relaxed)
	{
		return value_.load(order, $);
	}
	/* The writer's look at what only it writes. */
	operator unsigned int()
	{
		return get();
	}

private:
	rl::atomic<unsigned int> value_;
};

static void store(word *to, unsigned int value, rl::memory_order order)
{
	if (order == rl::mo_release && without == WRITER_EVEN)
		order = rl::mo_relaxed;
	to->set(value, order);
}

static void fence(rl::memory_order order, int which)
{
	if (which != without)
		rl::atomic_thread_fence(order, $);
}

/* log_barriers.h, with such words for its own. */
#define KVMCAP_PURE_H
#define u32			word
#undef __ATOMIC_RELAXED
#undef __ATOMIC_RELEASE
#undef __ATOMIC_SEQ_CST
#define __ATOMIC_RELAXED	rl::mo_relaxed
#define __ATOMIC_RELEASE	rl::mo_release
#define __ATOMIC_SEQ_CST	rl::mo_seq_cst
#define __atomic_store_n	store
#define __atomic_thread_fence(order)					\
	fence(order, (order) == rl::mo_release ? WRITER_ODD : WRITER_OVERWRITE)
#include "log_barriers.h"

/*
 * A log of three places. A tile shows the payload at @position, which the writer
 * relocates from 0 to 1; then it writes over the first place, and then, with a new
 * payload at 2, over the second.
 */
#define PLACES		3
#define PAYLOAD(frame)	(100 + (frame))
#define GARBAGE		1

template<unsigned int publishes, bool directly>
struct log_test : rl::test_suite<log_test<publishes, directly>, 2> {
	word update, tail, position, frame, place[PLACES];

	void before()
	{
		update.set(0);
		tail.set(0);
		position.set(0);
		frame.set(0);
		place[0].set(PAYLOAD(0));
		place[1].set(GARBAGE);
		place[2].set(GARBAGE);
	}

	void publish(unsigned int to, unsigned int sequence)
	{
		kvmcap_update_begin(&update);
		position.set(to);
		frame.set(sequence);
		tail.set(to);
		kvmcap_update_end(&update);
		kvmcap_before_overwriting();
		place[to - 1].set(GARBAGE);
	}

	void write()
	{
		place[1].set(PAYLOAD(0));	/* relocated: the same frame's */
		publish(1, 0);
		if (publishes == 1)
			return;
		place[2].set(PAYLOAD(1));
		publish(2, 1);
	}

	struct state {
		unsigned int tail, position, frame;
	};

	/* READING THE STATE, one attempt at it. */
	bool look(state *state)
	{
		unsigned int seen = update.get(without == READER_BEGIN ? rl::mo_relaxed :
									 rl::mo_acquire);

		if (seen & 1)
			return false;
		state->tail = tail.get();
		state->position = position.get();
		state->frame = frame.get();
		fence(rl::mo_acquire, READER_END);
		if (update.get() != seen)
			return false;
		/* Of one moment: these come in three combinations only. */
		RL_ASSERT(state->tail == state->position);
		RL_ASSERT(state->frame == (state->position == 2));
		RL_ASSERT(state->position == seen / 2);
		return true;
	}

	/*
	 * READING A PAYLOAD; @directly: with a single load of the tail in place of
	 * a look at the state.
	 */
	void read()
	{
		unsigned int payload;
		state first, later;

		if (!look(&first))
			return;
		payload = place[first.position].get();
		fence(rl::mo_acquire, READER_COPIED);
		if (directly)
			later.tail = tail.get();
		else if (!look(&later))
			return;
		if (first.position >= later.tail)
			RL_ASSERT(payload == PAYLOAD(first.frame));
	}

	void thread(unsigned int index)
	{
		if (index == 0)
			write();
		else
			read();
	}
};

/* Orders that are tried; a single publication has fewer to begin with. */
#define ITERATIONS	100000

template<unsigned int publishes, bool directly>
static bool simulate()
{
	rl::test_params params;

	params.search_type = rl::random_scheduler_type;
	params.iteration_count = ITERATIONS;
	return rl::simulate<log_test<publishes, directly> >(params);
}

int main(int argc, char **argv)
{
	without = argc > 1 ? std::atoi(argv[1]) : NONE;
	if (!simulate<1, false>() || !simulate<2, false>())
		return 1;
	return simulate<1, true>() && simulate<2, true>() ? 0 : 1;
}
