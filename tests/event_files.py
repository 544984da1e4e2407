"""Reading TensorBoard's event files back, by its own reader."""

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray


def read_events(folder):
    """Of each file's tag the steps and values, in order of writing; of the graph the raw text."""
    reader = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
    return {
        tag: [
            (event.step, make_ndarray(event.tensor_proto).item()) for event in reader.Tensors(tag)
        ]
        for tag in reader.Tags()["tensors"]
    }
