#ifndef BN_CORE_DEADLINE_H
#define BN_CORE_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/predictor.h"

/**
 * The clock of one output: when to start composing so that the frame is on glass
 * at the next refresh that can still be met, and what the output waits for.
 *
 *   flip          wake        aim (a flip)          flip          wake
 *   |--------------|===cost===|margin|--------------|--------------|==...
 *    clients draw   we compose        safety net
 *
 * Pure and plain data: the caller brings the time (monotonic ns) and reports
 * what happened; nothing to free. Two things are kept strictly apart, because
 * back ends report them in either order: *events* (request, commit, frame, ...)
 * move `state`, *timestamps* (bn_deadline_present) only feed the arithmetic.
 *
 * An *adaptive* display has no raster of refreshes: it shows a frame when it comes, at most one each period.
 * So do a panel with variable refresh rate and an output without a display (headless). While it goes on drawing,
 * its frames move to the multiples of the period, a little a frame: several such displays then need one wake-up
 * where each needed its own. They start at the same time before it, whatever they are foretold to cost.
 *
 *            request            timer, drawn             frame
 *   IDLE --------------> ARMED --------------> COMMITTED -------> IDLE or ARMED
 *    ^                     | timer, nothing drawn                 (if requested
 *    |                     v                                       meanwhile)
 *    +---- estimated --- ESTIMATED
 */
enum bn_deadline_state {
	BN_DEADLINE_IDLE,
	BN_DEADLINE_ARMED,     // its timer runs until bn_deadline_next_wake
	BN_DEADLINE_COMMITTED, // waits for the flip
	BN_DEADLINE_ESTIMATED, // nothing was drawn; frame callbacks are paced by an estimated flip
};

/**
 * Time between the end of composing and the refresh that it is for: what a
 * commit, a late wake-up and a vblank that starts early may take. Mutter posts
 * 0.8 ms before vblank, gamescope 1.65 ms.
 */
#define BN_DEADLINE_MARGIN_NS INT64_C(1000000)
/**
 * How a display's margin is learned. A frame that was committed in time and came a refresh later was committed too late
 * for this display: its driver or its firmware needs longer. Two such within so many frames are believed, and the
 * margin becomes what was not enough and STEP, at most MAX. But a display that needs longer loses each frame that has as
 * little left; where one came in time in between, it was the machine that stood still, and nothing is learned. Neither
 * is from one that had MAX left: with any margin it would have been lost.
 *
 * Nothing is tried out, which would cost a refresh each time. The margin shrinks when PROOFS frames that were late by
 * chance did with less by STEP, none being lost meanwhile; and what was learned while buffers were mapped for the first
 * time is forgotten with BN_PREDICTOR_WARM.
 */
#define BN_DEADLINE_MARGIN_STEP_NS INT64_C(500000)
#define BN_DEADLINE_MARGIN_MAX_NS INT64_C(4000000)
#define BN_DEADLINE_MARGIN_FRAMES 256
#define BN_DEADLINE_MARGIN_PROOFS 8
/** Predicted before the first frame was measured. */
#define BN_DEADLINE_FIRST_COST_NS INT64_C(3000000)
/**
 * The prediction never falls below this: waking later on an idle machine lets it
 * clock down, which makes the next frame dearer, and so on.
 */
#define BN_DEADLINE_MIN_COST_NS INT64_C(1000000)
/**
 * Time between a client's foretold answer to a frame callback and the latch that it is for. Two
 * scheduling delays lie in it, the client's and ours, and what its drawing varies beyond the forecast. When all answers
 * are there the frame starts so much before its time, since what was left to them is then its own safety net: of 1,735
 * frames of a quiet machine in user-mode linux two in a thousand started 1.5 to 3.6 ms late, all others less than 0.8.
 * At 1 ms, and started when it was time, 37 of 10,000 were missed there; now 9, of 5 of which the client was asked late.
 */
#define BN_DEADLINE_CALLBACK_MARGIN_NS INT64_C(2000000)
/** How much later than its period an adaptive display's frame may be to line up with others. */
#define BN_DEADLINE_SLEW_NS INT64_C(500000)
/**
 * The phase is believed for this many refreshes after the last flip, measured or
 * estimated: a nominal rate is up to 0.1 % off (59.94 Hz called 60).
 */
#define BN_DEADLINE_PHASE_PERIODS 60

struct bn_deadline {
	enum bn_deadline_state state;
	bool requested;    // a frame was asked for while COMMITTED or ESTIMATED
	bool adaptive;     // set by the owner
	bool learns;       // set by the owner: flips are the display's own, and teach the margin
	int64_t period_ns; // of one refresh, > 0
	int64_t margin_ns;
	struct bn_predictor cost;     // of a frame, from its start to its commit
	struct bn_predictor lateness; // of its start, behind the time that its timer was set to
	int64_t flip_ns;              // the newest flip known, 0: none yet
	int64_t aim_ns;               // the flip that the last started frame was for, 0: none yet
	int64_t planned_ns;           // the flip that it was for when its timer was set
	int64_t commit_ns;            // of the last frame
	bool overlong;                // the last frame took longer than a refresh has room for
	bool plan_is_sure;            // that was reckoned from a recent flip: a later one is a miss
	uint16_t flips;               // that could teach something, up to BN_PREDICTOR_WARM
	uint16_t since_lost; // frames since one that was in time and came late all the same
	uint16_t proofs;     // of those, what did with less than the margin
	int64_t lost_ns;     // what the lost one had left when it was committed
	int64_t proof_ns;    // the most that a proof had left
	uint64_t missed;     // refreshes that passed between plan and flip, in total
};

void bn_deadline_init(struct bn_deadline *deadline, int64_t period_ns);
/** A new mode or a measured period; the phase is kept. Not positive: 60 Hz. */
void bn_deadline_set_period(struct bn_deadline *deadline, int64_t period_ns);

/** What a frame is foretold to take from its start to its commit; at least BN_DEADLINE_MIN_COST_NS. */
int64_t bn_deadline_cost_ns(const struct bn_deadline *deadline);

/**
 * When to start the next frame; never before now_ns. Aims at the first refresh
 * after the last aimed one that can be met at the predicted cost; a request that
 * comes late may spend the margin. A cost beyond one refresh counts as one: the
 * frame then starts as soon as the previous one flipped. Without a recent flip: now,
 * since the next refresh may be anywhere.
 */
int64_t bn_deadline_next_wake(const struct bn_deadline *deadline, int64_t now_ns);
/** The flip that a frame started at bn_deadline_next_wake(now_ns) is for; an estimate until a flip is known. */
int64_t bn_deadline_next_flip(const struct bn_deadline *deadline, int64_t now_ns);

/**
 * When its next frame will start if it goes on drawing; BN_NSEC_NEVER when it drew nothing for two refreshes.
 * What others must leave free for it although nothing has been asked of it yet.
 */
int64_t bn_deadline_expected_wake(const struct bn_deadline *deadline, int64_t now_ns);

/**
 * When to send a frame callback to a client that is foretold to answer within response_ns (negative: not
 * known, at once): late, so that what it draws is fresh at the next latch, never before now_ns.
 */
int64_t bn_deadline_callback(const struct bn_deadline *deadline, int64_t now_ns,
		int64_t response_ns);

/**
 * Something has to be drawn. True: it became ARMED, call bn_deadline_arm; false: it is on its way already, or
 * waits for the flip.
 */
bool bn_deadline_request(struct bn_deadline *deadline);
/** Settles which flip the next frame is for; to be on glass later is a miss. Set the timer to what it returns. */
int64_t bn_deadline_arm(struct bn_deadline *deadline, int64_t now_ns);
/** ARMED and the timer fired: the frame starts. The flip that it can still meet is returned. */
int64_t bn_deadline_start(struct bn_deadline *deadline, int64_t now_ns);
/** The frame that was started is committed: COMMITTED. */
void bn_deadline_commit(struct bn_deadline *deadline, int64_t now_ns);
/**
 * Until when a display's driver may still have work to do for the frame that was committed, at most what it needs before
 * a refresh; 0: there is none, or flips are not the display's own. A kernel does that work in a thread, which a
 * compositor in the real-time class keeps from its processor.
 */
int64_t bn_deadline_settled(const struct bn_deadline *deadline);
/** Nothing was damaged: ESTIMATED. Call bn_deadline_done at the aimed flip, which is returned. */
int64_t bn_deadline_skip(struct bn_deadline *deadline);
/** The commit was refused, or the output went off: IDLE, nothing requested. */
void bn_deadline_cancel(struct bn_deadline *deadline);
/**
 * The flip (or the back end's frame event) came, or the estimated one has: IDLE.
 * True: a frame was requested meanwhile, it is ARMED again; call bn_deadline_arm.
 * Harmless in other states, where it returns false.
 */
bool bn_deadline_done(struct bn_deadline *deadline);

/**
 * When the committed frame came on glass. A time before the last known flip or in the future, as clocks of
 * other machines and drivers give, is not believed. Returns how many refreshes were missed since the planned one.
 */
uint32_t bn_deadline_present(struct bn_deadline *deadline, int64_t flip_ns, int64_t now_ns);
/**
 * How late a frame started (negative: it did not wait for its time), and what it took from its start to its commit, GPU
 * time included. A single one that took longer than a refresh has room for is a stall (another display was lit, the
 * machine stood still): to start all others as early as possible for it would not have saved it. A second one on its
 * heels is believed.
 */
void bn_deadline_measure(struct bn_deadline *deadline, int64_t lateness_ns, int64_t cost_ns);
/** A timer of the output's other than its frames' came so late (negative: early, which says nothing). */
void bn_deadline_woken(struct bn_deadline *deadline, int64_t lateness_ns);
/**
 * When a frame that is due at due_ns starts if all that was asked for it is there: earlier by
 * BN_DEADLINE_CALLBACK_MARGIN_NS, and no more, since other pictures may still come; never before now_ns.
 */
int64_t bn_deadline_hasten(const struct bn_deadline *deadline, int64_t due_ns, int64_t now_ns);

/**
 * Of this output's frames, the next of which starts at wake_ns (BN_NSEC_NEVER: none does) and the others a refresh apart,
 * the start of the first that work from begin_ns to end_ns would be in the way of, until it has settled. BN_NSEC_NEVER:
 * it is in the way of none.
 */
int64_t bn_deadline_overlap(const struct bn_deadline *deadline, int64_t wake_ns, int64_t begin_ns,
		int64_t end_ns);

/**
 * Whether work of cost_ns, started now, is over before the wake-up of somebody
 * with precedence (an output of higher rank; BN_NSEC_NEVER: there is none).
 */
bool bn_deadline_fits(int64_t cost_ns, int64_t now_ns, int64_t next_wake_ns);

#endif
