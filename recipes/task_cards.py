"""The cards of the tasks: their losses and metrics, with formulas."""

from __future__ import annotations

TASK_CARDS: dict[str, dict[str, str]] = {
    "classification": {
        "What": "One of K classes. The network gives a logit z_k for each, and the softmax turns "
        "them into probabilities: p_k = exp(z_k) / sum_j exp(z_j).",
        "Loss": "the categorical cross-entropy, -sum_k y_k log p_k in nats, the mean over the "
        "examples; y_k is 1 for the class of the example and 0 for the others. Two classes have "
        "two logits: with p the probability of the second it is the binary cross-entropy, "
        "-(y log p + (1 - y) log(1 - p)).",
        "Metrics that may decide, by `decides` under [task]": "accuracy: the share of examples "
        "whose largest logit is that of their class\n"
        "cross_entropy: as the loss, without smoothing, weights and penalties\n"
        "balanced_accuracy: the share of correct examples in each class, averaged over the classes",
        "Advice": "Accuracy moves in steps of one example, and the cross-entropy does not: with "
        "few validation examples, the cross-entropy decides sooner. It also punishes confidence in "
        "wrong answers, which accuracy does not see. Where classes are of unequal size, accuracy "
        "is mostly that of the large ones.",
        "Source": "L4 (where two classifiers have the same accuracy, 2/3, but cross-entropies of "
        "1.38 and 0.64). A slip in L4: in the binary cross-entropy a bracket closes too late.",
    },
    "regression": {
        "What": "One number, f for the target y. For training, the mean is subtracted from the "
        "targets and they are divided by the standard deviation, both of the training examples. "
        "Figures are in units of the target again.",
        "Loss, by `loss` under [task]": "mse: (y - f)^2, the mean over the examples\n"
        "mae: |y - f|\n"
        "huber: (y - f)^2 / 2 up to one deviation, |y - f| - 1/2 beyond it",
        "Metrics that may decide, by `decides` under [task]": "rmse: the root of the mean of "
        "(y - f)^2\n"
        "mae: the mean of |y - f|",
        "Beside them": "R squared: 1 - sum (y - f)^2 / sum (y - mean y)^2, 0 if the prediction is "
        "always the mean\n"
        "MASE, for rows in order: MAE / (1/(n - 1) sum |y_i - y_(i-1)|), 1 if the prediction is "
        "always the value before",
        "Advice": "Squares let a few large errors decide: with outliers among the targets, train "
        "with huber or mae. For a time series, a MASE below 1 is the least to ask for.",
        "Source": "L4 (RMSE, MAE, MASE, Huber); Huber 1964; Hyndman and Koehler 2006, whose MASE "
        "divides by the steps of the training series; ours, like L4's, divides by those of the "
        "judged series.",
    },
}
