/* SPDX-License-Identifier: BSD-3-Clause */
/* QEMU's stream: sections of a type and a number each, of which RAM is one. */
#include "stream.h"

#include <assert.h>
#include <string.h>

/* Types of sections. */
enum { START = 1, PART = 2, END = 3, CONFIGURATION = 7, FOOTER = 0x7e };
/* In the low bits of an address in the section of RAM. */
enum { ZERO = 0x02, BLOCKS = 0x04, FRAME = 0x08, END_OF_PART = 0x10, SAME_BLOCK = 0x20 };
enum { FRAME_SIZE = 4096, FRAME_BITS = 12, HEADER = 8 };

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool is_over; /* what comes next has not come yet, or is no RAM */
    bool in_ram;  /* the block that the frames belong to is the VM's RAM */
    struct hs_sent *sent;
};

static uint64_t number(struct reader *reader, unsigned bytes)
{
    uint64_t value = 0;
    if ((size_t)(reader->end - reader->at) < bytes)
        reader->is_over = true;
    for (unsigned i = 0; i < bytes && !reader->is_over; i++)
        value = value << 8 | *reader->at++;
    return value;
}

static void skip(struct reader *reader, uint64_t bytes)
{
    if ((uint64_t)(reader->end - reader->at) < bytes)
        reader->is_over = true;
    else
        reader->at += bytes;
}

/* The name of a block, behind its length: is it the VM's RAM? */
static bool names_ram(struct reader *reader)
{
    uint64_t length = number(reader, 1);
    const uint8_t *name = reader->at;
    skip(reader, length);
    return !reader->is_over && length == 3 && memcmp(name, "ram", 3) == 0;
}

/* The list of blocks, `bytes` in sum. */
static void read_blocks(struct reader *reader, uint64_t bytes)
{
    bool behind = false;
    while (bytes && !reader->is_over) {
        bool is_ram = names_ram(reader);
        uint64_t size = number(reader, 8);
        if (reader->is_over || size > bytes)
            break;
        bytes -= size;
        if (is_ram)
            reader->sent->ram = (unsigned)(size / FRAME_SIZE);
        else if (!behind)
            reader->sent->ahead += (unsigned)(size / FRAME_SIZE);
        behind = behind || is_ram;
    }
    reader->sent->has_blocks = !reader->is_over;
}

/* Frames and lists, to the end of the part. */
static void read_ram(struct reader *reader)
{
    while (!reader->is_over) {
        uint64_t head = number(reader, 8);
        uint64_t frame = head >> FRAME_BITS;
        if (reader->is_over || head & END_OF_PART)
            return;
        if (head & BLOCKS) {
            read_blocks(reader, frame << FRAME_BITS);
            continue;
        }
        if (!(head & (FRAME | ZERO))) {
            reader->is_over = true; /* something that is not known here */
            return;
        }
        if (!(head & SAME_BLOCK))
            reader->in_ram = names_ram(reader);
        skip(reader, head & FRAME ? FRAME_SIZE : 1);
        if (!reader->is_over && reader->in_ram && frame < HS_STREAM_FRAMES_MAX)
            reader->sent->times[frame]++;
    }
}

/* The head of a section that starts: number, name, instance and version. */
static void read_start(struct reader *reader)
{
    skip(reader, 4);
    bool is_ram = names_ram(reader);
    skip(reader, 8);
    if (!is_ram)
        reader->is_over = true; /* the device's state: no RAM comes behind it */
}

void hs_stream_read(const struct hs_text *stream, struct hs_sent *sent)
{
    assert(stream && sent);
    const uint8_t *bytes = (const uint8_t *)hs_text_string(stream);
    struct reader reader = {.at = bytes, .end = bytes + stream->length, .sent = sent};
    *sent = (struct hs_sent){0};
    skip(&reader, HEADER);
    while (!reader.is_over) {
        switch (number(&reader, 1)) {
        case CONFIGURATION:
            skip(&reader, number(&reader, 4));
            break;
        case START:
            read_start(&reader);
            read_ram(&reader);
            break;
        case PART:
        case END:
            skip(&reader, 4);
            read_ram(&reader);
            break;
        case FOOTER:
            skip(&reader, 4);
            break;
        default:
            reader.is_over = true;
        }
    }
}
