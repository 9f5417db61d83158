// What a model's scores say, as text.
#pragma once
#include <stdint.h>

#include "line.h"

// The functions of a library that name what it scored. percent: null where it gives none. thresholds: from which
// value on each output counts by itself; null where the largest is the class.
template <typename Score>
struct Verdicts {
    const char *name;
    int32_t classes;
    const char *(*label)(int32_t index);
    int32_t (*argmax)(const Score *scores);
    int32_t (*percent)(const Score *scores, int32_t index);
    const int32_t *thresholds;
};

template <typename Score>
static void add_class(Line &line, const Verdicts<Score> &model, const Score *scores, int32_t index)
{
    add(line, " ");
    add(line, model.label(index));
    if (model.percent != nullptr) {
        add(line, " ");
        add_number(line, model.percent(scores, index));
        add(line, " %");
    }
}

// Says it, "mood: happy 93 %", and returns the class; -1 where outputs count by themselves and none does.
template <typename Score>
static int32_t say_verdict(const Verdicts<Score> &model, const Score *scores)
{
    Line line = {};
    add(line, model.name);
    add(line, ":");
    int32_t said = -1;
    if (model.thresholds == nullptr) {
        said = model.argmax(scores);
        add_class(line, model, scores, said);
    } else {
        for (int32_t i = 0; i < model.classes; i++) {
            if (scores[i] >= model.thresholds[i]) {
                said = i;
                add_class(line, model, scores, i);
            }
        }
    }
    send(line);
    return said;
}
