// A model that the reports of a keyboard go to, message by message.
#pragma once
#include <stdint.h>

#include "verdict.h"

// The functions of a library that take reports. flush may be one that works in steps.
template <typename Score>
struct Doors {
    int32_t (*push)(const uint8_t *item, Score *scores);
    int32_t (*more)(Score *scores);
    int32_t (*flush)(Score *scores);
    void (*reset)(void);
};

// What gets every report, and is told where a message ends.
class Listener {
public:
    virtual void begin() = 0;
    virtual void take(const uint8_t report[8], uint32_t now_ms) = 0;
    virtual void end() = 0;
    // One step of a message's end; true while there is more to do.
    virtual bool step() = 0;
};

template <typename Score, int32_t CLASSES, int32_t ITEM_BYTES>
class Typed final : public Listener {
public:
    // The class that was said last; -1 before.
    int32_t said;

    Typed(const Doors<Score> &functions, const Verdicts<Score> &verdicts)
        : said(-1), doors(functions), names(verdicts), item(), scores(), is_ending(false)
    {
    }

    virtual void begin() { doors.reset(); }

    // An item is the report alone, or has the time in milliseconds in front.
    virtual void take(const uint8_t report[8], uint32_t now_ms)
    {
        for (int32_t i = 0; i + 8 < ITEM_BYTES; i++) {
            item[i] = static_cast<uint8_t>(now_ms >> 8 * i);
        }
        for (int32_t i = 0; i < 8; i++) {
            item[ITEM_BYTES - 8 + i] = report[i];
        }
        for (int32_t given = doors.push(item, scores); given; given = doors.more(scores)) {
            said = say_verdict(names, scores);
        }
    }

    virtual void end() { is_ending = true; }

    virtual bool step()
    {
        if (!is_ending) {
            return false;
        }
        const int32_t given = doors.flush(scores);
        if (given > 0) {
            said = say_verdict(names, scores);
        }
        if (given == 0) {
            doors.reset();
            is_ending = false;
        }
        return is_ending;
    }

private:
    const Doors<Score> &doors;
    const Verdicts<Score> &names;
    uint8_t item[ITEM_BYTES];
    Score scores[CLASSES];
    bool is_ending;
};

// The model of the library `model` as the variable `listener`.
#define TYPED_MODEL(listener, model, flush, percent, thresholds)                                              \
    static const Doors<model##_SCORE> listener##_doors = {model##_push, model##_more, flush, model##_reset}; \
    static const Verdicts<model##_SCORE> listener##_verdicts = {                                             \
        #model, model##_CLASSES, model##_label, model##_argmax, percent, thresholds};                        \
    static Typed<model##_SCORE, model##_CLASSES, model##_PACKET_SIZE> listener(listener##_doors, listener##_verdicts)
