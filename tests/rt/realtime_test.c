/*
 * The class through the life of a renderer. A GPU is only said to be there: what is tested is what the kernel is
 * told. One process, since it is the process that has a class.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <wayland-server-core.h>

#include "realtime.h"

struct rig {
	struct wl_event_loop *loop;
	struct bn_realtime realtime;
	char error[256];
};

static int class_now(void) {
	return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
}

static void begin(struct rig *rig, enum bn_realtime_kind kind, bool expects_gpu) {
	*rig = (struct rig){ .loop = wl_event_loop_create() };
	assert_true(bn_realtime_begin(&rig->realtime, kind, rig->loop, expects_gpu, rig->error,
			sizeof(rig->error)));
}

static void end(struct rig *rig) {
	bn_realtime_finish(&rig->realtime);
	wl_event_loop_destroy(rig->loop);
}

static bool may_rr(void) {
	const struct sched_param rr = { .sched_priority = 1 }, other = { 0 };
	bool may = sched_setscheduler(0, SCHED_RR, &rr) == 0;
	sched_setscheduler(0, SCHED_OTHER, &other);
	return may;
}

static void class_comes_before_the_gl_context_and_goes_with_the_gpu(void **state) {
	if (!may_rr()) {
		skip();
	}
	struct rig rig;
	begin(&rig, BN_REALTIME_AUTO, true);
	assert_int_equal(class_now(), SCHED_RR);
	bn_realtime_settle(&rig.realtime, true);
	assert_int_equal(class_now(), SCHED_RR);
	bn_realtime_settle(&rig.realtime, false); // the GPU was lost
	assert_int_equal(class_now(), SCHED_OTHER);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), BN_REALTIME_NICE);
	bn_realtime_settle(&rig.realtime, true);
	assert_int_equal(class_now(), SCHED_RR);
	end(&rig);
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), 0);
}

static void gpu_that_was_only_expected_leaves_no_class(void **state) {
	struct rig rig;
	begin(&rig, BN_REALTIME_AUTO, true);
	bn_realtime_settle(&rig.realtime, false);
	assert_int_equal(class_now(), SCHED_OTHER);
	end(&rig);
}

static void gpu_that_was_not_expected_gets_the_class(void **state) {
	if (!may_rr()) {
		skip();
	}
	struct rig rig;
	begin(&rig, BN_REALTIME_AUTO, false);
	assert_int_equal(class_now(), SCHED_OTHER);
	bn_realtime_settle(&rig.realtime, true);
	assert_int_equal(class_now(), SCHED_RR);
	end(&rig);
}

static void library_touches_nothing_unless_asked(void **state) {
	struct rig rig;
	// An ordinary user cannot take reset-on-fork back once an earlier case has set it.
	int class = sched_getscheduler(0), nice = getpriority(PRIO_PROCESS, 0);
	begin(&rig, BN_REALTIME_OFF, true);
	bn_realtime_settle(&rig.realtime, true);
	assert_int_equal(sched_getscheduler(0), class);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), nice);
	end(&rig);
}

/** What fork leaves of the class: its number with flags, and the nice level is nought. */
static int class_of_child(void) {
	pid_t pid = fork();
	if (pid == 0) {
		_exit(getpriority(PRIO_PROCESS, 0) == 0 ? sched_getscheduler(0) & 0xff : 0xff);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void children_start_as_ordinary_processes(void **state) {
	struct rig rig;
	begin(&rig, BN_REALTIME_AUTO, true);
	bn_realtime_settle(&rig.realtime, true);
	assert_int_equal(class_of_child(), SCHED_OTHER);
	bn_realtime_settle(&rig.realtime, false);
	assert_int_equal(class_of_child(), SCHED_OTHER);
	end(&rig);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(class_comes_before_the_gl_context_and_goes_with_the_gpu),
		cmocka_unit_test(gpu_that_was_only_expected_leaves_no_class),
		cmocka_unit_test(gpu_that_was_not_expected_gets_the_class),
		cmocka_unit_test(library_touches_nothing_unless_asked),
		cmocka_unit_test(children_start_as_ordinary_processes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
