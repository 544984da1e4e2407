"""All that decides how a training goes on, and files to save it in.

`training_state`, `callback_state`, `callback_memory`, `data_order`, `unseeded_draws`, `fit_call`,
`sample_build`, `state_file` serve ExactResume;
`seeds`, `recurrent_states` and `variable_values` serve code that must leave a model as it was;
`replaced_call` lets it see what layers take and give;
`keras_private` holds all uses of Keras's private names.
"""
