"""Categories to retry and hints, as the fake session manager offers them."""

from __future__ import annotations

from mockexam.session.ports import CategoryRecord, Hint, QuestionRecord

HINT_TEXTS = (
    "Look at the three inputs. **How large** is a typical value of each?",
    "A sum of weighted inputs has no bend: you need hidden layers with an activation.",
    "Put a `tf.keras.layers.Normalization()` layer first, then two `Dense(64)` layers.",
)
HINTS = tuple(Hint(step, len(HINT_TEXTS), text) for step, text in enumerate(HINT_TEXTS, 1))

RECORDS = (
    CategoryRecord(
        "image_classification", "image classification", 3600.0, 4, 2.4, -0.4,
        (
            QuestionRecord("image_classification/repair_cafe", "The repair café's shelf",
                           "Sort photographs of broken things by what has to be mended.", 50, 3, 2, 3.2),
            QuestionRecord("image_classification/kites", "Kites over the dunes", "Tell six kinds of kites apart.",
                           45, 0, None, None),
        ),
    ),
    CategoryRecord(
        "time_series", "time series", 6000.0, 3, 3.0, None,
        (QuestionRecord("time_series/tidal_quay", "High water at the quay", "Forecast the tide for a day.",
                        60, 2, 3, 40.0),),
    ),
    CategoryRecord(
        "simple_model", "simple model", 1200.0, 5, 4.5, 0.5,
        (QuestionRecord("simple_model/basil_trays", "Basil under lamps", "Predict the growth of basil.",
                        15, 1, None, 0.5),),
    ),
    CategoryRecord(
        "learning_dataset", "learning from a dataset", 2400.0, None, None, None,
        (QuestionRecord("learning_dataset/pass_road", "Ice on the pass", "Tell the state of a road from its weather.",
                        35, 0, None, None),),
    ),
)  # fmt: skip

TITLES = {record.id: record.title for record in RECORDS}
SECONDS = {record.id: record.seconds for record in RECORDS}
