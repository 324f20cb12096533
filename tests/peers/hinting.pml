/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Free page hinting as a SPIN model, written by hand from spec/machines.md: a peer that must find
 * the same states as hintsim's search.
 *
 * What it leaves out is what the family of tests/peers/run never does: blocks above order 0,
 * reports, inflating, DMA, config changes, resets, cancelling, postcopy, poison.  What cannot vary
 * then has no variable here, and neither has what follows from the rest: the pending used
 * interrupt is "something is used and not collected".
 *
 * One process for each actor, always at the same place of its loop; one d_step for each step; so
 * that a state of SPIN is a state of the model, and nothing in between is stored.
 */

/* ---- sizes and rules, all to be given with -D ------------------------------------------------ */

#ifndef PAGES
#define PAGES 1 /* 1..3 */
#endif
#ifndef QUEUE
#define QUEUE 2 /* slots of free_page_vq: 1, 2, 4 or 8 */
#endif
#ifndef WRITES
#define WRITES 1 /* 0..3 */
#endif
#ifndef ROUNDS
#define ROUNDS 1 /* 0..5 */
#endif

#define LEGACY 0
#define MANUAL 1
#define RING 2
#ifndef LOG
#define LOG LEGACY
#endif
#ifndef INITIALLY_ALL_SET
#define INITIALLY_ALL_SET 0
#endif
#ifndef LOG_CHUNK
#define LOG_CHUNK 64 /* pages */
#endif
#ifndef HINT_CLEARS_LOG
#define HINT_CLEARS_LOG 1 /* hint-effect: skip-and-clear-log, else skip */
#endif
#ifndef RESTART_ON_SAME_ID
#define RESTART_ON_SAME_ID 0
#endif
#ifndef RELEASE_AFTER_USED
#define RELEASE_AFTER_USED 0 /* release: after-used, else any-time */
#endif

#if PAGES == 1
#define EACH_PAGE(do_it) do_it(0)
#elif PAGES == 2
#define EACH_PAGE(do_it) do_it(0) do_it(1)
#else
#define EACH_PAGE(do_it) do_it(0) do_it(1) do_it(2)
#endif

/* ---- the state ------------------------------------------------------------------------------- */

/* Values of the field and of command words; ids start at 2. */
#define STOP 0
#define DONE 1
#define FIRST_ID 2

/* Page: owner, and the destination's copy. */
#define FREE 0
#define APP 1
#define HELD 2
#define NONE 0
#define EQUAL 1
#define OLDER 2

typedef Page {
    unsigned owner : 2 = APP;
    unsigned copy : 2;
    bit relies = 1; /* the guest relies on its data */
    bit acked;      /* held, and the driver has seen its hint used */
    bit log;        /* ring: an entry that nobody has harvested */
    bit protected;
    bit known;
    bit host_log;
    bit bitmap;
    bit pending;    /* manual: the log of the chunk that begins here is still to be cleared */
    bit modified;   /* ghost: written since the current id was issued */
};
Page page[PAGES];

/* Virtqueue: a slot is one byte, kind + 4 * page + 32 * id at queueing; 0 is an empty one. */
#if QUEUE == 8
#define INDEX_BITS 4
#elif QUEUE == 4
#define INDEX_BITS 3
#else
#define INDEX_BITS 2
#endif
#define START_ELEMENT 1
#define STOP_ELEMENT 2
#define PAGE_ELEMENT 3
#define KIND(element) ((element) & 3)
#define PAGE_OF(element) (((element) >> 2) & 7)
#define ID_OF(element) ((element) >> 5)

byte slot[QUEUE];
unsigned avail : INDEX_BITS;
unsigned taken : INDEX_BITS; /* and used, as a hint is applied under the lock */
unsigned collected : INDEX_BITS;
bit kick_pending;
bit kicks_suppressed;

/* Driver */
#define IDLE 0
#define STARTING 1
#define HINTING 2
#define RELEASING 3

unsigned phase : 2;
bit work_queued;
bit read_again;
unsigned cached_id : 3; /* the id read last */
unsigned word : 3;      /* the id of the round started last; every start element refers to it */
bit start_lost;         /* ghost: this round's start element found no free slot */
byte held[PAGES];       /* page + 1, the oldest first; 0 behind the last */

/* Device */
#define STOPPED_HINTS 0
#define REQUESTED 1
#define STARTED 2
#define SAYS_DONE 3
#define SLEEPING 0
#define RUNNING 1
#define LEAVING 2

unsigned status : 2;
unsigned id : 3; /* issued last; 0: none yet */
unsigned loop : 2;
bit config_interrupt;
bit id_taken;           /* ghost: a command with the current id was taken */
bit stop_taken;         /* ghost: one with STOP was taken since that */
bit said_done;          /* ghost: DONE was said since the id was issued */
bit unasked;            /* ghost: START was entered from STOP or DONE */
unsigned last_word : 3; /* ghost: the command taken last */

/* Migration */
#define NO_MIGRATION 0
#define SETUP 1
#define BEFORE_SYNC 2
#define HINTS_STOPPED 3
#define SYNCING 4
#define AFTER_SYNC 5
#define SENDING 6
#define SWITCHED_OVER 7
#define ON_SOURCE 0
#define STOPPED 1
#define ON_DESTINATION 2

unsigned migration : 3;
unsigned vm : 2;
unsigned sending : 4; /* page + 1, 0: none */
bit logging;
unsigned writes : 2; /* spent */
unsigned rounds : 3; /* spent */

/* Ghost: what was broken so far. */
#define DIRTY_PAGE_LOST 1
#define HINT_DRIVER_2 2
#define HINT_DRIVER_3 4
#define HINT_DRIVER_5 8
#define HINT_DRIVER_6 16
#define HINT_DRIVER_8 32
#define HINT_DEVICE_2 64
#define HINT_DEVICE_3 128
#define HINT_DEVICE_4 256
#define HINT_DEVICE_5 512
#define HINT_DEVICE_6 1024
unsigned broken : 11;

/* Within a step only, no part of the state. */
hidden byte element;
hidden byte i;
hidden byte was_recorded;
hidden byte again;

/* What any run has broken; told at the end. */
c_decl {
    static unsigned ever_broken;
}
c_code {
    static void tell_broken(void)
    {
        printf("broken: %u\n", ever_broken);
    }
}

inline break_if(condition, property)
{
    if
    :: condition ->
        broken = broken | property;
        c_code {
            if (!ever_broken)
                atexit(tell_broken);
            ever_broken |= now.broken;
        }
    :: else
    fi
}

/* ---- what several actors use ----------------------------------------------------------------- */

#define GUEST_RUNS (vm != STOPPED)
#define ACTIVE (migration != NO_MIGRATION && vm != ON_DESTINATION)
#define NEXT(index) ((index + 1) & (2 * QUEUE - 1))
#define AHEAD(to, from) ((to - from) & (2 * QUEUE - 1))
#define SLOT(index) slot[index & (QUEUE - 1)]

inline add_element(new)
{
    SLOT(avail) = new;
    avail = NEXT(avail);
    kick_pending = kick_pending || !kicks_suppressed
}

/* Drop used buffers, or learn from them which hints were used. */
inline collect_all()
{
    do
    :: collected != taken ->
#if RELEASE_AFTER_USED
        element = SLOT(collected);
        if
        :: KIND(element) == PAGE_ELEMENT && page[PAGE_OF(element)].owner == HELD ->
            page[PAGE_OF(element)].acked = 1
        :: else
        fi;
#endif
        SLOT(collected) = 0;
        collected = NEXT(collected)
    :: else -> break
    od
}

/* CLEAR, if the chunk of page p is pending: what is known leaves the log. */
inline clear_pending(p)
{
#if LOG == MANUAL
    if
    :: page[(p) / LOG_CHUNK * LOG_CHUNK].pending ->
        page[(p) / LOG_CHUNK * LOG_CHUNK].pending = 0;
        i = (p) / LOG_CHUNK * LOG_CHUNK;
        do
        :: i < PAGES && i / LOG_CHUNK == (p) / LOG_CHUNK ->
            if
            :: page[i].log && page[i].known ->
                page[i].log = 0;
                page[i].protected = 1
            :: else
            fi;
            page[i].known = 0;
            i++
        :: else -> break
        od
    :: else
    fi
#else
    skip
#endif
}

/* Ring: what waits becomes known, and the page is protected again. */
#define HARVEST(p)                                                                                 \
    if                                                                                             \
    :: page[p].log -> page[p].log = 0; page[p].known = 1; page[p].protected = 1                    \
    :: else                                                                                        \
    fi;

#define STEP(guard, effect) :: d_step { guard -> effect() }
#define PAGE_STEP_0(guard, effect) :: d_step { guard(0) -> effect(0) }
#if PAGES > 1
#define PAGE_STEP_1(guard, effect) :: d_step { guard(1) -> effect(1) }
#else
#define PAGE_STEP_1(guard, effect)
#endif
#if PAGES > 2
#define PAGE_STEP_2(guard, effect) :: d_step { guard(2) -> effect(2) }
#else
#define PAGE_STEP_2(guard, effect)
#endif
#define PAGE_STEP(guard, effect)                                                                   \
    PAGE_STEP_0(guard, effect) PAGE_STEP_1(guard, effect) PAGE_STEP_2(guard, effect)

/* ---- app and destination --------------------------------------------------------------------- */

/* app.allocate PAGE */
#define can_allocate(p) GUEST_RUNS && page[p].owner == FREE
inline allocate(p)
{
    page[p].owner = APP
}

/* app.write PAGE */
#define can_write(p) vm == ON_SOURCE && page[p].owner == APP && writes < WRITES
inline write(p)
{
    writes++;
    page[p].relies = 1;
    page[p].modified = 1;
    if
    :: page[p].copy == EQUAL -> page[p].copy = OLDER
    :: else
    fi;
    if
    :: page[p].protected ->
        page[p].protected = 0;
        page[p].log = 1
    :: else
    fi
}

/* app.free PAGE */
#define can_free(p) GUEST_RUNS && page[p].owner == APP
inline free_page(p)
{
    page[p].owner = FREE;
    page[p].relies = 0
}

/* app.read PAGE, destination.read PAGE */
#define can_read(p) GUEST_RUNS && page[p].owner == APP && page[p].relies
inline read(p)
{
    skip
}

/* destination.write PAGE */
#define can_write_there(p) vm == ON_DESTINATION && page[p].owner == APP && writes < WRITES
inline write_there(p)
{
    writes++;
    page[p].relies = 1;
    page[p].copy = EQUAL
}

active proctype app()
{
    do
    PAGE_STEP(can_allocate, allocate)
    PAGE_STEP(can_write, write)
    PAGE_STEP(can_free, free_page)
    PAGE_STEP(can_read, read)
    PAGE_STEP(can_write_there, write_there)
    od
}

/* ---- driver ---------------------------------------------------------------------------------- */

/* driver.config-interrupt */
#define can_take_interrupt GUEST_RUNS && config_interrupt
inline take_interrupt()
{
    config_interrupt = 0;
    if
    :: !read_again ->
        read_again = 1;
        work_queued = 1
    :: else
    fi
}

/* driver.read-command */
#define can_read_command                                                                           \
    GUEST_RUNS && (phase == IDLE && work_queued ||                                                 \
        (phase == STARTING || phase == HINTING) && read_again)
inline read_command()
{
    if
    :: read_again ->
        read_again = 0;
        if
        :: status == REQUESTED -> cached_id = id
        :: status == SAYS_DONE -> cached_id = DONE
        :: else -> cached_id = STOP
        fi
    :: else
    fi;
    if
    :: phase == IDLE ->
        work_queued = 0;
        if
        :: cached_id == DONE && held[0] -> phase = RELEASING
        :: cached_id >= FIRST_ID && cached_id != word -> phase = STARTING
        :: else
        fi
    :: else
    fi
}

/* driver.start-round */
#define can_start_round GUEST_RUNS && phase == STARTING && !read_again
inline start_round()
{
    collect_all();
    word = cached_id;
    start_lost = AHEAD(avail, collected) == QUEUE;
    if
    :: !start_lost -> add_element(START_ELEMENT + 32 * word)
    :: else
    fi;
    phase = HINTING
}

/* driver.hint-page PAGE; what is used is collected first, so its slots count as free */
#define IN_ROUND (GUEST_RUNS && phase == HINTING && !read_again)
#define can_hint_page(p)                                                                           \
    IN_ROUND && cached_id == word && QUEUE - AHEAD(avail, taken) > 1 && page[p].owner == FREE
inline hint_page(p)
{
    collect_all();
    page[p].owner = HELD;
    i = 0;
    do
    :: held[i] -> i++
    :: else -> break
    od;
    held[i] = p + 1;
    break_if(start_lost, HINT_DRIVER_2);
    break_if(word < FIRST_ID, HINT_DRIVER_5);
    break_if(page[p].relies, HINT_DRIVER_8);
    add_element(PAGE_ELEMENT + 4 * p + 32 * word)
}

/* driver.end-round */
#define IS_FREE_OR(p) page[p].owner == FREE ||
#define can_end_round IN_ROUND && (cached_id != word || !(EACH_PAGE(IS_FREE_OR) false))
inline end_round()
{
    collect_all();
    if
    :: AHEAD(avail, collected) < QUEUE -> add_element(STOP_ELEMENT)
    :: else -> break_if(cached_id == word, HINT_DRIVER_6)
    fi;
    phase = IDLE
}

/* driver.collect-used */
#define can_collect_used GUEST_RUNS && collected != taken
inline collect_used()
{
    collect_all();
    skip /* a d_step must not end in a loop */
}

/* driver.shrink PAGE, driver.release PAGE: the newest block that may go */
#if RELEASE_AFTER_USED
#define MAY_GO(p) (page[p].owner == HELD && page[p].acked)
#else
#define MAY_GO(p) (page[p].owner == HELD)
#endif
#if PAGES == 1
#define IS_NEWEST(p) MAY_GO(p)
#else
/* Page p stands at place `at`, and nothing behind it may go. */
#define STAYS(at) (held[at] == 0 || !MAY_GO(held[at] - 1))
#if PAGES == 2
#define IS_NEWEST(p) (MAY_GO(p) && (held[1] == p + 1 || held[0] == p + 1 && STAYS(1)))
#else
#define IS_NEWEST(p)                                                                               \
    (MAY_GO(p) && (held[2] == p + 1 || STAYS(2) && (held[1] == p + 1 || STAYS(1) && held[0] == p + 1)))
#endif
#endif
#define can_shrink(p) GUEST_RUNS && IS_NEWEST(p)
#define can_release(p) GUEST_RUNS && phase == RELEASING && IS_NEWEST(p)
inline give_back(p)
{
    i = 0;
    do
    :: held[i] == p + 1 -> break
    :: else -> i++
    od;
    do
    :: i + 1 < PAGES -> held[i] = held[i + 1]; i++
    :: else -> break
    od;
    held[PAGES - 1] = 0;
    page[p].owner = FREE;
    page[p].acked = 0;
    if
    :: phase == RELEASING && !held[0] -> phase = IDLE
    :: else
    fi
}

active proctype driver()
{
    do
    STEP(can_take_interrupt, take_interrupt)
    STEP(can_read_command, read_command)
    STEP(can_start_round, start_round)
    PAGE_STEP(can_hint_page, hint_page)
    STEP(can_end_round, end_round)
#if RELEASE_AFTER_USED
    STEP(can_collect_used, collect_used)
#endif
    PAGE_STEP(can_shrink, give_back)
    PAGE_STEP(can_release, give_back)
    od
}

/* ---- device ---------------------------------------------------------------------------------- */

/* device.wake */
#define can_wake GUEST_RUNS && loop == SLEEPING && kick_pending
inline wake()
{
    loop = RUNNING;
    kick_pending = 0;
    kicks_suppressed = 1
}

/* A start element refers to the driver's word as it is now, a stop element to STOP. */
inline take_command(value)
{
    break_if(value != ID_OF(element), HINT_DRIVER_2);
    again = id_taken;
    if
    :: value == STOP && again -> stop_taken = 1
    :: else
    fi;
    last_word = value;
    if
    :: value >= FIRST_ID && value == id ->
        break_if(again, HINT_DRIVER_3);
        id_taken = 1;
        if
        :: status == REQUESTED || RESTART_ON_SAME_ID ->
            unasked = status == STOPPED_HINTS || status == SAYS_DONE;
            break_if(unasked && again && !stop_taken, HINT_DEVICE_2);
            status = STARTED
        :: else ->
            if
            :: status == STARTED -> status = STOPPED_HINTS
            :: else
            fi
        fi
    :: else ->
        if
        :: status == STARTED -> status = STOPPED_HINTS
        :: else
        fi
    fi
}

/* Would page p be sent, or is there nothing to send?  While the VM runs a sync is still to come,
 * which sees what the logs hold. */
#if LOG == RING
#define IN_A_LOG(p) (page[p].log || page[p].known || page[p].host_log)
#else
#define IN_A_LOG(p) (page[p].log || page[p].host_log)
#endif
#define RECORDED(p)                                                                                \
    (!ACTIVE || !page[p].relies || page[p].copy == EQUAL || page[p].bitmap || IN_A_LOG(p) ||       \
        sending == p + 1)

inline apply_hint(p)
{
    break_if(unasked, HINT_DEVICE_3);
    break_if(said_done, HINT_DEVICE_5);
    was_recorded = RECORDED(p);
    if
    :: ACTIVE ->
#if HINT_CLEARS_LOG
        clear_pending(p);
#endif
        page[p].bitmap = 0
    :: else
    fi;
    break_if(page[p].modified && was_recorded && !RECORDED(p), HINT_DEVICE_4)
}

/* device.take-element */
#define can_take_element GUEST_RUNS && loop == RUNNING && avail != taken
inline take_element()
{
    element = SLOT(taken);
    taken = NEXT(taken);
    kick_pending = kick_pending && avail != taken;
    if
    :: KIND(element) == START_ELEMENT -> take_command(word)
    :: KIND(element) == STOP_ELEMENT -> take_command(STOP)
    :: KIND(element) == PAGE_ELEMENT && status == STARTED -> apply_hint(PAGE_OF(element))
    :: else
    fi
}

/* device.find-empty */
#define can_find_empty GUEST_RUNS && loop == RUNNING && avail == taken && status != STARTED
inline find_empty()
{
    loop = LEAVING
}

/* device.sleep */
#define can_sleep loop == LEAVING
inline go_to_sleep()
{
    loop = SLEEPING;
    kicks_suppressed = 0
}

active proctype device()
{
    do
    STEP(can_wake, wake)
    STEP(can_take_element, take_element)
    STEP(can_find_empty, find_empty)
    STEP(can_sleep, go_to_sleep)
    od
}

/* ---- migration ------------------------------------------------------------------------------- */

/* migration.start */
#define can_start migration == NO_MIGRATION
#define TO_BE_SENT(p) page[p].bitmap = 1;
inline start()
{
    EACH_PAGE(TO_BE_SENT)
    migration = SETUP
}

/* migration.enable-log */
#define can_enable_log migration == SETUP
#define BEGIN_LOG(p) page[p].log = INITIALLY_ALL_SET; page[p].protected = !INITIALLY_ALL_SET;
inline enable_log()
{
    EACH_PAGE(BEGIN_LOG)
    logging = 1;
    migration = BEFORE_SYNC
}

/* migration.stop-hints: at the start, for the final round, or between two pages */
#define can_stop_hints                                                                             \
    (migration == BEFORE_SYNC || migration == SENDING && vm == ON_SOURCE && !sending) &&           \
        (vm == STOPPED || rounds < ROUNDS)
inline stop_hints()
{
    if
    :: status != STOPPED_HINTS ->
        status = STOPPED_HINTS;
        config_interrupt = 1
    :: else
    fi;
    migration = HINTS_STOPPED
}

/* migration.sync: GET */
#define can_sync migration == HINTS_STOPPED
#if LOG == LEGACY
#define GET(p)                                                                                     \
    page[p].host_log = page[p].host_log || page[p].log; page[p].log = 0; page[p].protected = 1;
#elif LOG == MANUAL
#define GET(p)                                                                                     \
    page[p].host_log = page[p].host_log || page[p].log; page[p].known = page[p].log;
#else
#define GET(p)                                                                                     \
    HARVEST(p) page[p].host_log = page[p].host_log || page[p].known; page[p].known = 0;
#endif
inline sync()
{
    EACH_PAGE(GET)
    rounds = rounds + (vm == ON_SOURCE);
    migration = SYNCING
}

/* migration.merge-log */
#define can_merge_log migration == SYNCING
#define MERGE(p) page[p].bitmap = page[p].bitmap || page[p].host_log; page[p].host_log = 0;
#define MARK_PENDING(p) page[(p) / LOG_CHUNK * LOG_CHUNK].pending = 1;
inline merge_log()
{
    EACH_PAGE(MERGE)
#if LOG == MANUAL
    EACH_PAGE(MARK_PENDING)
#endif
    migration = AFTER_SYNC
}

/* migration.start-hints */
#define can_start_hints migration == AFTER_SYNC && vm == ON_SOURCE
#define FORGET_MODIFIED(p) page[p].modified = 0;
inline start_hints()
{
    id = (id -> id + 1 : FIRST_ID);
    EACH_PAGE(FORGET_MODIFIED)
    id_taken = 0;
    stop_taken = 0;
    said_done = 0;
    unasked = 0;
    status = REQUESTED;
    config_interrupt = 1;
    migration = SENDING
}

/* migration.done-hints */
#define can_done_hints migration == AFTER_SYNC && vm == STOPPED
inline done_hints()
{
    said_done = 1;
    if
    :: status != SAYS_DONE ->
        status = SAYS_DONE;
        config_interrupt = 1
    :: else
    fi;
    migration = SENDING
}

/* migration.begin-page PAGE */
#define can_begin_page(p) migration == SENDING && !sending && page[p].bitmap
inline begin_page(p)
{
    clear_pending(p);
    page[p].bitmap = 0;
    sending = p + 1
}

/* migration.finish-page PAGE */
#define can_finish_page(p) sending == p + 1
inline finish_page(p)
{
    page[p].copy = EQUAL;
    sending = 0
}

/* migration.stop-vm */
#define can_stop_vm migration == SENDING && vm == ON_SOURCE && !sending
inline stop_vm()
{
    vm = STOPPED;
    migration = BEFORE_SYNC
}

/* migration.switch-over */
#define TO_SEND_OR(p) page[p].bitmap ||
#define can_switch_over                                                                            \
    migration == SENDING && vm == STOPPED && !sending && !(EACH_PAGE(TO_SEND_OR) false)
#define JUDGE(p) break_if(page[p].relies && page[p].copy != EQUAL, DIRTY_PAGE_LOST);
#define DROP_LOG(p)                                                                                \
    page[p].log = 0; page[p].protected = 0; page[p].known = 0; page[p].host_log = 0;               \
    page[p].pending = 0;
inline switch_over()
{
    EACH_PAGE(JUDGE)
    EACH_PAGE(DROP_LOG)
    logging = 0;
    break_if(id && status != SAYS_DONE, HINT_DEVICE_6);
    loop = SLEEPING;
    kick_pending = 0;
    vm = ON_DESTINATION;
    migration = SWITCHED_OVER
}

active proctype migrate()
{
    do
    STEP(can_start, start)
    STEP(can_enable_log, enable_log)
    STEP(can_stop_hints, stop_hints)
    STEP(can_sync, sync)
    STEP(can_merge_log, merge_log)
    STEP(can_start_hints, start_hints)
    STEP(can_done_hints, done_hints)
    PAGE_STEP(can_begin_page, begin_page)
    PAGE_STEP(can_finish_page, finish_page)
    STEP(can_stop_vm, stop_vm)
    STEP(can_switch_over, switch_over)
    od
}

/* ---- log ------------------------------------------------------------------------------------- */

#if LOG == RING
/* log.harvest */
#define HAS_ENTRY_OR(p) page[p].log ||
#define can_harvest (EACH_PAGE(HAS_ENTRY_OR) false)
inline harvest()
{
    EACH_PAGE(HARVEST)
    skip
}

active proctype log_reaper()
{
    do
    STEP(can_harvest, harvest)
    od
}
#endif
