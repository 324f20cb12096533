/* SPDX-License-Identifier: BSD-3-Clause */
/* A search of states of a small world, and of how far the story is read in them. */
#include "story_run.h"

#include "concrete.h"
#include "evidence.h"
#include "reading.h"
#include "reduction.h"
#include "route.h"
#include "virtqueue.h"

#include <assert.h>
#include <stdlib.h>

/* Small worlds, the smallest first.  A page more is there for what others do to the followed one;
 * with blocks of two the followed page is the second, if the first was not enough. */
enum { SLOTS = 8 };
static const struct small {
    struct hs_small sizes;
    uint8_t followed;
} smalls[] = {
    {{1, 0, SLOTS, 0}, 0},
    {{2, 0, SLOTS, 0}, 0},
    {{2, 1, SLOTS, 0}, 0},
    {{2, 1, SLOTS, 0}, 1},
    {{3, 1, SLOTS, 0}, 1},
};
enum { NODES_MAX = 1 << 22 /* to be looked at, in each world */ };

/* How far each clock's events are read; behind the state. */
struct place {
    uint16_t at[HS_CLOCKS_MAX];
};
static_assert(sizeof(struct place) == sizeof(uint64_t), "one word");

struct telling {
    const struct hs_config *config;
    struct hs_reading *reading;
    struct hs_story_goal goal;
    unsigned followed;
};

/* A label: a step, and the clock whose next event it shows, counted from 1 on; or no step but the
 * event alone, where all stays as it is. */
enum { STAY = HS_STEP_KIND_COUNT * 256, CLOCK = 1 << 24 };

static struct hs_world world_of(const struct telling *telling, const uint64_t *node)
{
    return (struct hs_world){telling->config, (struct hs_state *)(uintptr_t)node};
}

static struct place *place_of(const struct telling *telling, const uint64_t *node)
{
    return (struct place *)(uintptr_t)(node + telling->config->layout.size / sizeof(uint64_t));
}

static struct hs_front front_of(const struct telling *telling, const uint64_t *node)
{
    struct hs_front front = {.set = HS_SET_EMPTY};
    for (unsigned clock = 0; clock < HS_CLOCKS_MAX; clock++)
        front.at[clock] = place_of(telling, node)->at[clock];
    return front;
}

/* ---- what is seen of a step ------------------------------------------------------------------ */

static bool is_in_block(const struct telling *telling, unsigned page)
{
    unsigned order = telling->config->hint_order;
    return page >> order == telling->followed >> order;
}

/* What the device takes, if it takes something now. */
static enum hs_letter taken(const struct telling *telling, struct hs_world w)
{
    struct hs_virtqueue q = hs_queue(w, HS_QUEUE_FREE_PAGE);
    struct hs_ring ring = *q.ring;
    q.ring = &ring;
    struct hs_element element = hs_virtqueue_take(q);
    if (element.kind != HS_ELEMENT_PAGES)
        return HS_LETTER_TAKE_COMMAND;
    return is_in_block(telling, element.page) ? HS_LETTER_TAKE_HINT : HS_LETTER_HIDDEN;
}

/* The letter that a step shows of the followed page; hidden, if nobody records it. */
static enum hs_letter shown_by(
    const struct telling *telling, struct hs_world w, struct hs_step step)
{
    enum hs_letter letter = HS_LETTER_HIDDEN;
    if (step.kind == HS_DEVICE_TAKE_ELEMENT)
        letter = taken(telling, w);
    else if (step.kind == HS_MIGRATION_FINISH_PAGE)
        letter = step.page == telling->followed ? HS_LETTER_SEND_PAGE : HS_LETTER_HIDDEN;
    else if (step.kind != HS_DRIVER_HINT_PAGE || is_in_block(telling, step.page))
        letter = hs_letter_of(w, step.kind * 256u);
    bool is_recorded =
        letter && hs_is_recorded(telling->reading->stories->recording, hs_letter_event(letter));
    return is_recorded ? letter : HS_LETTER_HIDDEN;
}

/* Can the event be seen while nothing changes in this world?  An element that is taken cannot: it
 * stands in the queue here. */
static bool stays(struct hs_world w, enum hs_letter letter)
{
    return letter != HS_LETTER_TAKE_COMMAND && letter != HS_LETTER_TAKE_HINT &&
           hs_letter_stays(w, letter);
}

/* ---- the space that is searched ---------------------------------------------------------------
 */

static uint32_t read_of(const struct hs_front *front)
{
    uint32_t read = 0;
    for (unsigned clock = 0; clock < HS_CLOCKS_MAX; clock++)
        read += front->at[clock];
    return read;
}

/* May anything have happened here, unseen?  Before a recording that begins in the middle, in a gap,
 * and behind the end. */
static bool is_unseen(const struct telling *telling, const struct hs_front *front)
{
    const struct hs_reading *reading = telling->reading;
    uint32_t read = read_of(front);
    if (read == reading->length || (!read && reading->stories->recording->begins_in_middle))
        return true;
    for (unsigned clock = 0; clock < reading->stories->recording->clock_count; clock++) {
        if (hs_reading_may_come(reading, front, clock) &&
            hs_reading_next(reading, front, clock).letter == HS_LETTER_GAP)
            return true;
    }
    return false;
}

/* Is migration at something that a real one does in one go?  Others' steps come in between only if
 * they must: such a run is easier to read, and can be driven. */
static bool is_busy(struct hs_world w)
{
    const struct hs_migration *migration = &w.state->migration;
    bool is_syncing = migration->phase >= HS_MIGRATION_HINTS_STOPPED &&
                      migration->phase <= HS_MIGRATION_AFTER_SYNC;
    return migration->phase == HS_MIGRATION_STARTING || is_syncing || migration->sending;
}

static uint64_t cost_of(struct hs_world w, struct hs_step step, bool is_hidden)
{
    enum { INTERRUPTS = 16 };
    bool is_migration = hs_step_rows[step.kind].actor == HS_ACTOR_MIGRATION;
    return is_hidden + (is_busy(w) && !is_migration ? INTERRUPTS : 0u);
}

static unsigned list_ways(void *context, const uint64_t *node, struct hs_branch *branches)
{
    const struct telling *telling = context;
    struct hs_world w = world_of(telling, node);
    struct hs_front front = front_of(telling, node);
    struct hs_step steps[HS_STEPS_MAX];
    enum hs_letter shown[HS_STEPS_MAX];
    unsigned enabled = hs_world_steps(w, steps);
    unsigned count = 0;
    bool unseen = is_unseen(telling, &front);
    for (unsigned i = 0; i < enabled; i++) {
        shown[i] = shown_by(telling, w, steps[i]);
        if (shown[i] == HS_LETTER_HIDDEN || unseen)
            branches[count++] = (struct hs_branch){
                steps[i].kind * 256u + steps[i].page, cost_of(w, steps[i], true)};
    }
    for (unsigned clock = 0; clock < telling->reading->stories->recording->clock_count; clock++) {
        if (!hs_reading_may_come(telling->reading, &front, clock))
            continue;
        enum hs_letter letter = hs_reading_next(telling->reading, &front, clock).letter;
        uint32_t reads = (clock + 1) * (uint32_t)CLOCK;
        for (unsigned i = 0; i < enabled; i++) {
            if (shown[i] != HS_LETTER_HIDDEN && hs_letter_fits(letter, shown[i]))
                branches[count++] = (struct hs_branch){
                    reads + steps[i].kind * 256u + steps[i].page, cost_of(w, steps[i], false)};
        }
        if (stays(w, letter)) /* a release of others is less than one of this page */
            branches[count++] = (struct hs_branch){reads + STAY, letter == HS_LETTER_RELEASE};
    }
    assert(count <= HS_LABELS_MAX);
    return count;
}

static uint32_t harms_of(const struct telling *telling)
{
    return telling->goal.is_harmed ? 1u << telling->goal.harm : 0;
}

static void take_way(void *context, uint64_t *node, uint32_t label)
{
    const struct telling *telling = context;
    uint32_t step = label % CLOCK;
    if (label >= CLOCK)
        place_of(telling, node)->at[label / CLOCK - 1]++;
    if (step == STAY)
        return;
    struct hs_world w = world_of(telling, node);
    hs_world_take(w, (struct hs_step){(uint8_t)(step / 256), (uint8_t)(step % 256)});
    hs_dead_values_forget(w, harms_of(telling));
}

static bool is_told(void *context, const uint64_t *node)
{
    const struct telling *telling = context;
    struct hs_front front = front_of(telling, node);
    uint32_t harms = harms_of(telling);
    return read_of(&front) == telling->reading->length &&
           (world_of(telling, node).state->broken & harms) == harms;
}

/* ---- one world after the other ----------------------------------------------------------------
 */

static struct hs_run *run_along(struct hs_variant *world, const struct hs_witness *way)
{
    struct hs_step *steps = hs_must(malloc((way->length + 1) * sizeof(*steps)));
    unsigned count = 0;
    for (unsigned i = 0; i < way->length; i++) {
        uint32_t step = way->labels[i] % CLOCK;
        if (step != STAY)
            steps[count++] = (struct hs_step){(uint8_t)(step / 256), (uint8_t)(step % 256)};
    }
    struct hs_run *run = hs_run_follow(world, steps, count);
    hs_run_limits(run, world->config.limits);
    free(steps);
    return run;
}

static enum hs_story_end try_world(struct telling *telling, const struct small *small,
    struct hs_variant *world, struct hs_run **run)
{
    uint64_t start[HS_STATE_SIZE_MAX / sizeof(uint64_t) + 1] = {0};
    telling->config = &world->config;
    telling->followed = small->followed;
    hs_world_init(world_of(telling, start));
    const struct hs_route_space space = {.words = world->config.layout.size / 8u + 1,
        .context = telling,
        .list = list_ways,
        .take = take_way,
        .is_goal = is_told};
    struct hs_witness *way = hs_must(malloc(sizeof(*way)));
    enum hs_route route = hs_route_find(&space, start, NODES_MAX, way);
    if (route == HS_ROUTE_FOUND)
        *run = run_along(world, way);
    free(way);
    return route == HS_ROUTE_FOUND  ? HS_STORY_TOLD
           : route == HS_ROUTE_NONE ? HS_STORY_NOT_TOLD
                                    : HS_STORY_GAVE_UP;
}

static bool is_short_enough(const struct hs_reading *reading)
{
    for (unsigned clock = 0; clock < HS_CLOCKS_MAX; clock++) {
        if (reading->story.count[clock] > UINT16_MAX)
            return false;
    }
    return true;
}

enum hs_story_end hs_story_run_find(const struct hs_variant *variant,
    const struct hs_page_stories *stories, const struct hs_page_class *class,
    struct hs_story_goal goal, struct hs_variant *world, struct hs_run **run, unsigned *page)
{
    assert(variant && stories && class && world && run && page);
    struct hs_automaton *automaton =
        hs_automaton_new(&variant->config, stories->recording->recorded);
    struct hs_reading reading = hs_reading_begin(automaton, stories);
    struct telling telling = {.reading = &reading, .goal = goal};
    enum hs_story_end end = HS_STORY_NOT_TOLD;
    bool gave_up = false;
    hs_reading_tell(&reading, class);
    gave_up = !is_short_enough(&reading);
    for (unsigned i = 0; !gave_up && end != HS_STORY_TOLD && i < sizeof(smalls) / sizeof(*smalls);
         i++) {
        hs_small_world(variant, &smalls[i].sizes, world);
        if (!hs_config_finish(&world->config))
            end = try_world(&telling, &smalls[i], world, run);
        gave_up = end == HS_STORY_GAVE_UP;
    }
    *page = telling.followed;
    hs_reading_close(&reading);
    hs_automaton_free(automaton);
    return gave_up ? HS_STORY_GAVE_UP : end;
}
