-- SPDX-License-Identifier: BSD-3-Clause
-- Free page hinting as a Murphi model for Rumur, written by hand from spec/machines.md: a peer
-- that must find the same states as hintsim's search.
--
-- What it leaves out is what the family of tests/peers/run never does: blocks above order 0,
-- reports, inflating, DMA, config changes, resets, cancelling, postcopy, poison.  What cannot vary
-- then has no variable here.  A rule is named after the step that it stands for.

const
  LEGACY: 0;
  MANUAL: 1;
  RING: 2;

-- Sizes and rules; tests/peers/run puts others in their place.
const
  PAGES: 1;
  QUEUE: 2;                -- slots of free_page_vq, a power of two
  WRITES: 1;
  ROUNDS: 1;
  LOG: LEGACY;             -- or MANUAL, RING
  INITIALLY_ALL_SET: 0;
  LOG_CHUNK: 64;           -- pages
  HINT_CLEARS_LOG: 1;      -- hint-effect: skip-and-clear-log, else skip
  RESTART_ON_SAME_ID: 0;
  RELEASE_AFTER_USED: 0;   -- release: after-used, else any-time
  HINT_WAIT_EACH: 0;       -- hint-wait: each, else none
  REARM_AT_SYNC: 1;        -- legacy log
  USED_LENGTH_ONE: 0;      -- used-length: one, else zero
  KICK_AT_START: 0;

const
  STOP: 0;
  DONE: 1;
  FIRST_ID: 2;

type
  page_number: 0 .. PAGES - 1;
  slot_number: 0 .. QUEUE - 1;
  ring_index: 0 .. 2 * QUEUE - 1;
  command: 0 .. FIRST_ID + ROUNDS; -- the field, and what a command word holds

  page_frame: record
    owner: enum { FREE, APP, HELD };
    copy: enum { NONE, EQUAL, OLDER }; -- the destination's
    relies: boolean;                   -- the guest relies on its data
    acked: boolean;                    -- held, and the driver has seen its hint used
    log: boolean;                      -- ring: an entry that nobody has harvested
    protected: boolean;
    known: boolean;
    host_log: boolean;
    to_send: boolean;                  -- the migration bitmap
    modified: boolean;                 -- ghost: written since the current id was issued
  end;

  element: record
    kind: enum { EMPTY, START_COMMAND, STOP_COMMAND, HINT };
    page: page_number;
    id: command; -- in the driver's word when it was queued
  end;

var
  page: array [page_number] of page_frame;
  chunk_pending: array [page_number] of boolean; -- where a chunk begins: manual log to be cleared

  -- free_page_vq
  slot: array [slot_number] of element;
  avail, taken, used, collected: ring_index;
  kick_pending, kicks_suppressed, interrupt_pending: boolean;

  -- the driver
  phase: enum { IDLE, STARTING, HINTING, RELEASING };
  work_queued, read_again: boolean;
  cached_id: command;   -- the id read last
  word: command;        -- the id of the round started last; every start element refers to it
  start_lost: boolean;  -- ghost: this round's start element found no free slot
  held: array [page_number] of page_number; -- the oldest first; page 0 behind the last
  held_count: 0 .. PAGES;

  -- the device
  status: enum { HINTS_OFF, REQUESTED, STARTED, SAYS_DONE };
  id: command; -- issued last; 0: none yet
  loop: enum { SLEEPING, RUNNING, LEAVING };
  config_interrupt: boolean;
  id_taken: boolean;   -- ghost: a command with the current id was taken
  stop_taken: boolean; -- ghost: one with STOP was taken since that
  said_done: boolean;  -- ghost: DONE was said since the id was issued
  unasked: boolean;    -- ghost: START was entered from STOP or DONE
  last_word: command;  -- ghost: the command taken last

  -- the migration
  migration: enum { NO_MIGRATION, SETUP, BEFORE_SYNC, HINTS_STOPPED, SYNCING, AFTER_SYNC, SENDING,
                    SWITCHED_OVER };
  vm: enum { ON_SOURCE, STOPPED, ON_DESTINATION };
  is_sending: boolean;
  sent_page: page_number; -- which; 0 unless is_sending
  logging: boolean;
  writes_spent: 0 .. WRITES;
  rounds_spent: 0 .. ROUNDS;

  -- ghost: what was broken so far
  dirty_page_lost, hint_driver_2, hint_driver_3, hint_driver_5, hint_driver_6, hint_driver_8,
  hint_device_2, hint_device_3, hint_device_4, hint_device_5, hint_device_6: boolean;

-- What several actors use ------------------------------------------------------------------------

function guest_runs(): boolean;
begin
  return vm != STOPPED;
end;

function active(): boolean;
begin
  return migration != NO_MIGRATION & vm != ON_DESTINATION;
end;

function ahead(to_index: ring_index; from_index: ring_index): 0 .. 2 * QUEUE - 1;
begin
  return (to_index + 2 * QUEUE - from_index) % (2 * QUEUE);
end;

procedure advance(var index: ring_index);
begin
  index := (index + 1) % (2 * QUEUE);
end;

procedure empty(var e: element);
begin
  e.kind := EMPTY;
  e.page := 0;
  e.id := 0;
end;

procedure add_element(var e: element);
begin
  slot[avail % QUEUE] := e;
  advance(avail);
  if !kicks_suppressed then
    kick_pending := true;
  end;
end;

procedure add_command(is_stop: boolean; value: command);
var e: element;
begin
  empty(e);
  e.kind := is_stop ? STOP_COMMAND : START_COMMAND;
  e.id := value;
  add_element(e);
end;

-- Does the driver look at what was used?
function has_callback(): boolean;
begin
  return RELEASE_AFTER_USED = 1 | HINT_WAIT_EACH = 1;
end;

-- Does the driver sleep until the element that it queued last was used?
function sleeps(): boolean;
begin
  return HINT_WAIT_EACH = 1 & avail != collected;
end;

procedure hold(p: page_number);
begin
  held[held_count] := p;
  held_count := held_count + 1;
end;

-- Drop used buffers, or learn from them which hints were used.
procedure collect_all();
begin
  while collected != used do
    if has_callback() & slot[collected % QUEUE].kind = HINT then
      if page[slot[collected % QUEUE].page].owner = HELD then
        page[slot[collected % QUEUE].page].acked := true;
        if HINT_WAIT_EACH = 1 then
          hold(slot[collected % QUEUE].page);
        end;
      end;
    end;
    empty(slot[collected % QUEUE]);
    advance(collected);
  end;
  interrupt_pending := false;
end;

function chunk_of(p: page_number): page_number;
begin
  return p / LOG_CHUNK * LOG_CHUNK;
end;

-- CLEAR, if the chunk of page p is pending: what is known leaves the log.
procedure clear_pending(p: page_number);
begin
  if chunk_pending[chunk_of(p)] then
    chunk_pending[chunk_of(p)] := false;
    for q: page_number do
      if chunk_of(q) = chunk_of(p) then
        if page[q].log & page[q].known then
          page[q].log := false;
          page[q].protected := true;
        end;
        page[q].known := false;
      end;
    end;
  end;
end;

-- Ring: what waits becomes known, and the page is protected again.
procedure harvest();
begin
  for p: page_number do
    if page[p].log then
      page[p].log := false;
      page[p].known := true;
      page[p].protected := true;
    end;
  end;
end;

-- The start --------------------------------------------------------------------------------------

startstate
begin
  clear page;
  clear chunk_pending;
  clear held;
  for p: page_number do
    page[p].owner := APP;
    page[p].copy := NONE;
    page[p].relies := true;
  end;
  for s: slot_number do
    empty(slot[s]);
  end;
  avail := 0;
  taken := 0;
  used := 0;
  collected := 0;
  kick_pending := false;
  kicks_suppressed := false;
  interrupt_pending := false;
  phase := IDLE;
  work_queued := false;
  read_again := false;
  cached_id := STOP;
  word := STOP;
  start_lost := false;
  held_count := 0;
  status := HINTS_OFF;
  id := 0;
  loop := SLEEPING;
  config_interrupt := false;
  id_taken := false;
  stop_taken := false;
  said_done := false;
  unasked := false;
  last_word := STOP;
  migration := NO_MIGRATION;
  vm := ON_SOURCE;
  is_sending := false;
  sent_page := 0;
  logging := false;
  writes_spent := 0;
  rounds_spent := 0;
  dirty_page_lost := false;
  hint_driver_2 := false;
  hint_driver_3 := false;
  hint_driver_5 := false;
  hint_driver_6 := false;
  hint_driver_8 := false;
  hint_device_2 := false;
  hint_device_3 := false;
  hint_device_4 := false;
  hint_device_5 := false;
  hint_device_6 := false;
end;

-- app and destination ----------------------------------------------------------------------------

ruleset p: page_number do

  rule "app.allocate"
    guest_runs() & page[p].owner = FREE
  ==>
    page[p].owner := APP;
  end;

  rule "app.write"
    vm = ON_SOURCE & page[p].owner = APP & writes_spent < WRITES
  ==>
    writes_spent := writes_spent + 1;
    page[p].relies := true;
    page[p].modified := true;
    if page[p].copy = EQUAL then
      page[p].copy := OLDER;
    end;
    if logging & page[p].protected then
      page[p].protected := false;
      page[p].log := true;
    end;
  end;

  rule "app.free"
    guest_runs() & page[p].owner = APP
  ==>
    page[p].owner := FREE;
    page[p].relies := false;
  end;

  rule "app.read"
    vm = ON_SOURCE & page[p].owner = APP & page[p].relies
  ==>
  end;

  rule "destination.read"
    vm = ON_DESTINATION & page[p].owner = APP & page[p].relies
  ==>
  end;

  rule "destination.write"
    vm = ON_DESTINATION & page[p].owner = APP & writes_spent < WRITES
  ==>
    writes_spent := writes_spent + 1;
    page[p].relies := true;
    page[p].copy := EQUAL;
  end;

end;

-- driver -----------------------------------------------------------------------------------------

rule "driver.config-interrupt"
  guest_runs() & config_interrupt
==>
  config_interrupt := false;
  if !read_again then
    read_again := true;
    work_queued := true;
  end;
end;

function field(): command;
begin
  if status = REQUESTED then
    return id;
  elsif status = SAYS_DONE then
    return DONE;
  else
    return STOP; -- in START as well: QEMU fills in nothing then
  end;
end;

rule "driver.read-command"
  guest_runs() & !sleeps() &
    ((phase = IDLE & work_queued) | ((phase = STARTING | phase = HINTING) & read_again))
==>
  if read_again then
    read_again := false;
    cached_id := field();
  end;
  if phase = IDLE then
    work_queued := false;
    if cached_id = DONE then
      if held_count > 0 then
        phase := RELEASING;
      end;
    elsif cached_id != STOP & cached_id != word then
      phase := STARTING;
    end;
  end;
end;

rule "driver.start-round"
  guest_runs() & phase = STARTING & !read_again
==>
  collect_all();
  word := cached_id;
  start_lost := ahead(avail, collected) = QUEUE;
  if !start_lost then
    add_command(false, word);
  end;
  phase := HINTING;
end;

-- What is used is collected first, so its slots count as free.
ruleset p: page_number do
  rule "driver.hint-page"
    guest_runs() & phase = HINTING & !sleeps() & !read_again & cached_id = word &
      QUEUE - ahead(avail, used) > 1 & page[p].owner = FREE
  ==>
    var e: element;
  begin
    collect_all();
    page[p].owner := HELD;
    if HINT_WAIT_EACH = 0 then
      hold(p);
    end;
    if start_lost then
      hint_driver_2 := true;
    end;
    if word < FIRST_ID then
      hint_driver_5 := true;
    end;
    if page[p].relies then
      hint_driver_8 := true;
    end;
    e.kind := HINT;
    e.page := p;
    e.id := word;
    add_element(e);
  end;
end;

rule "driver.end-round"
  guest_runs() & phase = HINTING & !sleeps() & !read_again &
    (cached_id != word | !exists p: page_number do page[p].owner = FREE end)
==>
  collect_all();
  if ahead(avail, collected) < QUEUE then
    add_command(true, STOP);
  elsif cached_id = word then
    hint_driver_6 := true;
  end;
  phase := IDLE;
end;

rule "driver.collect-used"
  has_callback() & guest_runs() & interrupt_pending
==>
  collect_all();
end;

function may_go_back(p: page_number): boolean;
begin
  return page[p].owner = HELD & (RELEASE_AFTER_USED = 1 -> page[p].acked);
end;

-- Of the held blocks that may go back: is page p the newest?
function is_newest(p: page_number): boolean;
var newest: boolean;
begin
  newest := false;
  for i: page_number do
    if i < held_count & may_go_back(held[i]) then
      newest := held[i] = p;
    end;
  end;
  return newest;
end;

procedure give_back(p: page_number);
var found: boolean;
begin
  found := false;
  for i: page_number do
    if i < held_count then
      if held[i] = p then
        found := true;
      end;
      if found then
        if i + 1 < held_count then
          held[i] := held[i + 1];
        else
          held[i] := 0;
        end;
      end;
    end;
  end;
  held_count := held_count - 1;
  page[p].owner := FREE;
  page[p].acked := false;
  if phase = RELEASING & held_count = 0 then
    phase := IDLE;
  end;
end;

ruleset p: page_number do

  rule "driver.shrink"
    guest_runs() & is_newest(p)
  ==>
    give_back(p);
  end;

  rule "driver.release"
    guest_runs() & phase = RELEASING & is_newest(p)
  ==>
    give_back(p);
  end;

end;

-- device -----------------------------------------------------------------------------------------

rule "device.wake"
  guest_runs() & loop = SLEEPING & kick_pending
==>
  loop := RUNNING;
  kick_pending := false;
  kicks_suppressed := true;
end;

procedure take_command(value: command; queued: command);
var again: boolean;
begin
  if value != queued then
    hint_driver_2 := true;
  end;
  again := id_taken;
  if value = STOP & again then
    stop_taken := true;
  end;
  if value >= FIRST_ID & value = id then
    if again then
      hint_driver_3 := true;
    end;
    id_taken := true;
  end;
  last_word := value;
  if value >= FIRST_ID & value = id & (status = REQUESTED | RESTART_ON_SAME_ID = 1) then
    unasked := status = HINTS_OFF | status = SAYS_DONE;
    if unasked & again & !stop_taken then
      hint_device_2 := true;
    end;
    status := STARTED;
  elsif status = STARTED then
    status := HINTS_OFF;
  end;
end;

-- Is page p recorded somewhere, or of no interest?  While the VM runs a sync is still to come.
function is_recorded(p: page_number): boolean;
begin
  return !active() | !page[p].relies | page[p].copy = EQUAL | page[p].to_send | page[p].log |
    page[p].host_log | (LOG = RING & page[p].known) | (is_sending & sent_page = p);
end;

-- A hint is used, accepted or not: with length one its page counts as written by the host.
procedure use_hint(p: page_number);
begin
  if USED_LENGTH_ONE = 1 & logging then
    page[p].host_log := true;
  end;
end;

procedure apply_hint(p: page_number);
var was_recorded: boolean;
begin
  if unasked | last_word != id then
    hint_device_3 := true;
  end;
  if said_done then
    hint_device_5 := true;
  end;
  was_recorded := is_recorded(p);
  if active() then
    if HINT_CLEARS_LOG = MANUAL then
      clear_pending(p);
    end;
    page[p].to_send := false;
  end;
  use_hint(p);
  if page[p].modified & was_recorded & !is_recorded(p) then
    hint_device_4 := true;
  end;
end;

rule "device.take-element"
  guest_runs() & loop = RUNNING & avail != taken
==>
  var e: element;
begin
  e := slot[taken % QUEUE];
  advance(taken);
  if avail = taken then
    kick_pending := false;
  end;
  switch e.kind
  case HINT:
    if status = STARTED then
      apply_hint(e.page);
    else
      use_hint(e.page);
    end;
  case START_COMMAND:
    take_command(word, e.id);
  case STOP_COMMAND:
    take_command(STOP, e.id);
  end;
  advance(used);
  if has_callback() then
    interrupt_pending := true;
  end;
end;

rule "device.find-empty"
  guest_runs() & loop = RUNNING & avail = taken & status != STARTED
==>
  loop := LEAVING;
end;

rule "device.sleep"
  loop = LEAVING
==>
  loop := SLEEPING;
  kicks_suppressed := false;
end;

-- migration --------------------------------------------------------------------------------------

rule "migration.start"
  migration = NO_MIGRATION
==>
  for p: page_number do
    page[p].to_send := true;
  end;
  migration := SETUP;
end;

rule "migration.enable-log"
  migration = SETUP
==>
  for p: page_number do
    page[p].log := INITIALLY_ALL_SET = 1;
    page[p].protected := INITIALLY_ALL_SET = 0;
  end;
  logging := true;
  migration := BEFORE_SYNC;
end;

-- At the start, for the final round, or between two pages.
rule "migration.stop-hints"
  (migration = BEFORE_SYNC | (migration = SENDING & vm = ON_SOURCE & !is_sending)) &
    (vm = STOPPED | rounds_spent < ROUNDS)
==>
  if status != HINTS_OFF then
    status := HINTS_OFF;
    config_interrupt := true;
  end;
  migration := HINTS_STOPPED;
end;

rule "migration.sync"
  migration = HINTS_STOPPED
==>
  if LOG = RING then
    harvest();
  end;
  for p: page_number do
    switch LOG
    case LEGACY:
      page[p].host_log := page[p].host_log | page[p].log;
      page[p].log := false;
      page[p].protected := page[p].protected | REARM_AT_SYNC = 1;
    case MANUAL:
      page[p].host_log := page[p].host_log | page[p].log;
      page[p].known := page[p].log;
    case RING:
      page[p].host_log := page[p].host_log | page[p].known;
      page[p].known := false;
    end;
  end;
  if vm = ON_SOURCE then
    rounds_spent := rounds_spent + 1;
  end;
  migration := SYNCING;
end;

rule "migration.merge-log"
  migration = SYNCING
==>
  for p: page_number do
    page[p].to_send := page[p].to_send | page[p].host_log;
    page[p].host_log := false;
    if LOG = MANUAL then
      chunk_pending[chunk_of(p)] := true;
    end;
  end;
  migration := AFTER_SYNC;
end;

rule "migration.start-hints"
  migration = AFTER_SYNC & vm = ON_SOURCE
==>
  id := id = 0 ? FIRST_ID : id + 1;
  for p: page_number do
    page[p].modified := false;
  end;
  id_taken := false;
  stop_taken := false;
  said_done := false;
  unasked := false;
  status := REQUESTED;
  config_interrupt := true;
  migration := SENDING;
end;

rule "migration.done-hints"
  migration = AFTER_SYNC & vm = STOPPED
==>
  said_done := true;
  if status != SAYS_DONE then
    status := SAYS_DONE;
    config_interrupt := true;
  end;
  migration := SENDING;
end;

ruleset p: page_number do

  rule "migration.begin-page"
    migration = SENDING & !is_sending & page[p].to_send
  ==>
    clear_pending(p);
    page[p].to_send := false;
    is_sending := true;
    sent_page := p;
  end;

  rule "migration.finish-page"
    is_sending & sent_page = p
  ==>
    page[p].copy := EQUAL;
    is_sending := false;
    sent_page := 0;
  end;

end;

rule "migration.stop-vm"
  migration = SENDING & vm = ON_SOURCE & !is_sending
==>
  vm := STOPPED;
  migration := BEFORE_SYNC;
end;

rule "migration.switch-over"
  migration = SENDING & vm = STOPPED & !is_sending &
    !exists p: page_number do page[p].to_send end
==>
  for p: page_number do
    if page[p].relies & page[p].copy != EQUAL then
      dirty_page_lost := true;
    end;
    page[p].log := false;
    page[p].protected := false;
    page[p].known := false;
    page[p].host_log := false;
    chunk_pending[p] := false;
  end;
  logging := false;
  if id != 0 & status != SAYS_DONE then
    hint_device_6 := true;
  end;
  loop := SLEEPING;
  kick_pending := KICK_AT_START = 1;
  vm := ON_DESTINATION;
  migration := SWITCHED_OVER;
end;

-- log --------------------------------------------------------------------------------------------

rule "log.harvest"
  LOG = RING & exists p: page_number do page[p].log end
==>
  harvest();
end;

-- What some run breaks ---------------------------------------------------------------------------

cover "dirty-page-lost" dirty_page_lost;
cover "hint-driver-2" hint_driver_2;
cover "hint-driver-3" hint_driver_3;
cover "hint-driver-5" hint_driver_5;
cover "hint-driver-6" hint_driver_6;
cover "hint-driver-8" hint_driver_8;
cover "hint-device-2" hint_device_2;
cover "hint-device-3" hint_device_3;
cover "hint-device-4" hint_device_4;
cover "hint-device-5" hint_device_5;
cover "hint-device-6" hint_device_6;
