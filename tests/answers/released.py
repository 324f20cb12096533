# SPDX-License-Identifier: BSD-3-Clause
"""Released pairs that lose pages, or wipe them: what it takes, and what an operator can do."""

LOST, WIPED = "dirty-page-lost", "page-corrupted"
DESIGNS = ("linux-6.1+wait-on-ack", "linux-6.1+pipelined-ack")

# What it takes, the least first: if the changes end it, this is what it took.
CAUSES = [
    ("a migration that is cancelled, and another one", (), ("cancels",)),
    ("a queue that is not served before the next sync, so that an old round's start reads the new id",
     ("drain-before-id=on",), ("cancels",)),
    ("a page that is used again before its hint is served", ("drain-before-id=on", "hint-wait=each"), ("cancels",)),
]
NO_HINT = "not even that: a page is lost although the guest waits for each hint"

# A kernel without the manual log, dirty-ring-size, RAM that is no multiple of 256 KiB, no KVM.
NOT_DEFAULT = ("-kvm-legacy", "-ring", "-odd-ram", "-tcg", "v86")
# No program is released that does what Firecracker's documentation proposes.
NOT_RELEASED = ("thread-", "spec-", "firecracker-uffd")


def is_released(guest, host):
    return guest.startswith("linux-") and guest not in DESIGNS and not host.startswith(NOT_RELEASED)


def is_default(guest, host):
    return "deflate-on-oom" not in guest and not host.endswith(NOT_DEFAULT)


def write_pairs(pairs):
    """Hosts that stand with the same guests are written together."""
    guests_of = {}
    for guest, host in pairs:
        guests_of.setdefault(host, []).append(guest)
    hosts_of = {}
    for host, guests in guests_of.items():
        hosts_of.setdefault(tuple(guests), []).append(host)
    return "; ".join(f"{', '.join(guests)} with {', '.join(hosts)}" for guests, hosts in hosts_of.items())


def causes_of(oracle, pairs):
    """What the loss of each pair takes."""
    found = {}
    for cause, changes, without in CAUSES:
        left = [pair for pair in pairs if pair not in found]
        verdicts = oracle.prove_all([(*pair, LOST, changes, (), without) for pair in left])
        found.update({pair: cause for pair, verdict in zip(left, verdicts) if verdict == "Never"})
    return {pair: found.get(pair, NO_HINT) for pair in pairs}


def verdict(a, pair, prop):
    cell = a.oracle.cells[pair]
    return cell[prop]["verdict"] if prop in cell else None


def released(a):
    a.head("Released combinations that lose pages, or wipe them")
    real = [pair for pair in a.oracle.cells if is_released(*pair)]
    wipes = [pair for pair in real if verdict(a, pair, WIPED) == "Sometimes"]
    loses = [pair for pair in real if pair not in wipes and verdict(a, pair, LOST) == "Sometimes"]
    never = [pair for pair in real
             if all(verdict(a, pair, prop) in ("Never", None) for prop in (LOST, WIPED))]
    a.need(never, "a released pair never loses a page")
    a.need(len(real) == len(wipes) + len(loses) + len(never), "no released pair is open")
    usual = [pair for pair in real if is_default(*pair)]
    a.say(f"""linux-5.0 with and without DEFLATE_ON_OOM are two guests here. free-page-hint is off in QEMU unless
        it is asked for; *by default* means: with that option, KVM, no other option, and a kernel of the time, so
        that v86, which has no KVM, is not among them. The recipe of Firecracker's documentation
        (firecracker-uffd) is no release, and not counted; it has a section above.
        Of {len(real)} released pairs ({len(usual)} by default) {len(wipes)} can wipe a page in use without any
        migration, because the host discards; {len(loses)} ({len([p for p in loses if is_default(*p)])} by
        default) can lose a page in a migration; {len(never)} never do either ({write_pairs(never)}). How often
        the orders below happen is not said here. What the losses take:""")
    causes = causes_of(a.oracle, loses)
    told = []
    for cause in [cause for cause, *_ in CAUSES] + [NO_HINT]:
        pairs = [pair for pair in loses if causes[pair] == cause]
        usual = [pair for pair in pairs if is_default(*pair)]
        if pairs:
            told.append(f"{cause}: {len(pairs)} pairs, {len(usual)} by default: {write_pairs(pairs)}")
    a.bullets(told)
    a.say("The steps, as `hintsim matrix` found them:")
    stories = {}
    for prop, pairs in ((LOST, loses), (WIPED, wipes)):
        for pair in pairs:
            stories.setdefault(a.story(*pair, prop), []).append(pair)
    a.bullets(f"{write_pairs(pairs)}: {story}" for story, pairs in stories.items())
    a.back("hintsim matrix", "hintsim matrix --cell 'GUEST*HOST'",
           "hintsim prove --guest GUEST --host HOST -p dirty-page-lost --without cancels --rule drain-before-id=on")


def operators(a):
    a.head("What can an operator do today?")
    off, ring, odd = "qemu-10.2-kvm", "qemu-10.2-ring", "qemu-7.2-kvm-odd-ram"
    guest = "linux-6.1"
    causes = causes_of(a.oracle, [(guest, host) for host in (off, ring, odd)])
    a.need(causes[guest, off] == CAUSES[2][0], "QEMU's default loses a page that is used again")
    a.need(causes[guest, ring] == causes[guest, odd] == CAUSES[1][0], "ring and odd RAM need a sync")
    with_postcopy = a.oracle.prove_all([(guest, host, LOST, (), ("postcopy",))
                                        for host in ("qemu-6.2", "qemu-7.2-kvm", off, ring, odd)])
    a.need(set(with_postcopy) == {"Never"}, "with the capability nothing is lost")
    older = a.oracle.prove_all([(guest, "qemu-6.1", LOST, (), ("postcopy",))])
    a.need(older == ["Sometimes"], "before 6.2 the capability does not help")
    a.say("With Linux 6.1 in the guest, and QEMU, from what ends the losses to what makes them rarer:")
    a.bullets([
        "leave free-page-hint off, which is the default: nothing is hinted",
        "set the migration capability postcopy-ram, even if nobody switches: since 6.2 QEMU asks for no hints then, and "
        "no page is lost (**Never**, asked of qemu-6.2, qemu-7.2-kvm, qemu-10.2-kvm, qemu-10.2-ring and "
        "qemu-7.2-kvm-odd-ram); on 6.1 it does not help (**Sometimes**)",
        "use KVM's dirty ring (dirty-ring-size), or an amount of RAM that is no multiple of 256 KiB: then it takes "
        f"{CAUSES[1][0]}. By default it takes no more than {CAUSES[2][0]}",
        "do not cancel a migration and start another one while the guest still has hints queued"])
    a.back("hintsim prove --guest linux-6.1 --host qemu-10.2-kvm -p dirty-page-lost --with postcopy",
           "hintsim matrix --guest linux-6.1")
