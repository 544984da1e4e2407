"""The update rules of optimisers in NumPy, float64, written from the papers and the decks.

Each takes weights `w` and gradients `g` of steps 1, 2, ... and yields the weights after each.
"""

import numpy as np


def sgd(w, gradients, rate):
    for g in gradients:
        w = w - rate * g
        yield w


def momentum(w, gradients, rate, beta=0.9):
    """v = beta v - rate g, w = w + v."""
    v = np.zeros_like(w)
    for g in gradients:
        v = beta * v - rate * g
        w = w + v
        yield w


def averaged_momentum(w, gradients, rate, beta=0.9):
    """The deck's other form: v = beta v + (1 - beta) g, w = w - rate v."""
    v = np.zeros_like(w)
    for g in gradients:
        v = beta * v + (1 - beta) * g
        w = w - rate * v
        yield w


def nesterov(w, gradients, rate, beta=0.9):
    """As momentum, and the step looks one further along the new velocity."""
    v = np.zeros_like(w)
    for g in gradients:
        v = beta * v - rate * g
        w = w + beta * v - rate * g
        yield w


def rmsprop(w, gradients, rate, rho=0.9, epsilon=1e-7):
    s = np.zeros_like(w)
    for g in gradients:
        s = rho * s + (1 - rho) * g**2
        w = w - rate * g / np.sqrt(s + epsilon)
        yield w


def adam(w, gradients, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Kingma and Ba's, with bias correction and their epsilon-hat (before section 2.1)."""
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t, g in enumerate(gradients, 1):
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        corrected = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w = w - corrected * m / (np.sqrt(v) + epsilon)
        yield w


def adamw(w, gradients, rate, decay=0.004):
    """Loshchilov and Hutter's: Adam's step beside the share that the weights lose."""
    before = w
    for after in adam(w, gradients, rate):
        w = w - rate * decay * w + (after - before)
        before = after
        yield w


def deck_adam(w, gradients, rate, beta_1=0.9, beta_2=0.99, epsilon=1e-10):
    """L4's: no correction, s fed from the former v, and the gradient once more in the step."""
    v, s = np.zeros_like(w), np.zeros_like(w)
    for g in gradients:
        v, s = beta_1 * v + (1 - beta_1) * g, beta_2 * s + (1 - beta_2) * v**2
        w = w - rate * v / np.sqrt(s + epsilon) * g
        yield w


def nadam(w, gradients, rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """Dozat's, with his schedule of the momentum, beta_1 (1 - 0.96^t / 2)."""
    m, v, product = np.zeros_like(w), np.zeros_like(w), 1.0
    for t, g in enumerate(gradients, 1):
        now, following = (beta_1 * (1 - 0.5 * 0.96**step) for step in (t, t + 1))
        product *= now
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g**2
        ahead = following * m / (1 - product * following) + (1 - now) * g / (1 - product)
        w = w - rate * ahead / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        yield w


def muon(w, gradients, rate, beta=0.95):
    """Jordan's with Nesterov's momentum, scaled by 0.2 sqrt(longer side) as Liu's."""
    m = np.zeros_like(w)
    for g in gradients:
        m = beta * m + g
        matrix = (g + beta * m).reshape(-1, w.shape[-1])
        scale = 0.2 * np.sqrt(max(matrix.shape))
        w = w - rate * scale * newton_schulz(matrix).reshape(w.shape)
        yield w


def newton_schulz(matrix, steps=5):
    """About U V^T of a matrix U S V^T."""
    x = matrix / (np.linalg.norm(matrix) + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x


def lookahead(w, gradients, step, steps, alpha):
    """Weights and slow weights after each step; `step(w, g)` is an inner optimiser of no memory.

    alpha is a number, or a function of the step.
    """
    slow = w
    for t, g in enumerate(gradients, 1):
        w = step(w, g)
        if t % steps == 0:
            slow = slow + (alpha(t) if callable(alpha) else alpha) * (w - slow)
            w = slow
        yield w, slow
