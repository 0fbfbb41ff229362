"""The game between two networks, as a Keras model: all training code is here."""

import keras
import tensorflow as tf
from keras import layers, ops

from ganlib import losses
from ganlib.images import to_float
from ganlib.errors import InputError, unknown

NOISES = ("normal", "uniform")
R1_STRIDE = 4  # of the real images in a batch, every so many pay the R1 penalty


def _values(network):
    return [variable.value for variable in network.trainable_variables]


class GAN(keras.Model):
    """A generator and a discriminator that learn from each other under `fit`.

    A batch is `images`, or `(images, labels)` for conditional networks: (batch, height, width, channels) uint8, or
    float32 in [-1, 1], and (batch,) int. All randomness of a step is a function of the seed and of the number of the
    step, so a run that is interrupted and continued draws what it would have drawn.

    Calling the model, or `predict`, generates: latents (batch, latent_dim), or [latents, labels], give images in [-1, 1].

        gan = ganlib.GAN(generator, discriminator, seed=0)
        gan.compile(g_optimizer=Adam(5e-4, 0.5), d_optimizer=Adam(5e-4, 0.5), loss="non_saturating")
        gan.fit(ganlib.data.batches(digits, batch_size=64, seed=0), epochs=10, steps_per_epoch=200)
    """

    def __init__(self, generator, discriminator, noise="normal", averaging=0.0, seed=0, **kwargs):
        """Puts two networks together.

        Args:
            generator: latents, or [latents, labels], to images.
            discriminator: images, or [images, labels], to logits (batch, 1).
            noise: distribution of the latents, "normal" (0, 1) or "uniform" on [-1, 1].
            averaging: momentum of a running average of the generator's weights, which then makes the pictures; 0 for
                none. Source: Yazici et al. 2019.
            seed: of all noise drawn in training.

        Raises:
            InputError: if the two networks do not fit together, or the noise is unknown.
        """
        super().__init__(**kwargs)
        if noise not in NOISES:
            raise unknown("noise", noise, NOISES)
        made, judged = generator.output_shape[1:], discriminator.inputs[0].shape[1:]
        if made != judged:
            raise InputError(
                f"the generator makes images of {made}, the discriminator judges {judged}; build both for one shape."
            )
        if len(generator.inputs) != len(discriminator.inputs):
            raise InputError("one of the two networks takes labels and the other does not; make both conditional, or neither.")
        self.generator, self.discriminator = generator, discriminator
        self.noise, self.averaging, self.seed = noise, averaging, seed
        self.conditional = len(generator.inputs) == 2
        self.latent_dim = generator.inputs[0].shape[-1]
        self.averaged_generator = keras.models.clone_model(generator) if averaging else generator
        self.averaged_generator.set_weights(generator.get_weights())
        self.seconds_waiting = 0.0  # for data, in `fit`
        self.pretraining = False  # while true, the generator stands still
        counter = dict(dtype="int64", trainable=False, aggregation="only_first_replica")  # all replicas count alike
        self.step = self.add_weight(shape=(), initializer="zeros", name="step", **counter)
        # The first step in which a player's loss was no number, discriminator first; -1 while there is none.
        self.first_bad_step = self.add_weight(
            shape=(2,), initializer=keras.initializers.Constant(-1), name="first_bad_step", **counter
        )
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        # Statistics of a batch are those of real images or of generated ones, never of a mixture.
        self._judge_apart = any(
            isinstance(layer, layers.BatchNormalization) for layer in discriminator._flatten_layers(include_self=False)
        )

        self.built = True  # both networks are

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing: Keras would fetch a batch here under a strategy, to build what is built already."""

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker]

    def compile(
        self,
        g_optimizer,
        d_optimizer,
        loss="non_saturating",
        real_label=1.0,
        fake_label=0.0,
        generator_label=1.0,
        d_steps=1,
        r1=0.0,
        gradient_penalty=0.0,
        weight_clipping=0.0,
        jit_compile=None,
        **kwargs,
    ):
        """Chooses how the two play.

        Two-sided label smoothing by 0.1 is real_label=0.95, fake_label=0.05; one-sided is real_label=0.9; soft labels,
        drawn anew for each example, are real_label=(0.7, 1.0), fake_label=(0.0, 0.3).

        Args:
            g_optimizer, d_optimizer: Keras optimizers, one for each player.
            loss: a name of ganlib.losses.LOSSES.
            real_label, fake_label: what the discriminator should answer, a number or a (low, high) range to draw from.
            generator_label: what the generator wants to hear.
            d_steps: discriminator steps on a batch for each generator step.
            r1: weight of the R1 penalty, which keeps the discriminator's slope at real images small; 0 for none.
            gradient_penalty: weight of the penalty for a slope other than 1 between real and generated images; 0 for none,
                10 with the Wasserstein loss.
            weight_clipping: largest weight that the discriminator may have, an older way to keep it flat; 0 for any.
            jit_compile: XLA; None means where a small step of that kind of network is faster with it on this device.
            **kwargs: for keras.Model.compile, such as steps_per_execution.
        """
        if jit_compile is None:
            convolutional = any(isinstance(layer, layers.Conv2D) for layer in self.discriminator._flatten_layers())
            alone = self.distribute_strategy.num_replicas_in_sync == 1  # XLA compiles for one device
            jit_compile = alone and not convolutional
        super().compile(optimizer=None, jit_compile=jit_compile, **kwargs)
        if "float16" in {layer.compute_dtype for layer in self.generator._flatten_layers()}:  # small gradients would be zero
            g_optimizer, d_optimizer = map(keras.optimizers.LossScaleOptimizer, (g_optimizer, d_optimizer))
        self.g_optimizer, self.d_optimizer = g_optimizer, d_optimizer
        self.loss_pair = losses.get(loss)
        self.real_label, self.fake_label, self.generator_label = real_label, fake_label, generator_label
        self.d_steps, self.r1 = d_steps, r1
        self.gradient_penalty, self.weight_clipping = gradient_penalty, weight_clipping
        g_optimizer.build(self.generator.trainable_variables)
        d_optimizer.build(self.discriminator.trainable_variables)

    def fit(self, x=None, **options):
        """As keras.Model.fit. Batches come shuffled, so Keras is told not to, and does not warn that it cannot."""
        return super().fit(x, **{"shuffle": False, **options})

    def make_train_function(self, force=False):
        """As Keras does, but the graph runs any number of steps without being traced anew, and clocks the wait for data."""
        if self.train_function is not None and not force:
            return
        strategy = self.distribute_strategy

        def step(batch):
            logs = strategy.run(self.train_step, args=(batch,))
            return {name: strategy.reduce("MEAN", value, axis=None) for name, value in logs.items()}

        if not self.run_eagerly:
            step = tf.function(step, jit_compile=self.jit_compile)

        def train(iterator, num_steps):
            waiting, logs = tf.constant(0.0, "float64"), {tracker.name: tf.constant(0.0) for tracker in self.metrics}
            for _ in tf.range(num_steps):
                start = tf.timestamp()
                with tf.control_dependencies([start]):
                    batch = next(iterator)
                with tf.control_dependencies(tf.nest.flatten(batch, expand_composites=True)):
                    waiting += tf.timestamp() - start
                logs = step(batch)
            return logs, waiting

        if not self.run_eagerly and strategy.cluster_resolver is None:  # several workers would wait for each other forever
            train = tf.function(train, reduce_retracing=True)

        def train_function(iterator):
            logs, waiting = train(iterator, tf.constant(self.steps_per_execution))
            self.seconds_waiting += waiting
            return logs

        self.train_function = train_function

    def call(self, inputs, training=False):
        return self.averaged_generator(inputs, training=training)

    def train_step(self, batch):
        """Lets the discriminator take its steps, then the generator one; returns both mean losses.

        The generator answers for the images that the discriminator has seen last: they are made once for both players.
        """
        images, labels = batch if isinstance(batch, tuple) else (batch, None)
        if self.conditional and labels is None:
            raise InputError("these networks take labels, but the batches hold images alone; expected (images, labels).")
        images, labels = to_float(images), ops.convert_to_tensor(labels) if self.conditional else None

        for turn in range(self.d_steps):
            with tf.GradientTape(watch_accessed_variables=False) as g_tape:
                g_tape.watch(_values(self.generator))
                fakes = self.generate(ops.shape(images)[0], labels, turn)
            with tf.GradientTape(watch_accessed_variables=False) as d_tape:
                d_tape.watch(_values(self.discriminator))
                d_loss = ops.mean(self.discriminator_loss(images, tf.stop_gradient(fakes), labels, turn))
                d_total = d_loss
                if self.r1:
                    d_total += ops.mean(self.r1_penalty(images, labels))
                if self.gradient_penalty:
                    d_total += ops.mean(self.slope_penalty(images, tf.stop_gradient(fakes), labels, turn))
            self._update(self.discriminator, self.d_optimizer, self.d_loss_tracker, d_tape, d_loss, d_total)
            if self.weight_clipping:
                for variable in self.discriminator.trainable_variables:
                    variable.assign(ops.clip(variable, -self.weight_clipping, self.weight_clipping))
        if not self.pretraining:
            with g_tape:  # which has recorded how the images were made
                g_loss = ops.mean(self.generator_loss(fakes, labels))
            self._update(self.generator, self.g_optimizer, self.g_loss_tracker, g_tape, g_loss, g_loss)
            if self.averaging:
                self._average_generator()
        self.step.assign_add(1)
        return {tracker.name: tracker.result() for tracker in self.metrics}

    def _update(self, network, optimizer, tracker, tape, loss, total):
        # What is shown is the loss of the game, without penalties; what is made small is the total.
        # Keras sums the gradients of all replicas, and the mean over the global batch is wanted.
        scale = optimizer.scale_loss(ops.ones(())) / tf.distribute.get_strategy().num_replicas_in_sync
        gradients = tape.gradient(total, _values(network), scale)
        # A penalty has no gradient in the biases. Without being told, TensorFlow 2.21 may let their update overtake it.
        with tf.control_dependencies([total]):
            optimizer.apply(gradients, network.trainable_variables)
        tracker.update_state(loss)
        player = int(network is self.generator)
        is_bad = ops.logical_and(ops.logical_not(ops.isfinite(total)), self.first_bad_step[player] < 0)
        self.first_bad_step.assign(ops.where(ops.logical_and(is_bad, ops.arange(2) == player), self.step, self.first_bad_step))

    def discriminator_loss(self, images, fakes, labels, turn):
        """Returns the discriminator's loss per example, (batch, 1), on real images and as many generated ones."""
        if self._judge_apart:
            real_logits, fake_logits = self._judge(images, labels), self._judge(fakes, labels)
        else:  # one pass over both is the same sum, and faster
            both = None if labels is None else ops.concatenate([labels, labels])
            logits = self._judge(ops.concatenate([images, fakes]), both)
            real_logits, fake_logits = ops.split(logits, 2)
        real_label = self._draw_label(self.real_label, (ops.shape(real_logits)[0], 1), turn, 1)
        fake_label = self._draw_label(self.fake_label, (ops.shape(fake_logits)[0], 1), turn, 2)
        return self.loss_pair.discriminator(real_logits, fake_logits, real_label, fake_label)

    def r1_penalty(self, images, labels):
        """Returns r1 / 2 times the squared length of D's gradient at real images, (count,): at every fourth, to save time.

        Source: Mescheder et al. 2018, equation 9.
        """
        images, labels = images[::R1_STRIDE], None if labels is None else labels[::R1_STRIDE]
        return 0.5 * self.r1 * self._squared_slopes(images, labels)

    def slope_penalty(self, images, fakes, labels, turn):
        """Returns gradient_penalty times (|D's gradient| - 1) squared, (batch,), at points between real and generated images.

        Source: Gulrajani et al. 2017, equation 3.
        """
        share = self._draw(tf.random.stateless_uniform, (ops.shape(images)[0], 1, 1, 1), turn, 3)
        squared = self._squared_slopes(fakes + share * (images - fakes), labels)
        return self.gradient_penalty * ops.square(ops.sqrt(squared + 1e-12) - 1.0)  # the root has no slope at zero

    def _squared_slopes(self, images, labels):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            logits = ops.sum(self._judge(images, labels))
        return ops.sum(ops.square(tape.gradient(logits, images)), axis=(1, 2, 3))

    def generator_loss(self, fakes, labels):
        """Returns the generator's loss per example, (batch, 1), on generated images."""
        return self.loss_pair.generator(self._judge(fakes, labels), self.generator_label)

    def generate(self, count, labels, turn):
        """Returns `count` images made in training mode from the latents of this step and turn."""
        latents = self.draw_latents((count, self.latent_dim), turn)
        return self.generator(latents if labels is None else [latents, labels], training=True)

    def draw_latents(self, shape, turn=0):
        """Returns the latents of this step and turn, float32."""
        if self.noise == "normal":
            return self._draw(tf.random.stateless_normal, shape, turn, 0)
        return self._draw(tf.random.stateless_uniform, shape, turn, 0, minval=-1.0, maxval=1.0)

    def _judge(self, images, labels):
        return self.discriminator(images if labels is None else [images, labels], training=True)

    def _draw_label(self, label, shape, turn, stream):
        if not isinstance(label, (tuple, list)):
            return label
        low, high = label
        return self._draw(tf.random.stateless_uniform, shape, turn, stream, minval=low, maxval=high)

    def _draw(self, distribution, shape, turn, stream, **options):
        # Two 64-bit words are what TensorFlow's counter-based generators take; 64 draws a step are more than any use.
        # From one seed, a step compiled by XLA draws other numbers than one that is not.
        seed = ops.stack([ops.convert_to_tensor(self.seed, "int64"), self.step.value * 64 + turn * 4 + stream])
        replicas = tf.distribute.get_replica_context()
        if replicas is None or replicas.num_replicas_in_sync == 1:
            return distribution(shape, seed, **options)
        # Every replica draws for the global batch and takes its part: what one device draws, several draw too.
        count = shape[0]
        drawn = distribution((count * replicas.num_replicas_in_sync, *shape[1:]), seed, **options)
        return drawn[replicas.replica_id_in_sync_group * count :][:count]

    def _average_generator(self):
        step = ops.cast(self.step, "float32")
        momentum = ops.minimum(self.averaging, (1.0 + step) / (10.0 + step))  # a short memory at first: starts are bad
        for average, variable in zip(self.averaged_generator.variables, self.generator.variables, strict=True):
            if "float" in average.dtype:
                average.assign(variable + momentum * (average - variable))
