/* test_lock_pthread.c: test_lock.c on a system without futex. */
#define IISR_NO_FUTEX
#define iisr_lock_sleep pthread_lock_sleep
#define iisr_lock_announce pthread_lock_announce
#include "core/lock.c"
#include "test_lock.c"
