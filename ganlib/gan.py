"""The game between two networks, as a Keras model: all training arithmetic is here."""

import contextlib

import keras
import tensorflow as tf
from keras import ops

from ganlib import losses
from ganlib.checks import check_fit, check_networks, check_optimizers, check_rules
from ganlib.errors import InputError, check_name, check_number, check_seed
from ganlib.images import to_float
from ganlib.networks import conditional, statistics
from ganlib.sampling import NOISES

MOST_D_STEPS = 16  # `GAN._draw` has that many numbers for the turns of a step


@keras.saving.register_keras_serializable("ganlib")
class GAN(keras.Model):
    """A generator and a discriminator that learn from each other under `fit`.

    A batch is `images`, or `(images, labels)` for conditional networks: (batch, height, width,
    channels) uint8, or float32 in [-1, 1], and (batch,) int. All randomness in a step is a function
    of the seed and of the number of the step, so a run that is interrupted and continued draws what
    it would have drawn.

    Calling the model generates: latents, or [latents, labels], give images in [-1, 1].

        gan = ganlib.GAN(generator, discriminator, seed=0)
        gan.compile(g_optimizer=Adam(5e-4, 0.5), d_optimizer=Adam(5e-4, 0.5))
        gan.fit(ganlib.data.batches(digits, batch_size=64, seed=0), epochs=10, steps_per_epoch=200)
    """

    def __init__(self, generator, discriminator, noise="normal", averaging=0.0, seed=0, d_steps=1,
                 **kwargs):
        """Puts two networks together.

        Args:
            generator: latents (batch, n), or [latents, labels], to images.
            discriminator: images, or [images, labels], to logits (batch, 1).
            noise: distribution of the latents, "normal" (0, 1) or "uniform" on [-1, 1].
            averaging: momentum of a running average of the generator's weights, which then makes
                the pictures, below 1; 0 for none. Source: Yazici et al. 2019.
            seed: of all noise drawn in training.
            d_steps: discriminator steps for each generator step, 1 to MOST_D_STEPS.

        Raises:
            InputError: if the networks do not fit together, or an argument is out of range.
        """
        super().__init__(**kwargs)
        check_name("noise", noise, NOISES)
        check_number("averaging", averaging, 0, 0.999999, whole=False)
        check_networks(generator, discriminator, averaging)
        check_number("d_steps", d_steps, 1, MOST_D_STEPS)
        check_seed(seed)
        self.generator, self.discriminator = generator, discriminator
        self.noise, self.averaging, self.seed, self.d_steps = noise, averaging, seed, d_steps
        self.conditional = len(generator.inputs) == 2
        self.latent_dim = generator.inputs[0].shape[-1]
        embedding = conditional.class_embedding(generator)
        self.num_classes = embedding.input_dim if embedding else 0
        self.averaged_generator = keras.models.clone_model(generator) if averaging else generator
        self.averaged_generator.set_weights(generator.get_weights())
        self.pretraining = False  # while true, the generator stands still
        self.step = self._counter("step", 0)
        # The first step in which a player's loss was not finite; -1 while there is none.
        self.d_bad_step, self.g_bad_step = self._counter("d_bad_step"), self._counter("g_bad_step")
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")
        self.convolutional = any(len(v.shape) == 4 for v in discriminator.trainable_variables)
        # Statistics of a batch (floats that no gradient moves) are those of real images or of
        # generated ones, never of a mixture.
        self.judges_apart = any("float" in v.dtype for v in discriminator.non_trainable_variables)
        self.built = True  # both networks are

    def _counter(self, name, start=-1):
        constant = keras.initializers.Constant(start)
        return self.add_weight(shape=(), initializer=constant, dtype="int64", trainable=False,
                               aggregation="only_first_replica", name=name)  # all count alike

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing. Keras would build again what is built, and fail with several workers."""

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker]

    def compile(self, g_optimizer, d_optimizer, loss="non_saturating", real_label=1.0,
                fake_label=0.0, generator_label=1.0, penalties=(), jit_compile=None, **kwargs):
        """Chooses how the two play.

        Label smoothing by 0.1 is real_label=0.95, fake_label=0.05, or real_label=0.9 on one side.
        Soft labels, drawn anew for each example, are real_label=(0.7, 1.0), fake_label=(0.0, 0.3).

        Args:
            g_optimizer, d_optimizer: Keras optimizers or their names, one for each player.
            loss: a name in ganlib.losses.LOSSES, or a ganlib.losses.Loss.
            real_label, fake_label: what the discriminator should answer, a number or a (low, high)
                range to draw from.
            generator_label: the answer that the generator wants.
            penalties: pairs of a weight and a function such as ganlib.losses.r1_penalty, which
                are added to the discriminator's loss; a weight of 0 leaves it out.
            jit_compile: whether XLA compiles a step. None means yes for dense networks on one
                device, and otherwise no; for convolutions the gain depends on the machine.
            **kwargs: for keras.Model.compile, such as steps_per_execution.
        """
        check_rules((real_label, fake_label, generator_label), penalties, kwargs)
        g_optimizer, d_optimizer = check_optimizers(self.generator, self.discriminator,
                                                    g_optimizer, d_optimizer)
        if jit_compile is None:
            replicas = self.distribute_strategy.num_replicas_in_sync
            jit_compile = replicas == 1 and not self.convolutional
        super().compile(optimizer=None, jit_compile=jit_compile, **kwargs)
        if any(layer.compute_dtype == "float16" for layer in self.generator.layers):
            scaled = keras.optimizers.LossScaleOptimizer  # else small gradients would become zero
            g_optimizer, d_optimizer = scaled(g_optimizer), scaled(d_optimizer)
        self.g_optimizer, self.d_optimizer = g_optimizer, d_optimizer
        self.loss_pair = losses.get(loss)
        self.penalties = [(weight, penalty) for weight, penalty in penalties if weight]
        self.real_label, self.fake_label = real_label, fake_label
        self.generator_label = generator_label
        g_optimizer.build(self.generator.trainable_variables)
        d_optimizer.build(self.discriminator.trainable_variables)

    def fit(self, x=None, y=None, check=True, settle=True, **options):
        """Like keras.Model.fit, but without shuffling, since batches come shuffled.

        Args:
            x: batches of images, or of (images, labels): a tf.data.Dataset or PyDataset; or arrays.
            y: labels, if x is an array of images.
            check, settle: whether to look at the data before training, and to end with `settle`.

        Raises:
            InputError: if these networks cannot be trained on that.
        """
        if isinstance(x, (tuple, list)) and y is None and len(x) == 2:
            x, y = x
        if check:
            shape = self.discriminator.inputs[0].shape[1:]
            check_fit(x if y is None else (x, y), options, shape, self.num_classes)
        history = super().fit(x, y, **{"shuffle": False, **options})
        if settle:
            self.settle()
        return history

    def settle(self):
        """Gives an averaged generator batch statistics of its own, as `statistics.settle` does."""
        if self.averaging:
            statistics.settle(self.averaged_generator, self.noise, self.num_classes)

    def call(self, inputs, training=False):
        return self.averaged_generator(inputs, training=training)

    def get_config(self):
        own = {name: getattr(self, name) for name in ("noise", "averaging", "seed", "d_steps")}
        for name in ("generator", "discriminator"):
            own[name] = keras.saving.serialize_keras_object(getattr(self, name))
        return super().get_config() | own

    @classmethod
    def from_config(cls, config):
        for name in ("generator", "discriminator"):
            config[name] = keras.saving.deserialize_keras_object(config[name])
        return cls(**config)

    def get_compile_config(self):
        return None

    def train_step(self, batch):
        """Lets the discriminator take its steps, then the generator one; returns both mean losses.

        The generator is judged on the images that the discriminator has seen last.
        """
        images, labels = self._unpack(batch)
        count = ops.shape(images)[0]
        for turn in range(self.d_steps):
            with _recording(self.generator) as g_tape:
                fakes = self.generate(count, labels, turn)
            with _recording(self.discriminator) as d_tape:
                shown = tf.stop_gradient(fakes)
                logits = self.judge_both(images, shown, labels)
                d_loss = ops.mean(self.loss_pair.discriminator(*logits, *self._wanted(count, turn)))
                d_total = d_loss
                for weight, penalty in self.penalties:
                    share = self._draw(tf.random.stateless_uniform, (count, 1, 1, 1), turn, 3)
                    d_total += weight * ops.mean(penalty(self.judge, images, shown, labels, share))
            self._update(self.discriminator, self.d_optimizer, d_tape, d_total)
            self._record(self.d_loss_tracker, d_loss, self.d_bad_step, d_total)
        if not self.pretraining:
            with g_tape:  # which has recorded how the images were made
                real_logits = self.judge(images, labels) if self.loss_pair.relativistic else None
                fake_logits = self.judge(fakes, labels)
                answers = self.loss_pair.generator(real_logits, fake_logits, self.generator_label)
                g_loss = ops.mean(answers)
            self._update(self.generator, self.g_optimizer, g_tape, g_loss)
            self._record(self.g_loss_tracker, g_loss, self.g_bad_step, g_loss)
            if self.averaging:
                self._average_generator()
        self.step.assign_add(1)
        return self._logs()

    def judge(self, images, labels):
        """Returns the discriminator's logits (batch, 1) in training mode."""
        return self.discriminator(images if labels is None else [images, labels], training=True)

    def judge_both(self, images, fakes, labels):
        """Returns the logits of real and of as many generated images, a pair of (batch, 1)."""
        if self.judges_apart:
            return self.judge(images, labels), self.judge(fakes, labels)
        # One pass over both gives the same result, and faster.
        labels = None if labels is None else ops.concatenate([labels, labels])
        return ops.split(self.judge(ops.concatenate([images, fakes]), labels), 2)

    def generate(self, count, labels, turn):
        """Returns `count` images made in training mode from the latents of this step and turn."""
        latents = self.draw_latents((count, self.latent_dim), turn)
        return self.generator(latents if labels is None else [latents, labels], training=True)

    def draw_latents(self, shape, turn=0):
        """Returns the latents of this step and turn, float32."""
        if self.noise == "normal":
            return self._draw(tf.random.stateless_normal, shape, turn, 0)
        return self._draw(tf.random.stateless_uniform, shape, turn, 0, minval=-1.0, maxval=1.0)

    def _unpack(self, batch):
        images, labels = batch if isinstance(batch, tuple) else (batch, None)
        if not self.conditional:
            return to_float(images), None
        if labels is None:
            raise InputError("these networks take labels, but the batches hold images alone; "
                             "expected (images, labels).")
        return to_float(images), ops.convert_to_tensor(labels)

    def _wanted(self, count, turn):
        """Returns the answers that D should give to real and to generated images, a pair."""
        answers = []
        for stream, label in enumerate((self.real_label, self.fake_label), start=1):
            if isinstance(label, (tuple, list)):  # soft: drawn for each example
                low, high = label
                uniform = tf.random.stateless_uniform
                label = self._draw(uniform, (count, 1), turn, stream, minval=low, maxval=high)
            answers.append(label)
        return answers

    def _draw(self, distribution, shape, turn, stream, **options):
        # A step has 64 draws, four streams for each turn. Philox is TensorFlow's own choice; XLA
        # would choose one that is slow on processors, and draws other numbers from it.
        number = self.step.value * 64 + turn * 4 + stream
        seed = ops.stack([ops.convert_to_tensor(self.seed, "int64"), number])
        options["alg"] = "philox"
        replicas = tf.distribute.get_replica_context()
        if replicas is None or replicas.num_replicas_in_sync == 1:
            return distribution(shape, seed, **options)
        # Every replica draws for the global batch and takes its part, as one device would draw.
        count = shape[0]
        drawn = distribution((count * replicas.num_replicas_in_sync, *shape[1:]), seed, **options)
        return drawn[replicas.replica_id_in_sync_group * count :][:count]

    def _update(self, network, optimizer, tape, total):
        # Keras sums the gradients of all replicas, and the mean over the global batch is wanted.
        scale = optimizer.scale_loss(ops.ones(())) / self.distribute_strategy.num_replicas_in_sync
        gradients = tape.gradient(total, _values(network), scale)
        # A penalty has no gradient in the biases. Unless it is told otherwise, TensorFlow 2.21 may
        # let their update overtake it.
        with tf.control_dependencies([total]):
            optimizer.apply(gradients, network.trainable_variables)

    def _record(self, tracker, loss, bad_step, total):
        # What is shown is the loss of the game without penalties; what must be finite is the total.
        tracker.update_state(loss)
        is_first = ops.logical_and(ops.logical_not(ops.isfinite(total)), bad_step < 0)
        bad_step.assign(ops.where(is_first, self.step, bad_step))

    def _logs(self):
        # Keras takes the mean over the first axis of what several workers return.
        shape = (1,) if self.distribute_strategy.cluster_resolver else ()
        return {each.name: ops.reshape(each.result(), shape) for each in self.metrics}

    def _average_generator(self):
        # A short memory at first. Only the generator's own steps count, this one included.
        steps = ops.cast(self.g_optimizer.iterations, "float32")
        momentum = ops.minimum(self.averaging, steps / (9.0 + steps))
        pairs = zip(self.averaged_generator.variables, self.generator.variables, strict=True)
        for average, variable in pairs:
            if "float" in average.dtype:
                average.assign(variable + momentum * (average - variable))


def _values(network):
    return [variable.value for variable in network.trainable_variables]


@contextlib.contextmanager
def _recording(network):
    """Yields a tape that watches the weights of one network and nothing else."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(_values(network))
        yield tape
