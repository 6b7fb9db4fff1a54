"""A small SavedModel for the tests.

    pip install tensorflow-cpu==2.21.0
    python make.py        writes the folder `model` beside this script
"""

import shutil
from pathlib import Path

import tensorflow as tf

here = Path(__file__).parent


class Model(tf.Module):
    def __init__(self):
        self.weight = tf.Variable([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 2], tf.float32, name="x"),
            tf.TensorSpec([None], tf.int64, name="lengths"),
            tf.TensorSpec([], tf.string, name="greeting"),
        ]
    )
    def __call__(self, x, lengths, greeting):
        return {
            "product": tf.matmul(x, self.weight),
            "squares": lengths * lengths,
            "text": tf.strings.join([greeting, ", world"]),
        }


target = here / "model"
shutil.rmtree(target, ignore_errors=True)
model = Model()
tf.saved_model.save(model, str(target), signatures={"serving_default": model.__call__})
(target / "fingerprint.pb").unlink(missing_ok=True)
