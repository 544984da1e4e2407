"""Trained runs at work.

- `chosen_runs`: which runs of a folder answer; `saved_model` loads one.
- `prediction_inputs`: reading pictures and arrays as the runs were trained on them; `predict` asks
  the runs, `prediction_text` writes what they say; `pixel_units` tells pixels of other units.
- `export_model`: a model for use elsewhere; `exported_outputs` asks it, on `stored_examples`;
  `onnx_erfc` is for GELU in ONNX, `float32_model` for mixed precision, `unrolled_model` for
  recurrent layers.
"""
