"""The desktop's model of text: tf-idf of words, word pairs and character n-grams, and a linear SVM."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.capture import BOOT_REPORT_BYTES, is_keyboard
from zerotap.errors import FeatureError
from zerotap.features import Windows, decode_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Layout, Recording

    Labelled = tuple[Recording, int]

_LOOKED_AT = 8
_FOLDS = 3
_WORD = r"(?u)\b\w\w+\b"  # scikit-learn's own


def holds_text(labelled: Sequence[Labelled]) -> bool:
    """Whether recordings are a keyboard's: one of the first tells."""
    reports = (recording.reports(BOOT_REPORT_BYTES) for recording, _ in labelled)
    return any(len(one) and is_keyboard(one) for one in islice(reports, _LOOKED_AT))


def texts_of(labelled: Sequence[Labelled], layout: Layout) -> list[str]:
    """What was typed in each recording, as the text models read it."""
    return [decode_text(recording.reports(BOOT_REPORT_BYTES), layout) for recording, _ in labelled]


def one_a_recording(labelled: Sequence[Labelled]) -> Windows:
    """Windows without content, one a recording: a text is scored whole."""
    count = len(labelled)
    y = np.array([label for _, label in labelled], np.int64)
    return Windows(np.empty((count, 0)), y, np.arange(count, dtype=np.int64))


def text_outputs(train: Sequence[str], y: NDArray[np.int64], test: Sequence[str]) -> NDArray[Any]:
    """Margins (n, classes) for the texts of ``test``, of an SVM fitted to ``train`` of classes ``y``.

    Whether classes weigh the same however many texts they have is chosen on folds of ``train``. Raises
    FeatureError where none of ``train`` has a character but blanks.
    """
    if not any(text.strip() for text in train):
        raise FeatureError("nothing was typed in the training recordings: record text, or give a --pipeline")
    terms = _terms(train)
    return margins(_best_svm(terms.fit_transform(train), y).decision_function(terms.transform(test)))


def _terms(train: Sequence[str]) -> Any:  # noqa: ANN401  (scikit-learn ships no types)
    """Words, pairs of them and character n-grams within words, weighed by tf-idf, not fitted yet."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
    if not any(re.search(_WORD, text) for text in train):
        return characters
    return make_union(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=_WORD), characters)


def _best_svm(x: Any, y: NDArray[np.int64]) -> Any:  # noqa: ANN401  (scikit-learn and SciPy ship no types)
    from sklearn.model_selection import cross_val_score
    from sklearn.svm import LinearSVC

    svms = [LinearSVC(class_weight=weight, random_state=0) for weight in (None, "balanced")]
    if np.unique(y, return_counts=True)[1].min() < _FOLDS:
        return svms[0].fit(x, y)
    quality = [cross_val_score(svm, x, y, cv=_FOLDS, scoring="f1_macro").mean() for svm in svms]
    return svms[int(np.argmax(quality))].fit(x, y)


def margins(decided: NDArray[Any]) -> NDArray[Any]:
    """What scikit-learn decides by: (n, classes); of two classes, where it is (n,), one margin each."""
    return np.stack([-decided, decided], axis=1) if decided.ndim == 1 else decided
