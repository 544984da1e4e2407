"""Models with a training step of their own, written as Keras's guides do for each backend."""

import keras
from callback_models import BACKEND, X, classifier


class ByHand(keras.Sequential):
    """Logs its loss alone, as a mean that it keeps itself."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.tracker]


class StepOnTensorFlow(ByHand):
    def train_step(self, data):
        import tensorflow as tf

        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        weights = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}


class StepOnTorch(ByHand):
    def train_step(self, data):
        import torch

        x, y = data
        self.zero_grad()
        loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        loss.backward()
        weights = list(self.trainable_weights)
        with torch.no_grad():
            self.optimizer.apply([weight.value.grad for weight in weights], weights)
        self.tracker.update_state(loss)
        return {"loss": self.tracker.result()}


class StepOnJax(ByHand):
    def train_step(self, state, data):
        import jax

        trainable, non_trainable, of_optimizer, of_metrics = state
        x, y = data

        def loss_and_updates(trainable):
            predicted, updated = self.stateless_call(trainable, non_trainable, x, training=True)
            return self.compute_loss(y=y, y_pred=predicted), updated

        graded = jax.value_and_grad(loss_and_updates, has_aux=True)
        (loss, non_trainable), gradients = graded(trainable)
        trainable, of_optimizer = self.optimizer.stateless_apply(of_optimizer, gradients, trainable)
        of_metrics = self.tracker.stateless_update_state(of_metrics, loss)
        logs = {"loss": self.tracker.stateless_result(of_metrics)}
        return logs, (trainable, non_trainable, of_optimizer, of_metrics)


def own_step():
    kinds = {"tensorflow": StepOnTensorFlow, "torch": StepOnTorch, "jax": StepOnJax}
    return classifier(kind=kinds[BACKEND])


class Gan(keras.Model):
    """A generator and a discriminator, each with an optimizer of its own."""

    def __init__(self):
        super().__init__()
        self.generator = keras.Sequential([keras.Input((6,)), keras.layers.Dense(6)])
        self.discriminator = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
        self.noise = keras.random.SeedGenerator(5)
        self.of_generator = keras.optimizers.Adam(0.01)

    def call(self, x):
        return self.discriminator(self.generator(x))

    def losses_on(self, x):
        """Of the discriminator, on real and made samples, and of the generator."""
        made = self.generator(keras.random.normal(keras.ops.shape(x), seed=self.noise))
        real, fake = self.discriminator(x), self.discriminator(made)
        told_apart = keras.ops.softplus(-real) + keras.ops.softplus(fake)
        return keras.ops.mean(told_apart), keras.ops.mean(keras.ops.softplus(-fake))

    def turns(self):
        return (
            (self.discriminator.trainable_weights, self.optimizer),
            (self.generator.trainable_weights, self.of_generator),
        )


class GanOnTensorFlow(Gan):
    def train_step(self, data):
        import tensorflow as tf

        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape(persistent=True) as tape:
            losses = self.losses_on(x)
        for loss, (weights, optimizer) in zip(losses, self.turns(), strict=True):
            optimizer.apply(tape.gradient(loss, weights), weights)
        return {"d_loss": losses[0], "g_loss": losses[1]}


class GanOnTorch(Gan):
    def train_step(self, data):
        import torch

        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        losses = self.losses_on(x)
        gradients = [
            torch.autograd.grad(loss, [weight.value for weight in weights], retain_graph=True)
            for loss, (weights, _) in zip(losses, self.turns(), strict=True)
        ]
        with torch.no_grad():
            for gradient, (weights, optimizer) in zip(gradients, self.turns(), strict=True):
                optimizer.apply(gradient, weights)
        return {"d_loss": losses[0].item(), "g_loss": losses[1].item()}


def gan():
    model = {"tensorflow": GanOnTensorFlow, "torch": GanOnTorch}[BACKEND]()
    model(X)
    model.compile(keras.optimizers.SGD(0.05))
    for weights, optimizer in model.turns():
        optimizer.build(weights)
    return model
