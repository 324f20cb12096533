# SPDX-License-Identifier: BSD-3-Clause
"""What a host alone could do for the guests that are deployed, and a guest alone for the hosts."""

from smallest import smallest_sets

LOST, WIPED = "dirty-page-lost", "page-corrupted"
DEPLOYED_GUEST = "linux-6.1"
DEPLOYED_HOSTS = [("qemu-7.2-kvm", LOST), ("qemu-10.2-kvm", LOST), ("qemu-7.2-kvm-odd-ram", LOST),
                  ("qemu-7.2-ring", LOST), ("qemu-10.2-kvm-legacy", LOST), ("qemu-10.2-ring", LOST),
                  ("qemu-10.2-tcg", LOST), ("qemu-11.1-kvm", LOST), ("firecracker-1.16", WIPED)]
IN_PLAY = ("resets",)

# Each candidate: what it costs, and where in the real programs it would be.
HOST = {
    "clear-log-before-id=on":
        ("a CLEAR of all memory in each round, which the manual log was made to avoid",
         "QEMU: migration_bitmap_sync_precopy calls migration_clear_memory_region_dirty_bitmap_range for every "
         "block before it notifies PRECOPY_NOTIFY_AFTER_BITMAP_SYNC"),
    "drain-before-id=on":
        ("nothing but the work: what was queued for an older round is not used anyway",
         "QEMU: virtio_balloon_free_page_start, which holds free_page_lock, first pops free_page_vq until it "
         "is empty, and pushes each element back; Firecracker: start_hinting does"),
    "refuse-written=on":
        ("a fault for the first write to each page in each round, and a look at the log for each hint",
         "QEMU: write-protect before the id is issued, and ask in qemu_guest_free_page_hint; Firecracker: "
         "userfaultfd write-protection, as its documentation proposes"),
}
GUEST = {
    "command-word=one-per-round":
        ("a word for each round whose start is still queued",
         "send_cmd_id_start queues a word of its own instead of cmd_id_active"),
    "hint-wait=start":
        ("one sleep for each round, while no page is held",
         "send_cmd_id_start waits until its buffer was used"),
    "hint-wait=each":
        ("a sleep for each hint; one is queued at a time, and if nobody serves the queue the work item does "
         "not even read DONE",
         "the RFC of January 2026: send_cmd_id_start, get_free_page_and_send and send_cmd_id_stop wait"),
    "release=after-used":
        ("the shrinker cannot give what the host has not served yet",
         "virtio_balloon_shrinker_scan passes over blocks whose buffer was not returned"),
    "release=after-all-used":
        ("under memory pressure the shrinker waits until the host has served the whole queue",
         "virtio_balloon_shrinker_scan stops the round, and drains free_page_vq before it frees"),
    "release=after-done":
        ("nothing goes back under memory pressure before the host says DONE",
         "no shrinker"),
}


def write_sets(sets):
    if not sets:
        return "none of them suffices, nor all together"
    return "; or ".join(" with ".join(f"`{change}`" for change in changes) for changes in sets)


def grouped(oracle, candidates):
    """Hosts that have the same answer, in the order of the first of them."""
    groups = {}
    for host, prop in DEPLOYED_HOSTS:
        sets = smallest_sets(oracle, DEPLOYED_GUEST, host, prop, list(candidates), IN_PLAY)
        groups.setdefault(tuple(sets), []).append(host)
    return groups


def costs(a, candidates, groups):
    used = {change for sets in groups for changes in sets for change in changes}
    a.lines += ["| rule | price | where |", "| --- | --- | --- |"]
    for change, (price, place) in candidates.items():
        if change in used:
            a.lines.append(f"| `{change}` | {price} | {place} |")
    a.lines.append("")


def one_side(a):
    a.head("What could one side do alone?")
    by_host = grouped(a.oracle, HOST)
    by_guest = grouped(a.oracle, GUEST)
    a.need(all(by_host) and all(by_guest), "on each deployed pair one side alone can end the losses")
    a.say(f"""Linux as it is deployed ({DEPLOYED_GUEST}) gives hinted pages back at any time and has one word
        for all start commands. What would the smallest change of one side be, with which such a pair never
        loses a page, or wipes one in use where the host discards? All sets of the candidates below were
        proved, with resets in play: the driver may be removed or suspended. Of each smaller set a run is known
        that loses a page.""")
    a.say("""*A host alone*, of """ + ", ".join(f"`{change}`" for change in HOST) + ":")
    a.bullets(f"{', '.join(hosts)}: {write_sets(sets)}" for sets, hosts in by_host.items())
    costs(a, HOST, by_host)
    a.say("""*A guest alone*, of """ + ", ".join(f"`{change}`" for change in GUEST) + ":")
    a.bullets(f"{', '.join(hosts)}: {write_sets(sets)}" for sets, hosts in by_guest.items())
    costs(a, GUEST, by_guest)
    a.need(all(("hint-wait=each",) in sets for sets in by_guest), "waiting for each hint serves everywhere")
    a.say(f"""A guest that waits for each hint (`hint-wait=each`) is safe on all of these. A host that empties free_page_vq before it issues an
        id ends what comes of the shared word ({a.scenario("field/shared-command-word-drained")}); with the
        manual log it has to clear the log as well ({a.scenario("field/hint-swallows-log-bit-clear-log-first")}).
        What `drain-before-id` does, a host could also do by taking hints only if their start command was made
        available after the id was issued; that is not modelled.""")
    a.back("hintsim prove --guest linux-6.1 --host qemu-10.2-kvm -p dirty-page-lost --with resets "
           "--rule clear-log-before-id=on --rule drain-before-id=on",
           "hintsim prove scenarios/field/old-guest-safe-host.yaml",
           "hintsim prove scenarios/field/old-guest-safe-discarding-host.yaml")
