"""Every picture of a report or a callback, and the looks they share (`style`).

`pictures` draws those of a report's pages, `history_figure` those of a callback or of
`plot_history`, `live_curves` those that a browser zooms. A `*_figure` is one picture, `curve_panel`
one of its axes.
"""
