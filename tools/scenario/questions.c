/* SPDX-License-Identifier: BSD-3-Clause */
/* What a world lacks, in words. */
#include "questions.h"

bool hs_proof_covers(unsigned property)
{
    return property < HS_ENDING_FIRST || property > HS_ENDING_LAST;
}

/* The values of the rule that are asked for. */
static void add_values(struct hs_need need, const char *separator, struct hs_text *text)
{
    const struct hs_rule_row *row = &hs_rule_rows[need.which];
    for (const struct hs_rule_value *value = row->values; value->name; value++) {
        if (need.values >> value->number & 1u)
            hs_text_item(text, separator, "%s=%s", row->name, value->name);
    }
}

static void add_need(struct hs_need need, const char *separator, struct hs_text *text)
{
    static const char *const queues[HS_QUEUE_COUNT] = {
        "free_page_vq", "reporting_vq", "inflateq", "deflateq"};
    switch ((enum hs_need_kind)need.kind) {
    case HS_NEED_NONE:
        break;
    case HS_NEED_QUEUE:
        hs_text_item(text, separator, "%s", queues[need.which]);
        break;
    case HS_NEED_LIMIT:
        hs_text_item(text, separator, "%s", hs_limit_rows[need.which].name);
        break;
    case HS_NEED_RULE:
        add_values(need, separator, text);
        break;
    case HS_NEED_POSTCOPY:
        hs_text_item(text, separator, "postcopy");
        break;
    case HS_NEED_PRECOPY:
        hs_text_item(text, separator, "no postcopy");
        break;
    case HS_NEED_CALLBACK:
        hs_text_item(text, separator, "a callback on free_page_vq");
        break;
    case HS_NEED_PARTIAL:
        break; /* an answer for hosts of one kind; what stands beside it is one for all */
    case HS_NEED_ZEROES:
        hs_text_item(text, separator, "report-zeroes=trusted with reporting_vq");
        break;
    }
}

void hs_lacks_add(const struct hs_config *config, enum hs_property property, struct hs_text *text)
{
    const char *separator = "";
    for (unsigned i = 0; i < HS_PROPERTY_NEEDS_MAX; i++) {
        const struct hs_need *choices = hs_property_rows[property].needs[i];
        if (hs_config_meets_one(config, choices, HS_NEED_CHOICES_MAX))
            continue;
        hs_text_add(text, "%s", separator);
        hs_text_begin_list(text);
        for (unsigned j = 0; j < HS_NEED_CHOICES_MAX; j++)
            add_need(choices[j], " or ", text);
        separator = ", and ";
    }
}
