# SPDX-License-Identifier: BSD-3-Clause
"""Proposals of 2026: pages that read as zero, a recipe for a host that discards, the text of VIRTIO."""

from smallest import smallest_sets

LOST, WIPED, VALUE = "dirty-page-lost", "page-corrupted", "value-broken"
GUEST = "linux-6.1"
TRUSTED = "report-zeroes=trusted"
RECORDS = ["discard-marks-dirty=on", "drain-before-id=on", "command-word=one-per-round", "hint-wait=each"]
ZERO_LOST, ZERO_INHIBITED = "reported-after-sent", "zeros-claimed-not-made"
HOSTS = ["qemu-7.2-kvm", "qemu-10.2-kvm", "qemu-10.2-ring", "qemu-10.2-tcg"]


def write_sets(sets):
    return "; or ".join(" with ".join(f"`{change}`" for change in changes) for changes in sets)


def trusted_zeroes(a):
    a.head("2026: what must a device record whose reported pages read as zero?")
    now = a.oracle.prove_all([(GUEST, host, VALUE, (TRUSTED,), ("reporting",)) for host in HOSTS])
    a.need(set(now) == {"Sometimes"}, "a page trusted to be zero is not, on each QEMU")
    sets = {host: smallest_sets(a.oracle, GUEST, host, VALUE, RECORDS, ("reporting",), (TRUSTED,))
            for host in HOSTS}
    a.need(all(found and all("discard-marks-dirty=on" in one for one in found) for found in sets.values()),
           "each set has the record of the discard")
    a.need(len({tuple(found) for found in sets.values()}) == 1, "one answer for every QEMU")
    a.say(f"""VIRTIO_BALLOON_F_DEVICE_INIT_REPORTED (virtio-spec issue 244) lets a guest trust that a reported page
        reads as zero (`{TRUSTED}`). On QEMU as it is, it may not after a migration: **Sometimes**
        ({', '.join(HOSTS)}). A page is sent with data in it, freed, reported, discarded and allocated as zero; the
        discard leaves no record, and the destination has the old data
        ({a.scenario("field/" + ZERO_LOST, VALUE)}). And a device that puts a report back without having
        discarded breaks it at once ({a.scenario("field/" + ZERO_INHIBITED, VALUE)}).""")
    a.say(f"""It takes two things, proved for any number of pages: a discard that counts as a write, and no late hint
        that takes its record. The smallest sets, of {', '.join(f"`{one}`" for one in RECORDS)}:
        {write_sets(next(iter(sets.values())))}. Where nothing is hinted the first is enough.""")
    a.say("""A sentence for the specification: *A device that sets the used length of a reporting buffer to say that
        the pages are initialized MUST have initialized each of them. If it tracks modifications of guest memory,
        it MUST track the initialization of a reported page as a modification of that page by the driver.*""")
    a.back(f"hintsim prove --guest {GUEST} --host qemu-10.2-kvm -p {VALUE} --with reporting --rule {TRUSTED} "
           "--rule discard-marks-dirty=on --rule drain-before-id=on",
           f"hintsim run scenarios/field/{ZERO_LOST}.yaml", f"hintsim run scenarios/field/{ZERO_INHIBITED}.yaml")


def discard_recipe(a):
    a.head("2026: is Firecracker's recipe enough?")
    usual, recipe = "firecracker-1.16", "firecracker-uffd"
    fixes = ["command-word=one-per-round", "drain-before-id=on", "hint-wait=each"]
    def ask(host, *changes):
        return a.oracle.prove_all([(GUEST, host, WIPED, changes, ("resets",))])[0]
    a.need(ask(usual) == ask(recipe) == "Sometimes", "with the recipe Linux's pages are wiped all the same")
    a.need({ask(recipe, fix) for fix in fixes} == {"Never"}, "each of the changes makes the recipe do")
    a.need([ask(usual, fix) for fix in fixes] == ["Sometimes", "Sometimes", "Never"],
           "without the recipe only waiting does")
    a.say(f"""Firecracker discards what is hinted, so that a page which the guest has taken back is wiped. Its
        documentation proposes to write-protect memory before a run, and to skip ranges that were written since
        ({recipe}). With Linux 6.1 that is not enough (**Sometimes**): start commands share one word, so that
        a hint of an old run passes for one of the new run, under which its page was not written yet. With one of
        {', '.join(f"`{fix}`" for fix in fixes)} it is (**Never**, resets in play). Without the recipe
        `hint-wait=each` alone does.""")
    a.back(f"hintsim prove --guest {GUEST} --host {recipe} -p {WIPED}",
           f"hintsim prove --guest {GUEST} --host {recipe} -p {WIPED} --rule drain-before-id=on")


def the_text(a):
    a.head("2026: does the text of VIRTIO suffice by itself?")
    text = "spec-latitude"
    pages = a.oracle.prove_all([(text, text, prop) for prop in (LOST, WIPED)])
    a.need(set(pages) == {"Never"}, "by the text no page is lost or wiped")
    device = [f"hint-device-{number}" for number in range(2, 7)]
    a.need(set(a.oracle.prove_all([(text, text, clause) for clause in device])) == {"Never"},
           "by the text the device keeps its clauses")
    a.need(a.oracle.prove_all([(text, text, WIPED, ("refuse-written=off",))]) == ["Sometimes"],
           "a MAY read as no more than a MAY wipes pages")
    linux = a.oracle.prove_all([(GUEST, text, LOST), (GUEST, text, WIPED)])
    a.need(set(linux) == {"Sometimes"}, "Linux on a device by the text loses and wipes pages")
    a.say(f"""For pages: yes, if one sentence is read strictly. A driver that does all that its clauses allow, with a
        device that does all that its clauses allow, never loses a page, and never has one wiped (**Never**, proved;
        the device's clauses {device[0]} to {device[-1]} are kept as well). The sentence is hint-device-4: the device MAY
        change a hinted page that the driver has not modified since the id. Read as a permission alone, which forbids
        nothing about modified pages, pages in use are wiped
        ({a.scenario("field/what-the-text-forbids", WIPED)}; its twin is
        {a.scenario("field/what-the-text-allows")}). So the smallest change is to say the other half: *The device MUST NOT
        change a page that the driver has modified since the command id was issued.*""")
    a.say(f"""The text assumes a word for each round: the buffer contains the id (hint-driver-2). Linux 6.1, whose start
        commands share one word, does not do that, and loses pages even with such a device (**Sometimes**).""")
    a.back("hintsim prove --guest spec-latitude --host spec-latitude",
           "hintsim prove --guest spec-latitude --host spec-latitude -p page-corrupted --rule refuse-written=off",
           "hintsim prove --guest linux-6.1 --host spec-latitude")
