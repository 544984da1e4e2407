"""Using trained runs.

- `chosen_runs`: which runs of a folder predict; `saved_model` loads the model of one.
- `prediction_inputs`: reads pictures, arrays and tables as the data of the runs were read;
  `predict` asks the runs, `prediction_text` writes what they predict; `pixel_units` warns of pixels
  in other units.
- `export_model`: a model for use elsewhere; `exported_outputs` runs it on `stored_examples`;
  `onnx_erfc` is for GELU in ONNX, `float32_model` for mixed precision, `unrolled_model` for
  recurrent layers.
"""
