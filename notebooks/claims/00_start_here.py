"""What 00_start_here says about its results."""

import imageio.v3 as imageio


def neighbours_alike(images):
    pixels = np.asarray(images)[..., 0]
    return np.corrcoef(pixels[:, :, :-1].ravel(), pixels[:, :, 1:].ravel())[0, 1]


def grain(images):
    """What a 3 by 3 mean takes away from the pixels."""
    pixels = np.asarray(images)[..., 0]
    rows = pixels[:, :-2] + pixels[:, 1:-1] + pixels[:, 2:]
    smooth = (rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]) / 9
    return np.abs(pixels[:, 1:-1, 1:-1] - smooth).mean()


alike = neighbours_alike(before)
claim("neighbouring pixels have nothing to do with each other", abs(alike) < 0.05,
      before=alike, real=neighbours_alike(digits.images))
claim('"Healthy by its losses" means that neither player has won',
      run.diagnose() == "healthy by its losses")

size, gap = digits.image_shape[0], 2
frames = []
for path in sorted(film.glob("step_*.png")):
    grid = imageio.imread(path)
    corners = [(row * (size + gap), column * (size + gap)) for row in range(6) for column in range(10)]
    frames.append(np.stack([grid[y : y + size, x : x + size] for y, x in corners]))
frames = np.stack(frames).astype("float32")
middle = frames[:, :, 4:-4, 7:-7].mean(axis=(1, 2, 3)) - frames.mean(axis=(1, 2, 3))
claim("The first frame is the noise from above.", np.array_equal(frames[0], ganlib.images.to_uint8(before)[..., 0]))
claim("the bright pixels have moved to the middle, where digits are",
      abs(middle[0]) < 5 and middle[1] > 20, first=middle[0], second=middle[1])
labels = [digits.labels[ganlib.metrics.nearest(frames[k], digits.images.astype("float32"))[0]]
          for k in (len(frames) // 2, -1)]
changed = int(np.sum(labels[0] != labels[1]))
claim("As a rule, some positions still turn from one digit into another in the second half of the film.",
      3 <= changed <= 45, changed=changed)
speckles = [grain(each) for each in (run.sample(200), real)]
claim("it is the grain: gray speckles in and around the strokes, where real digits are smooth",
      speckles[0] > 1.3 * speckles[1], generated=speckles[0], real=speckles[1])
claim("Neither goes to zero, and neither should.",
      min(min(row["d_loss"], row["g_loss"]) for row in run.history) > 0.3)
claim("D is better than guessing, and G still has something to learn.",
      run.history[-1]["d_loss"] < 0.66 < 0.75 < run.history[-1]["g_loss"], **run.history[-1])
claim("All latents lie near a shell of radius", 7 < lengths.min() and lengths.max() < 13 and
      abs(lengths.mean() - 10) < 0.3, mean=lengths.mean())
claim("Halfway between two of them, half the variance is gone:",
      abs(halfway.mean() ** 2 / lengths.mean() ** 2 - 0.5) < 0.05)
jumps = {}
for name, gan in (("trained", run.gan), ("untrained", untrained)):
    images = gan.predict(ways, verbose=0).reshape(PAIRS, FRAMES, -1)
    steps = np.linalg.norm(np.diff(images, axis=1), axis=-1)
    jumps[name] = (steps.max(axis=1) / steps.sum(axis=1)).max()
claim("No walk jumps", jumps["trained"] < 0.5, largest=jumps["trained"])
claim("an untrained G is smooth as well", jumps["untrained"] < 0.5, largest=jumps["untrained"])
images = run.gan.predict(ways, verbose=0).reshape(PAIRS, FRAMES, -1)
faded = (images[:, 0] + images[:, -1]) / 2
inside = (images[:, FRAMES // 2 - 1] + 1).max(axis=1) / 2
strokes = [np.mean(np.sort(each, axis=1)[:, -100:]) for each in (images[:, FRAMES // 2], faded)]
claim("On the way along the shell the strokes stay brighter", strokes[0] > strokes[1] + 0.1,
      shell=strokes[0], faded=strokes[1])
straight = run.gan.predict((firsts + seconds) / 2, verbose=0).reshape(PAIRS, -1)
round_ = run.gan.predict(np.stack([between(*ends, 0.5) for ends in zip(firsts, seconds)]), verbose=0).reshape(PAIRS, -1)
apart = np.linalg.norm(straight - round_, axis=1).mean()
far = np.linalg.norm(images[:, 0] - images[:, -1], axis=1).mean()
claim("On the straight line the images are hardly different here", apart < 0.35 * far, apart=apart, ends=far)
calm = run.gan.predict(0.4 * latents, verbose=0).std(axis=0).mean()
usual = run.gan.predict(latents, verbose=0).std(axis=0).mean()
claim("The digits become more alike.", calm < 0.9 * usual, calm=calm, usual=usual)
single, moved = [], []
for number in range(6):
    unit = np.eye(len(latents[0]), dtype="float32")[number]
    for store, way in ((single, unit), (moved, explorer.space.directions[number])):
        pair = run.gan.predict(np.concatenate([latents[:50] - way, latents[:50] + way]), verbose=0)
        store.append(np.abs(pair[:50] - pair[50:]).mean())
claim("sums of many latent numbers and do more", np.mean(moved) > 1.3 * np.mean(single),
      single=np.mean(single), directions=np.mean(moved))
